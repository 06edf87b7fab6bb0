// SPDX-License-Identifier: Apache-2.0
// A small writer of SVG. Colours stand in chart_css() alone, by class, so that a chart follows the reader's
// light or dark setting both inside an HTML report and as a file of its own.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// Classes: c-ink, c-muted, c-strong (text), c-grid, c-axis, c-one, c-ceiling, c-whisker, c-curve (lines),
/// c-0 ... c-9, c-other, c-band, c-hollow, c-odd (fills), c-pale (of a fill and its stroke), l-0 ... l-9
/// (strokes), d-1 ... d-5 (dashes), c-in
/// (text on a fill), c-halo (text over lines).
std::string_view chart_css();

/// Width of text in pixels, estimated for a sans-serif font: layouts must hold with any.
double text_width(std::string_view text, double font_px);
/// At most `width` pixels of it, with an ellipsis in the middle.
std::string shortened(std::string text, double width, double font_px);

class Svg {
 public:
  static constexpr double kFont = 12;      // pixels
  static constexpr double kSmallest = 11;  // that text may shrink to; below that the chart scrolls in its box

  /// `id` makes the ids of title and description unique in a document.
  Svg(std::string_view id, double width, double height, std::string_view title, std::string_view description);
  void rect(double x, double y, double width, double height, std::string_view css, std::string_view tip = {});
  void line(double x1, double y1, double x2, double y2, std::string_view css);
  void path(std::string_view d, std::string_view css, std::string_view tip = {});
  /// `anchor`: start, middle, end. `y` is the baseline.
  void text(double x, double y, std::string_view text, std::string_view css,
            std::string_view anchor = "start");
  /// A JPEG inside the file. Text that is no base64 is left out.
  void image(double width, double height, std::string_view jpeg_base64);
  std::string str() const { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

/// A chart as a file of its own, with the colours it needs.
std::string standalone(std::string svg);

}  // namespace assay
