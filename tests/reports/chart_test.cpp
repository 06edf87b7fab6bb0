// SPDX-License-Identifier: Apache-2.0
#include "reports/charts.h"

#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "reports/svg.h"
#include "support/chart_looks.h"

namespace assay::chart_tests {
namespace {

/// Every operation at nearly the same place, under four roofs that hardly differ.
RooflineChart crowded() {
  RooflineChart chart{
      .id = "crowded", .title = "Crowded", .description = {}, .series = {}, .roofs = {}, .points = {}};
  for (const char* stage : {"prefill of a long prompt", "decode of many tokens", "read", "detect"})
    chart.series.emplace_back(stage);
  for (int i = 0; i < 4; ++i)
    chart.roofs.push_back({.label = "bf16 " + std::string(i % 2 == 0 ? "measured" : "datasheet") + ": 46" +
                                    std::to_string(i) + " GFLOP/s",
                           .flops_per_s = 460e9 + 2e9 * i,
                           .bytes_per_s = 35e9 + 1e8 * i,
                           .measured = i % 2 == 0});
  for (int i = 0; i < 60; ++i)
    chart.points.push_back({.label = "operation_" + std::to_string(i),
                            .series = static_cast<std::size_t>(i % 4),
                            .intensity = 40 + 0.3 * i,
                            .flops_per_s = 3e11 + 2e9 * (i % 7),
                            .weight = 0.3 / (1 + i % 5)});
  return chart;
}

TEST(Charts, RooflineLabelsDoNotCollideHoweverCrowded) {
  expect_legible(svg(crowded()));
  RooflineChart chart = crowded();
  for (auto& point : chart.points) point.intensity = 0.25;  // at the left edge
  expect_legible(svg(chart));
  for (auto& point : chart.points) point.flops_per_s = 460e9;  // on the roofs' labels
  expect_legible(svg(chart));
}

TEST(Charts, BarsHaveRoomForLongNames) {
  BarChart chart{
      .id = "bars", .title = "Bars", .description = {}, .unit = "tokens/s", .series = {}, .bars = {}};
  chart.series = {"NVIDIA H100 80GB HBM3, before the update of its driver and of everything else",
                  "AMD EPYC 9654 96-Core Processor"};
  for (std::size_t i = 0; i < 6; ++i)
    chart.bars.push_back(
        {.label = "llama-3.1-8b-instruct/bf16/batch=16,prompt_tokens=4096,in_flight=" + std::to_string(i / 2),
         .series = i % 2,
         .value = 1234.5 * static_cast<double>(i + 1),
         .low = 1200.0 * static_cast<double>(i + 1),
         .high = 1300.0 * static_cast<double>(i + 1),
         .ceiling = 9000,
         .text = "12,345 tokens/s"});
  expect_legible(svg(chart));
}

TEST(Charts, StaysLegibleOnATelephone) {
  constexpr double kTelephone = 390 - 24;  // pixels of a page of 390 within its margins
  const std::string bars = svg(BarChart{.id = "b",
                                        .title = "B",
                                        .description = {},
                                        .unit = "s",
                                        .series = {"a"},
                                        .bars = {{.label = "x", .value = 1, .text = "1 s"}}});
  const std::string roofline = svg(crowded());
  for (const std::string& chart : {bars, roofline}) {
    EXPECT_GE(Svg::kFont * kTelephone / width_of(chart), Svg::kSmallest) << "it fits as it is";
    const std::string least =
        "style=\"min-width:" + std::to_string(std::lround(width_of(chart) * Svg::kSmallest / Svg::kFont)) +
        "px\"";
    EXPECT_NE(chart.find(least), std::string::npos)
        << "and scrolls in a narrower box: " << chart.substr(0, 200);
  }
}

TEST(Charts, ARoofsLabelIsNearerItsOwnLineThanAnother) {
  RooflineChart chart{
      .id = "roofs", .title = "", .description = {}, .series = {"a"}, .roofs = {}, .points = {}};
  for (const double times : {1.0, 2.0})
    chart.roofs.push_back({.label = times == 1 ? "measured, rather long" : "datasheet, rather long",
                           .flops_per_s = 1e12 * times,
                           .bytes_per_s = 1e11 * times,
                           .measured = times == 1});
  for (const double flops_per_s : {0.8e12, 1e12, 1.5e12, 2e12}) {
    chart.points = {{.label = "x", .series = 0, .intensity = 90, .flops_per_s = flops_per_s, .weight = 1}};
    std::map<char, double> at;  // of each, by its first letter
    for (const Label& label : labels_of(svg(chart))) at[label.text[0]] = label.top;
    if (at.contains('m') && at.contains('d')) {
      EXPECT_GT(at['m'], at['d']) << flops_per_s;
    }
  }
}

}  // namespace
}  // namespace assay::chart_tests
