// SPDX-License-Identifier: Apache-2.0
#include "reports/svg.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/escape.h"

namespace assay {

std::string_view chart_css() {
  return R"css(.chart{font:12px system-ui,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
.c-ink{fill:#1c2430}.c-muted{fill:#5d6878}.c-strong{fill:#1c2430;font-weight:600}.c-in{fill:#fff}
.c-halo{fill:#1c2430;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.c-grid{stroke:#e3e7ed}.c-axis{stroke:#aab3c0}.c-leader{stroke:#aab3c0;stroke-width:.8}
.c-whisker{stroke:#1c2430;stroke-width:1.4}.c-ceiling{stroke:#c0262d;stroke-width:2.2}
.c-back{stroke:#fff;stroke-width:5}.c-roof{stroke:#1c2430;stroke-width:2;fill:none}
.c-sold{stroke:#7b8798;stroke-width:1.5;stroke-dasharray:6 4;fill:none}
.c-0{fill:#2f5fb3}.c-1{fill:#b7501a}.c-2{fill:#2b7a4b}.c-3{fill:#8a3b8f}.c-4{fill:#1f7a8c}
.c-5{fill:#a33a3a}.c-6{fill:#7a5c1e}.c-7{fill:#5b4fb0}.c-8{fill:#9c4a73}.c-9{fill:#4f6d2a}.c-other{fill:#6b7280}
.c-mark{stroke:#fff;stroke-width:1.2}.c-open{fill:none}
.c-band{fill:#dfe6f0}.c-one{stroke:#1c2430;stroke-width:1.2}.c-hollow{fill:#fff;stroke:#1c2430;stroke-width:1.4}
.l-0{stroke:#2f5fb3}.l-1{stroke:#b7501a}.l-2{stroke:#2b7a4b}.l-3{stroke:#8a3b8f}.l-4{stroke:#1f7a8c}
.l-5{stroke:#a33a3a}.l-6{stroke:#7a5c1e}.l-7{stroke:#5b4fb0}.l-8{stroke:#9c4a73}.l-9{stroke:#4f6d2a}
.c-pale{fill-opacity:.3;stroke-width:1.4}
.c-curve{fill:none;stroke-width:1.8}.c-odd{fill-opacity:.5}.d-1{stroke-dasharray:7 4}.d-2{stroke-dasharray:2 3}
.d-3{stroke-dasharray:9 3 2 3}.d-4{stroke-dasharray:14 4}.d-5{stroke-dasharray:4 2}
@media screen and (prefers-color-scheme:dark){.c-ink{fill:#e6eaf0}.c-muted{fill:#9aa5b4}.c-strong{fill:#e6eaf0}.c-in{fill:#12161c}
.c-halo{fill:#e6eaf0;stroke:#161b22}
.c-grid{stroke:#2a313c}.c-axis{stroke:#5a6676}.c-leader{stroke:#5a6676}
.c-whisker{stroke:#e6eaf0}.c-ceiling{stroke:#ff7b80}.c-back{stroke:#161b22}.c-roof{stroke:#e6eaf0}.c-sold{stroke:#8b96a6}
.c-0{fill:#7fa8f0}.c-1{fill:#f0a065}.c-2{fill:#6fcf97}.c-3{fill:#d08bd6}.c-4{fill:#6cc6d6}
.c-5{fill:#f08a8a}.c-6{fill:#d8b45a}.c-7{fill:#a79cf2}.c-8{fill:#e39abf}.c-9{fill:#a9cf72}.c-other{fill:#9aa3af}
.c-mark{stroke:#161b22}.c-band{fill:#2a3342}.c-one{stroke:#e6eaf0}.c-hollow{fill:#161b22;stroke:#e6eaf0}
.l-0{stroke:#7fa8f0}.l-1{stroke:#f0a065}.l-2{stroke:#6fcf97}.l-3{stroke:#d08bd6}.l-4{stroke:#6cc6d6}
.l-5{stroke:#f08a8a}.l-6{stroke:#d8b45a}.l-7{stroke:#a79cf2}.l-8{stroke:#e39abf}.l-9{stroke:#a9cf72}}
)css";
}

double text_width(std::string_view text, double font_px) {
  double em = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) continue;  // the rest of a UTF-8 character
    em += std::string_view("ijl.,:;|'!I ()[]/").find(c) != std::string_view::npos ? 0.34
          : c == 'm' || c == 'w' || c == 'M' || c == 'W' || c == '%'              ? 0.9
                                                                                  : 0.59;
  }
  return em * font_px;
}

std::string shortened(std::string text, double width, double font_px) {
  if (text_width(text, font_px) <= width) return text;
  const auto is_tail = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
  };
  std::size_t left = text.size() / 2, right = left;
  while (left > 0 && right < text.size() &&
         text_width(text.substr(0, left) + "..." + text.substr(right), font_px) > width) {
    do --left;
    while (left > 0 && is_tail(left));
    do ++right;
    while (is_tail(right));
  }
  while (left > 0 && is_tail(left)) --left;
  while (is_tail(right)) ++right;
  return text.substr(0, left) + "\xe2\x80\xa6" + text.substr(right);
}

namespace {

constexpr double kTall = 1.3;  // times its width, from which on a chart gets a page's height on paper

}  // namespace

Svg::Svg(std::string_view id, double width, double height, std::string_view title,
         std::string_view description)
    : body_(fmt::format(
          R"(<svg xmlns="http://www.w3.org/2000/svg" class="chart{6}" viewBox="0 0 {0:.0f} {1:.0f}" )"
          R"(width="{0:.0f}" height="{1:.0f}" style="min-width:{5:.0f}px" role="img" )"
          R"(aria-labelledby="{2}-t {2}-d">)"
          "\n<title id=\"{2}-t\">{3}</title><desc id=\"{2}-d\">{4}</desc>\n",
          width, height, id, escape_html(title), escape_html(description), width * kSmallest / kFont,
          height > kTall * width ? " tall" : "")) {}

void Svg::rect(double x, double y, double width, double height, std::string_view css, std::string_view tip) {
  body_ += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}")", x, y,
                       width, height, css);
  body_ += tip.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", escape_html(tip));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view css) {
  body_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>)", x1, y1, x2,
                       y2, css) +
           "\n";
}

void Svg::path(std::string_view d, std::string_view css, std::string_view tip) {
  body_ += fmt::format(R"(<path d="{}" class="{}")", d, css);
  body_ += tip.empty() ? "/>\n" : fmt::format("><title>{}</title></path>\n", escape_html(tip));
}

void Svg::image(double width, double height, std::string_view jpeg_base64) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '/' || c == '=';
  };
  if (!std::ranges::all_of(jpeg_base64, is_digit)) return;
  body_ += fmt::format(
      "<image width=\"{:.1f}\" height=\"{:.1f}\" preserveAspectRatio=\"none\" "
      "href=\"data:image/jpeg;base64,{}\"/>\n",
      width, height, jpeg_base64);
}

void Svg::text(double x, double y, std::string_view text, std::string_view css, std::string_view anchor) {
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}")", x, y, css);
  if (anchor != "start") body_ += fmt::format(R"( text-anchor="{}")", anchor);
  body_ += fmt::format(">{}</text>\n", escape_html(text));
}

std::string standalone(std::string svg) {
  const std::size_t end = svg.find('>') + 1;
  svg.insert(end,
             fmt::format("\n<style>.chart{{background:#fff}}\n{}@media screen and (prefers-color-scheme:dark)"
                         "{{.chart{{background:#161b22}}}}</style>",
                         chart_css()));
  return svg;
}

}  // namespace assay
