// SPDX-License-Identifier: Apache-2.0
#include "analyse/compare_results.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/json_file.h"
#include "support/compared_results.h"
#include "support/expect_error.h"
#include "support/json_schema.h"

namespace assay::compare_results_tests {
namespace {

using test::bad_input;

ResultsComparison compared(const Result& base, const Result& other, std::optional<Prices> prices = {}) {
  const Result results[] = {base, other};
  return compare_results(results, std::move(prices));
}

/// The only other, of results that hold the cases.
Against against(std::vector<CaseResult> base, std::vector<CaseResult> other) {
  return compared(compared_result("GPU", std::move(base)), compared_result("GPU", std::move(other)))
      .others.at(0);
}

const Difference* find(const Against& a, About about, const std::string& key) {
  const auto found = std::ranges::find_if(
      a.differences, [&](const Difference& d) { return d.about == about && d.key == key; });
  return found == a.differences.end() ? nullptr : &*found;
}

TEST(CompareResults, CountsATimeAndItsRateAsOneFigure) {
  const Against a = against({compared_case("llm/x", 2), compared_case("llm/y", 1)},
                            {compared_case("llm/x", 1), compared_case("llm/y", 1)});
  EXPECT_EQ(a.counts.cases, 2);
  EXPECT_EQ(a.counts.compared, 2);
  EXPECT_EQ(a.counts.faster, 1);
  EXPECT_EQ(a.counts.same, 1);
  EXPECT_EQ(a.counts.slower + a.counts.cannot_tell, 0);
  ASSERT_EQ(a.cases[0].questions.size(), 1u);
  EXPECT_EQ(a.cases[0].questions[0].also, std::vector<std::string>{"output_tokens_per_s"});
  EXPECT_EQ(a.cases[0].short_id, "x");
}

TEST(CompareResults, AsksNothingOfAFigureThatNeitherKnows) {
  CaseResult one = compared_case("llm/x", 1);
  MetricResult p99 = one.metrics["inter_token_latency_s"];
  p99.statistic = Stat::p99;
  p99.value = kUnknownValue;
  one.metrics["inter_token_latency_p99_s"] = p99;
  CaseResult knows = one;
  knows.metrics["inter_token_latency_p99_s"].value = 1;
  EXPECT_EQ(against({one}, {one}).cases[0].questions.size(), 1u);
  EXPECT_EQ(against({one}, {knows}).cases[0].questions.size(), 2u);
}

TEST(CompareResults, SettlesVerdictsOverAllPairsTogether) {
  // Three results, two questions: each of 8 against 8 sessions that lie wholly apart, p = 2 / 12870.
  const Result results[] = {compared_result("A", {compared_case("llm/x", 2)}),
                            compared_result("B", {compared_case("llm/x", 1)}),
                            compared_result("C", {compared_case("llm/x", 4)})};
  const ResultsComparison all = compare_results(results);
  ASSERT_EQ(all.others.size(), 2u);
  EXPECT_EQ(all.questions, 2);
  EXPECT_NEAR(*all.others[0].cases[0].of.metrics[0].p_adjusted, 2 * 2.0 / 12870, 1e-12);
  EXPECT_EQ(all.others[0].counts.faster, 1);
  EXPECT_EQ(all.others[1].counts.slower, 1);
}

TEST(CompareResults, TakesGeometricMeansByWorkload) {
  const Against a =
      against({compared_case("llm/x", 2), compared_case("llm/y", 1), compared_case("vision/z", 3)},
              {compared_case("llm/x", 1), compared_case("llm/y", 8), compared_case("vision/z", 1)});
  ASSERT_EQ(a.means.size(), 2u);
  EXPECT_EQ(a.means[0].workload, "llm");
  EXPECT_EQ(a.means[0].cases, 2);
  EXPECT_EQ(a.means[0].figures, 2);
  EXPECT_NEAR(a.means[0].ratio, 0.5, 1e-9);  // sqrt(2 / 8)
  EXPECT_NEAR(a.means[1].ratio, 3, 1e-9);
  const ComparedCase &x = a.cases[0], &y = a.cases[1];
  EXPECT_NEAR(*a.means[0].low, std::sqrt(*x.low * *y.low), 1e-9);
  EXPECT_NEAR(*a.means[0].high, std::sqrt(*x.high * *y.high), 1e-9);
  EXPECT_LT(*x.low, 2);
  EXPECT_GT(*x.high, 2);
}

TEST(CompareResults, LeavesTailsOutOfMeans) {
  const auto with_tail = [](double time_s, double tail_s) {
    CaseResult one = compared_case("llm/x", time_s);
    MetricResult tail = one.metrics.at("inter_token_latency_s");
    tail.statistic = Stat::p99;
    tail.value = tail_s;
    tail.ci95.clear();
    one.metrics["inter_token_latency_p99_s"] = tail;
    return one;
  };
  const Against a = against({with_tail(1, 100)}, {with_tail(2, 1)});
  ASSERT_EQ(a.means.size(), 1u);
  EXPECT_NEAR(a.means[0].ratio, 0.5, 1e-9);
  EXPECT_EQ(a.means[0].figures, 1);
}

TEST(CompareResults, GivesAMeanNoIntervalWhereAFigureHasNone) {
  CaseResult bare = compared_case("llm/y", 1, 1);
  for (auto& [name, metric] : bare.metrics) metric.ci95.clear();
  const Against a = against({compared_case("llm/x", 2), bare}, {compared_case("llm/x", 1), bare});
  ASSERT_EQ(a.means.size(), 1u);
  EXPECT_NEAR(a.means[0].ratio, std::sqrt(2), 1e-9);
  EXPECT_FALSE(a.means[0].low);
  EXPECT_EQ(a.means[0].figures, 2);
  EXPECT_EQ(a.means[0].without_interval, 1);
}

TEST(CompareResults, ListsCasesThatOneResultAloneHas) {
  const Against a = against({compared_case("llm/x", 1), compared_case("llm/y", 1)},
                            {compared_case("llm/z", 1), compared_case("llm/x", 1)});
  ASSERT_EQ(a.cases.size(), 1u);
  ASSERT_EQ(a.only_in_base.size(), 1u);
  EXPECT_EQ(a.only_in_base[0].id, "llm/y");
  ASSERT_EQ(a.only_in_other.size(), 1u);
  EXPECT_EQ(a.only_in_other[0].id, "llm/z");
}

TEST(CompareResults, PairsTheOnlyDeviceOfACaseWhateverItIs) {
  CaseResult on_cpu = compared_case("llm/x", 1);
  on_cpu.device = "cpu";
  const Against a = against({on_cpu}, {compared_case("llm/x", 1)});
  ASSERT_EQ(a.cases.size(), 1u);
  EXPECT_EQ(a.cases[0].base_device, "cpu");
  EXPECT_EQ(a.cases[0].other_device, "cuda:0");
}

TEST(CompareResults, PairsOneOfSeveralDevicesByItsId) {
  CaseResult on_cpu = compared_case("llm/x", 1);
  on_cpu.device = "cpu";
  const Against a = against({on_cpu, compared_case("llm/x", 1)}, {compared_case("llm/x", 1)});
  ASSERT_EQ(a.cases.size(), 1u);
  EXPECT_EQ(a.cases[0].base_device, "cuda:0");
  EXPECT_EQ(a.cases[0].base_index, 1u);
  ASSERT_EQ(a.only_in_base.size(), 1u);
  EXPECT_EQ(a.only_in_base[0].device, "cpu");
}

TEST(CompareResults, SaysWhatDiffersAndCountsWhatDoesNot) {
  const std::vector<Result> pair = compared_pair();
  const ResultsComparison all = compare_results(pair);
  const Against& a = all.others[0];
  ASSERT_NE(find(a, About::device, "name"), nullptr);
  EXPECT_EQ(find(a, About::device, "name")->other, "Test GPU B");
  ASSERT_NE(find(a, About::device, "driver"), nullptr);
  ASSERT_NE(find(a, About::machine, "os"), nullptr);
  EXPECT_EQ(find(a, About::machine, "os")->base, "Test OS 1");
  ASSERT_NE(find(a, About::config, "/measure/target_ci"), nullptr);
  EXPECT_EQ(find(a, About::config, "/measure/target_ci")->other, "0.02");
  ASSERT_NE(find(a, About::cases, "seed"), nullptr);
  EXPECT_EQ(find(a, About::cases, "seed")->cases, 1);
  EXPECT_EQ(a.differences.size(), 5u);
  // Device: kind, memory, compute capability. Machine: cpu, cpus. Tool: version, git, build. Config:
  // workload, sessions. Cases: weights.
  EXPECT_EQ(a.same_keys, 11);
}

TEST(CompareResults, TellsAnAbsentKeyFromAnEmptyOne) {
  Result a = compared_result("GPU", {compared_case("llm/x", 1)}), b = a;
  b.environment["OMP_NUM_THREADS"] = "4";
  b.config["measure"].erase("target_ci");
  b.config["a/b"] = Json::array({1, 2});
  a.config["a/b"] = Json::array({1});
  const ResultsComparison all = compared(a, b);
  const Against& found = all.others[0];
  ASSERT_EQ(found.differences.size(), 3u);
  EXPECT_EQ(find(found, About::machine, "OMP_NUM_THREADS")->base, std::nullopt);
  EXPECT_EQ(find(found, About::config, "/measure/target_ci")->other, std::nullopt);
  EXPECT_EQ(find(found, About::config, "/a~1b/1")->other, "2");
}

TEST(CompareResults, WarnsOfStrangersSpreadOnDifferentMachinesAlone) {
  const Result a = compared_result("A", {compared_case("llm/x", 1)});
  Result again = a;
  EXPECT_FALSE(compared(a, again).others[0].other_machine);
  EXPECT_TRUE(compared(a, again).others[0].notes.empty());
  again.environment["cpus"] = "0-3";
  const Against other = compared(a, again).others[0];
  EXPECT_TRUE(other.other_machine);
  ASSERT_EQ(other.notes.size(), 1u);
  EXPECT_NE(other.notes[0].find("0.7 to 4 %"), std::string::npos);
  EXPECT_TRUE(compared(a, compared_result("B", {compared_case("llm/x", 1)})).others[0].other_machine);
}

TEST(CompareResults, PairsSessionsThatWereTakenInTurn) {
  Result a = compared_result("A", {compared_case("llm/x", 1)}), b = a;
  const std::vector<std::string> blocks = {"abba", "baab", "abba", "baab"};  // eight sessions a side
  a.interleaving = Interleaving{.id = "1", .side = "a", .blocks = blocks};
  b.interleaving = Interleaving{.id = "1", .side = "b", .blocks = blocks};
  const ResultsComparison all = compared(a, b);
  EXPECT_EQ(all.others[0].cases[0].of.metrics[0].basis, Basis::turns);
  ASSERT_EQ(all.others[0].notes.size(), 1u);
  EXPECT_NE(all.others[0].notes[0].find("measured in turn, 8 and 8 sessions"), std::string::npos);
  b.interleaving->id = "2";
  EXPECT_EQ(compared(a, b).others[0].cases[0].of.metrics[0].basis, Basis::sessions);
}

TEST(CompareResults, LabelsAreUnique) {
  const Result a = compared_result("A", {}), b = compared_result("B", {});
  Result later = a;
  later.started_at = "2026-02-01T09:30:00Z";
  const auto labels = [](const Result& x, const Result& y) {
    const ResultsComparison all = compared(x, y);
    return all.results[0].label + " | " + all.results[1].label;
  };
  EXPECT_EQ(labels(a, b), "A | B");
  EXPECT_EQ(labels(a, later), "chat, 2026-01-31 12:00 | chat, 2026-02-01 09:30");
  EXPECT_EQ(labels(a, a), "chat #1 | chat #2");
}

TEST(CompareResults, NamesKernelsThatWereChosenDifferently) {
  const std::vector<Result> pair = compared_pair();
  const ResultsComparison all = compare_results(pair);
  const Against& a = all.others[0];
  ASSERT_EQ(a.kernels.size(), 1u);
  EXPECT_EQ(a.kernels[0].op, "mlp");
  EXPECT_EQ(a.kernels[0].base, "cublaslt, 3");
  EXPECT_EQ(a.kernels[0].other, "cublaslt, 5");
  EXPECT_EQ(a.kernels[0].cases, std::vector<std::string>{"llm/test-model/bf16/batch=1"});
  EXPECT_EQ(a.same_kernels, 4);
}

TEST(CompareResults, SetsBoundsSideBySide) {
  const std::vector<Result> pair = compared_pair();
  const ResultsComparison all = compare_results(pair);
  ASSERT_EQ(all.others[0].cases[0].stages.size(), 1u);
  const StagePair& s = all.others[0].cases[0].stages[0];
  EXPECT_EQ(s.base_bound, Bound::memory);  // 1e8 B at 2e11 B/s: 0.5 ms of 2; 1e8 FLOP at 1e12 FLOP/s: 0.1 ms
  EXPECT_NEAR(*s.base_of_peak, 0.25, 1e-9);
  EXPECT_NEAR(*s.other_of_peak, 0.25, 1e-9);  // at 4e11 B/s 0.25 ms of 1
  EXPECT_EQ(all.others[0].rooflines.size(), 3u);
}

TEST(CompareResults, SaysWhatAWattGives) {
  const std::vector<Result> pair = compared_pair();
  const ResultsComparison all = compare_results(pair);
  const auto& watt = all.others[0].cases[0].per_watt;
  ASSERT_TRUE(watt);
  EXPECT_EQ(watt->metric, "output_tokens_per_s");
  EXPECT_NEAR(watt->ratio, 2 * 300.0 / 450, 1e-9);
  EXPECT_FALSE(all.others[0].cases[1].per_watt);  // no power is known
}

TEST(CompareResults, SaysWhatMoneyGives) {
  const std::vector<Result> pair = compared_pair();
  Prices prices{.currency = "EUR", .devices = {{"GPU A", 2.0}, {"GPU B", 3.0}}, .power_per_kwh = 0.2};
  const ResultsComparison all = compare_results(pair, prices);
  const auto &with = all.others[0].cases[0].per_money, &without = all.others[0].cases[1].per_money;
  ASSERT_TRUE(with && without);
  EXPECT_EQ(with->work, "1,000 tokens");
  EXPECT_TRUE(with->with_power);
  EXPECT_NEAR(*with->base_per_hour, 2.06, 1e-9);          // 0.3 kW
  EXPECT_NEAR(*with->other_per_hour, 3.09, 1e-9);         // 0.45 kW
  EXPECT_NEAR(*with->base_cost, 2.06 / 3600 * 2, 1e-12);  // 500 tokens/s
  EXPECT_NEAR(*with->other_cost, 3.09 / 3600, 1e-12);
  EXPECT_NEAR(*with->ratio, 4.0 / 3, 1e-9);
  EXPECT_FALSE(without->with_power);
  EXPECT_EQ(*without->base_per_hour, 2);

  prices.devices.pop_back();
  const ResultsComparison half = compare_results(pair, prices);
  const auto& unknown = half.others[0].cases[0].per_money;
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->other_cost || unknown->ratio);
  EXPECT_EQ(unknown->why, "the prices name no device of Test GPU B");
}

TEST(CompareResults, CostsOfATimeAreThoseOfAnHourOfTheBaselinesWork) {
  std::vector<CaseResult> base = {compared_case("llm/x", 2)}, other = {compared_case("llm/x", 1)};
  for (auto* cases : {&base, &other}) cases->front().metrics.erase("output_tokens_per_s");
  const ResultsComparison all = compared(compared_result("A", base), compared_result("B", other),
                                         Prices{.currency = "EUR", .devices = {{"A", 2}, {"B", 3}}});
  const auto& money = all.others[0].cases[0].per_money;
  ASSERT_TRUE(money);
  EXPECT_EQ(*money->base_cost, 2);
  EXPECT_EQ(*money->other_cost, 1.5);  // half an hour
  EXPECT_NEAR(*money->ratio, 4.0 / 3, 1e-12);
}

TEST(CompareResults, SaysWhichResultHasNothingToCompare) {
  const Result a = compared_result("A", {compared_case("llm/x", 1)}),
               b = compared_result("B", {compared_case("llm/y", 1)});
  EXPECT_EQ(incomparable(compared(a, b)), std::vector<std::string>{"B"});
  EXPECT_TRUE(incomparable(compared(a, a)).empty());
}

TEST(CompareResults, SaysThatOutputsDisagree) {
  const Result a = compared_result("A", {compared_case("llm/x", 1)});
  Result b = a;
  EXPECT_FALSE(outputs_disagree(compared(a, b)));
  b.cases[0].verification->outputs["logits"].values = {1, 2, 2};
  EXPECT_TRUE(outputs_disagree(compared(a, b)));
  EXPECT_EQ(compared(a, b).others[0].counts.disagree, 1);
}

TEST(CompareResults, WritesWhatItsSchemaSays) {
  const std::vector<Result> pair = compared_pair();
  const Json json = to_json(
      compare_results(pair, Prices{.currency = "EUR", .devices = {{"GPU A", 2}}, .power_per_kwh = {}}));
  EXPECT_EQ(schema_violation(comparison_schema(), json), "");
  EXPECT_EQ(json["schema"], "assay.comparison/1");
  EXPECT_EQ(json["others"][0]["label"], "Test GPU B");
  EXPECT_EQ(json["others"][0]["cases"][0]["questions"][0]["metric"], "inter_token_latency_s");
  EXPECT_EQ(json["others"][0]["counts"]["faster"], 1);
  EXPECT_EQ(json["currency"], "EUR");
  EXPECT_TRUE(json["others"][0]["cases"][0]["per_money"]["ratio"].is_null());
}

TEST(Prices, AreReadStrictly) {
  const auto read = [](const std::string& text) {
    return prices_from_json(parse_json(text, "p.json"), "p.json");
  };
  const Prices prices = read(R"({"currency": "EUR", // a comment
    "devices": [{"match": "H100", "per_hour": 2.5}, {"match": "H", "per_hour": 1}]})");
  EXPECT_EQ(price_per_hour(prices, compared_result("NVIDIA H100", {}).devices[0], "x"), 2.5);
  EXPECT_EQ(price_per_hour(prices, compared_result("A100", {}).devices[0], "rented H200"), 1);
  EXPECT_EQ(price_per_hour(prices, compared_result("A100", {}).devices[0], "x"), std::nullopt);
  ASSAY_EXPECT_HAS(bad_input([&] { read(R"({"currency": "EUR", "device": []})"); }), "devices");
  ASSAY_EXPECT_HAS(
      bad_input([&] { read(R"({"currency": "EUR", "devices": [{"match": "A", "per_hour": -1}]})"); }),
      "/devices/0/per_hour");
  ASSAY_EXPECT_HAS(
      bad_input([&] { read(R"({"currency": "EUR", "devices": [{"match": "", "per_hour": 1}]})"); }),
      "/devices/0/match");
}

}  // namespace
}  // namespace assay::compare_results_tests
