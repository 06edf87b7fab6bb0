// SPDX-License-Identifier: Apache-2.0
// From values to pixels, and round numbers along the way that have room for their texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The least and the largest of some values; those that are not finite, and on a logarithmic axis those that
/// are not above 0, are none.
struct ChartRange {
  double low = 0, high = 0;
  bool empty = true;
  bool logarithmic = false;

  bool takes(double value) const;
  void hold(double value);
};

class ChartAxis {
 public:
  struct Tick {
    double at;  // pixels
    std::string text;
    double text_at;  // its middle: near an edge of the chart it is moved inwards
  };

  /// With a little room at both ends; never narrower than what three digits tell apart.
  static ChartAxis around(const ChartRange& range, double from, double to);
  /// From 0, with room at the far end.
  static ChartAxis from_zero(const ChartRange& range, double from, double to);
  /// From one round number (1, 2 or 5 times a power of ten) to another.
  static ChartAxis logarithmic(const ChartRange& range, double from, double to);

  double at(double value) const;   // pixels, at most an end's
  bool holds(double value) const;  // false for what is not finite
  /// `width` of the whole chart, which texts below a level axis keep inside of.
  std::vector<Tick> ticks(std::string_view unit, double width) const;

 private:
  ChartAxis(double low, double high, bool logarithmic, double from, double to);
  double share(double value) const;
  bool upright() const { return to_ < from_; }  // pixels count downwards
  std::vector<Tick> ticks_at(const std::vector<double>& values, std::string_view unit, double width) const;
  std::vector<Tick> logarithmic_ticks(std::string_view unit, double width) const;
  std::vector<Tick> even_ticks(std::string_view unit, double width) const;
  bool have_room(const std::vector<Tick>& ticks) const;

  double low_, high_;
  bool logarithmic_;
  double from_, to_;
};

}  // namespace assay
