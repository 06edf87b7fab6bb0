// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "reports/charts.h"
#include "support/chart_looks.h"

namespace assay::chart_curve_tests {
namespace {

/// Batches of 1, 2, 4 ...: throughput saturates and latency grows.
CurveChart::Series series_of(const std::string& name, std::size_t points, double fast) {
  CurveChart::Series series{.name = name, .points = {}};
  for (std::size_t i = 0; i < points; ++i) {
    const double batch = std::pow(2.0, static_cast<double>(i)), y = (3e-3 + 4e-4 * batch) / fast;
    series.points.push_back({.x = batch / y,
                             .y = y,
                             .x_low = 0.97 * batch / y,
                             .x_high = 1.03 * batch / y,
                             .y_low = 0.97 * y,
                             .y_high = 1.03 * y,
                             .label = "batch=" + std::to_string(1 << i),
                             .text = "so many images/s at so many ms",
                             .within = y < 1.2e-2});
  }
  return series;
}

CurveChart chart_of(std::vector<CurveChart::Series> series) {
  return {.id = "c",
          .title = "Latency against throughput",
          .description = "A line a system",
          .x_title = "images per second",
          .y_title = "latency",
          .x_unit = "images/s",
          .y_unit = "s",
          .limit = {},
          .limit_text = {},
          .series = std::move(series)};
}

TEST(CurveChart, ShowsEveryPointWithItsLoadInItsTip) {
  CurveChart chart = chart_of({series_of("a", 7, 1), series_of("b", 7, 1.7), series_of("c", 5, 0.6)});
  for (const bool logarithmic : {false, true}) {
    chart.logarithmic = logarithmic;
    const std::string drawn = svg(chart);
    expect_well_formed(drawn);
    expect_legible(drawn);
    EXPECT_EQ(count_of(drawn, ": so many images/s at so many ms</title>"), 19u);
    EXPECT_EQ(count_of(drawn, "<title>b, batch=64: so many images/s at so many ms</title>"), 1u);
    EXPECT_GE(count_of(drawn, ">batch="), 9u) << "labels where they fit";
  }
}

TEST(CurveChart, FillsPointsWithinTheLimitAndLeavesOthersHollow) {
  CurveChart chart = chart_of({series_of("a", 6, 1)});  // of 3.4, 3.8, 4.6, 6.2, 9.4 and 15.8 ms
  chart.limit = 1.2e-2;
  chart.limit_text = "limit 12.0 ms";
  const std::string drawn = svg(chart);
  expect_legible(drawn);
  EXPECT_EQ(count_of(drawn, "class=\"c-0 c-mark\"><title>a, "), 5u);
  EXPECT_EQ(count_of(drawn, "class=\"c-hollow l-0\"><title>a, "), 1u);
  EXPECT_EQ(count_of(drawn, "class=\"c-ceiling\""), 1u);
  EXPECT_EQ(count_of(drawn, ">limit 12.0 ms</text>"), 1u);
  EXPECT_EQ(count_of(drawn, ">beyond the limit</text>"), 1u);
}

TEST(CurveChart, PointsToALimitThatIsFarOff) {
  CurveChart chart = chart_of({series_of("a", 6, 1)});
  chart.limit = 1;
  chart.limit_text = "limit 1.00 s";
  const std::string drawn = svg(chart);
  expect_legible(drawn);
  EXPECT_EQ(count_of(drawn, "the limit lies beyond the chart"), 1u);
  EXPECT_EQ(count_of(drawn, ">limit 1.00 s</text>"), 1u);
}

TEST(CurveChart, SystemsDifferInShapeAndDash) {
  std::vector<CurveChart::Series> all;
  for (int i = 0; i < 6; ++i) all.push_back(series_of("system " + std::to_string(i), 3, 1 + 0.3 * i));
  const std::string drawn = svg(chart_of(all));
  expect_legible(drawn);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(count_of(drawn, "class=\"c-curve l-" + std::to_string(i) + " d-" + std::to_string(i) + "\""),
              2u);
}

TEST(CurveChart, LabelsDoNotCollideHoweverCrowded) {
  CurveChart chart = chart_of({series_of("a", 7, 1)});
  for (std::size_t i = 0; i < 40; ++i) {
    CurveChart::Point point = chart.series[0].points[i % 7];
    point.x *= 1 + 1e-3 * static_cast<double>(i);
    point.label = "batch=" + std::to_string(i) + ",prompt_tokens=4096";
    chart.series[0].points.push_back(point);
  }
  chart.limit = 4e-3;
  chart.limit_text = "limit 4.00 ms";
  for (const bool logarithmic : {false, true}) {
    chart.logarithmic = logarithmic;
    expect_legible(svg(chart));
  }
}

TEST(CurveChart, HasRoomForLongNames) {
  CurveChart chart = chart_of({series_of(std::string(200, 'W'), 3, 1), series_of("b & c", 3, 2)});
  chart.series[0].points[1].label = std::string(100, 'M');
  chart.x_title = chart.y_title = chart.limit_text = std::string(100, 'm');
  chart.limit = 5e-3;
  expect_legible(svg(chart));
  expect_well_formed(svg(chart));
}

TEST(CurveChart, HasTicksAtEveryScale) {
  for (const double scale : {1e-9, 1e-3, 0.1, 1.0, 77.0, 1e4, 1e9})
    for (const bool logarithmic : {false, true}) {
      CurveChart chart = chart_of({series_of("a", 7, 1)});
      chart.logarithmic = logarithmic;
      for (auto& point : chart.series[0].points) {
        point = {.x = point.x * scale, .y = point.y * scale, .label = {}, .text = "x"};
      }
      const std::string drawn = svg(chart);
      expect_legible(drawn);
      EXPECT_GE(count_of(drawn, "class=\"c-grid\""), 4u) << scale << logarithmic;
    }
}

TEST(CurveChart, DrawsNothingOfNothing) {
  const double nan = std::nan("");
  for (const bool logarithmic : {false, true}) {
    CurveChart chart = chart_of({});
    chart.logarithmic = logarithmic;
    chart.limit = nan;
    expect_well_formed(svg(chart));
    chart.limit = 1e-3;
    chart.series = {{.name = "empty", .points = {}},
                    {.name = "one", .points = {{.x = 3, .y = 2, .label = "batch=1"}}}};
    expect_well_formed(svg(chart));
    expect_legible(svg(chart));
    chart.series[0].points = {{.x = nan, .y = 1},
                              {.x = 1, .y = nan},
                              {.x = INFINITY, .y = 1},
                              {.x = 1, .y = 1, .x_low = nan, .x_high = nan, .y_low = 0, .y_high = INFINITY}};
    expect_well_formed(svg(chart));
    EXPECT_EQ(count_of(svg(chart), "<title>empty, : </title>"), 1u);
    chart.series[0].points = {{.x = 0, .y = 0}, {.x = -1, .y = 1}};
    expect_well_formed(svg(chart));
  }
}

TEST(CurveChart, EscapesWhatPeopleWrote) {
  CurveChart chart = chart_of({series_of("<a> & \"b\"", 2, 1)});
  chart.title = chart.description = chart.x_title = chart.y_title = chart.limit_text = "<&\">";
  chart.series[0].points[0].label = chart.series[0].points[0].text = "<&\">";
  chart.limit = 3e-3;
  expect_well_formed(svg(chart));
  EXPECT_NE(svg(chart).find("&lt;a&gt; &amp; &quot;b&quot;"), std::string::npos);
}

TEST(CurveChart, StaysLegibleOnATelephone) {
  constexpr double kTelephone = 390 - 24;  // pixels of a page of 390 within its margins
  const std::string drawn = svg(chart_of({series_of("a", 3, 1)}));
  EXPECT_GE(Svg::kFont * kTelephone / width_of(drawn), Svg::kSmallest);
}

}  // namespace
}  // namespace assay::chart_curve_tests
