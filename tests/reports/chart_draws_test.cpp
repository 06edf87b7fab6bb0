// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "reports/charts.h"
#include "support/chart_looks.h"

namespace assay::chart_draws_tests {
namespace {

/// Draws of a millisecond and a little, in blocks of ten.
DrawsChart::Row row_of(const std::string& label, std::size_t draws, double first) {
  DrawsChart::Row row{.label = label, .text = "5.21 ms (5.18 ms to 5.25 ms)"};
  for (std::size_t i = 0; i < draws; ++i)
    row.draws.push_back({.value = first + 1e-6 * static_cast<double>(i * 37 % 100),
                         .block = i / 10,
                         .text = "5.21 ms, block " + std::to_string(i / 10)});
  row.median = first + 5e-5;
  row.low = first + 4e-5;
  row.high = first + 6e-5;
  return row;
}

DrawsChart chart_of(std::vector<DrawsChart::Row> rows) {
  return {.id = "d",
          .title = "Draws",
          .description = "Each draw of two systems",
          .unit = "s",
          .limit = {},
          .limit_text = {},
          .rows = std::move(rows)};
}

/// Marks of draws, by the words that their tips begin with.
std::size_t draws_in(const std::string& svg) {
  return count_of(svg, "<title>5.21 ms, block ");
}

TEST(DrawsChart, ShowsEveryDrawWithItsTipAndTellsBlocksApart) {
  const std::string one = svg(chart_of({row_of("a", 40, 5e-3)}));
  expect_well_formed(one);
  expect_legible(one);
  EXPECT_EQ(draws_in(one), 40u);
  EXPECT_EQ(count_of(one, "class=\"c-0 c-odd\"><title>"), 20u);  // blocks 1 and 3 of 0 to 3
  EXPECT_EQ(count_of(one, "<title>a: 5.21 ms (5.18 ms to 5.25 ms)</title>"), 1u);
}

TEST(DrawsChart, TakesEveryFewOfManyDrawsAndSaysSo) {
  EXPECT_EQ(draws_in(svg(chart_of({row_of("a", 300, 5e-3)}))), 300u);
  const std::string many = svg(chart_of({row_of("a", 301, 5e-3), row_of("b", 1000, 5e-3)}));
  EXPECT_EQ(draws_in(many), 151u + 250u);
  EXPECT_EQ(count_of(many, "; 1 of 2 draws shown"), 1u);
  EXPECT_EQ(count_of(many, "; 1 of 4 draws shown"), 1u);
  expect_legible(many);
}

TEST(DrawsChart, IsTheSameAtEveryDrawing) {
  const DrawsChart chart = chart_of({row_of("a", 50, 5e-3)});
  EXPECT_EQ(svg(chart), svg(chart));
}

TEST(DrawsChart, HasRoomForLongNamesAndTexts) {
  DrawsChart chart = chart_of({row_of(std::string(200, 'W'), 1000, 5e-3), row_of("b", 10, 6e-3)});
  chart.rows[0].text = std::string(300, 'm');
  chart.unit = "sequences of a very long unit/s";
  chart.limit = 5.5e-3;
  chart.limit_text = std::string(100, 'M');
  expect_legible(svg(chart));
  expect_well_formed(svg(chart));
}

TEST(DrawsChart, ShowsTheLimitAsALineAndAsAnArrowWhereItIsFarOff) {
  DrawsChart chart = chart_of({row_of("a", 40, 5e-3)});
  chart.limit = 6e-3;
  chart.limit_text = "limit 6 ms";
  EXPECT_EQ(count_of(svg(chart), "class=\"c-ceiling\""), 1u);
  for (const double far : {1.0, 1e-6}) {
    chart.limit = far;
    const std::string off = svg(chart);
    EXPECT_EQ(count_of(off, "class=\"c-ceiling\""), 0u);
    EXPECT_EQ(count_of(off, "the limit lies beyond the chart"), 1u);
    EXPECT_EQ(count_of(off, "limit 6 ms"), 1u);
    expect_legible(off);
  }
}

TEST(DrawsChart, ShowsPercentilesWhereThereAreAny) {
  DrawsChart chart = chart_of({row_of("a", 40, 5e-3)});
  EXPECT_EQ(count_of(svg(chart), "percentile"), 0u);
  chart.rows[0].p90 = 5.09e-3;
  chart.rows[0].p99 = 5.1e-3;
  const std::string both = svg(chart);
  EXPECT_EQ(count_of(both, "<title>a: 90th percentile 5.09 ms</title>"), 1u);
  EXPECT_EQ(count_of(both, "<title>a: 99th percentile 5.10 ms</title>"), 1u);
  expect_legible(both);
}

TEST(DrawsChart, TicksDifferHoweverNearTheDrawsLie) {
  for (const double apart : {0.0, 1e-9, 1e-6, 1e-3, 1.0, 1e6}) {
    DrawsChart chart = chart_of({row_of("a", 0, 5e-3)});
    chart.rows[0].median = chart.rows[0].low = chart.rows[0].high = {};
    for (const double value : {5e-3, 5e-3 + apart})
      chart.rows[0].draws.push_back({.value = value, .text = "x"});
    const std::string drawn = svg(chart);
    expect_legible(drawn);
    std::set<std::string> texts;
    for (const Label& label : labels_of(drawn)) EXPECT_TRUE(texts.insert(label.text).second) << label.text;
    EXPECT_GE(texts.size(), 5u) << apart;  // of them the legend's, the row's two, and two ticks at least
  }
}

TEST(DrawsChart, DrawsNothingOfNothing) {
  const double nan = std::nan("");
  DrawsChart chart = chart_of({});
  expect_well_formed(svg(chart));
  chart.rows.push_back({.label = "empty", .text = {}});
  expect_well_formed(svg(chart));
  expect_legible(svg(chart));
  chart.rows[0] = row_of("a", 3, nan);
  chart.rows[0].p90 = chart.rows[0].p99 = nan;
  chart.limit = nan;
  chart.limit_text = "no limit";
  expect_well_formed(svg(chart));
  EXPECT_EQ(draws_in(svg(chart)), 0u);
  chart.rows[0] = row_of("one", 1, 0);
  expect_well_formed(svg(chart));
  EXPECT_EQ(draws_in(svg(chart)), 1u);
}

TEST(DrawsChart, EscapesWhatPeopleWrote) {
  DrawsChart chart = chart_of({row_of("<a> & \"b\"", 2, 5e-3)});
  chart.title = chart.description = chart.limit_text = chart.rows[0].text = chart.rows[0].draws[0].text =
      "<&\">";
  chart.limit = 5e-3;
  expect_well_formed(svg(chart));
  EXPECT_NE(svg(chart).find("&lt;a&gt; &amp; &quot;b&quot;"), std::string::npos);
}

}  // namespace
}  // namespace assay::chart_draws_tests
