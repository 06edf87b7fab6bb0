// SPDX-License-Identifier: Apache-2.0
// A chart's legend: marks with their texts, in lines no wider than the chart.
#pragma once

#include <string>
#include <string_view>

namespace assay {

class Svg;

class ChartLegend {
 public:
  static constexpr double kLine = 18;  // pixels from one line's baseline to the next

  /// `gap`: pixels between entries. `css`: of their texts.
  ChartLegend(Svg& out, double width, double gap, std::string_view css)
      : out_(out), width_(width), gap_(gap), css_(css) {}

  /// Writes the text `room` pixels behind where its mark begins, which it returns; y() is that of its line.
  double next(const std::string& text, double room);
  double y() const { return y_; }  // baseline

 private:
  Svg& out_;
  double width_, gap_;
  std::string_view css_;
  double x_ = 0, y_ = 12;
};

}  // namespace assay
