// SPDX-License-Identifier: Apache-2.0
#include "gate/gate.h"

#include <gtest/gtest.h>

#include "gate/recording.h"
#include "gate/simulated.h"

namespace assay::gate_tests {
namespace {

using gate_test::loss_limits;
using gate_test::Machine;
using gate_test::result;

GateVerdict judged(const Result& base, const Result& candidate, const Limits& limits = loss_limits()) {
  return gate({.base = base, .candidate = candidate, .limits = limits, .today = "2026-06-01"});
}

const GateEntry& entry_of(const GateVerdict& verdict, const std::string& id) {
  for (const GateEntry& entry : verdict.entries)
    if (entry.case_id == id) return entry;
  throw std::logic_error("no entry of " + id);
}

TEST(Gate, PassesWhatDidNotChange) {
  const GateVerdict verdict = judged(result(6, 8, 1), result(6, 8, 2));
  EXPECT_EQ(verdict.verdict, Outcome::pass) << verdict.summary;
  EXPECT_EQ(verdict.entries.size(), 6u);  // a time and its rate are one figure
  EXPECT_EQ(verdict.questions, 6);
  EXPECT_EQ(verdict.entries.front().metric, "latency_s");
}

TEST(Gate, FailsALossThatIsLargeAndSignificantAndSaysWhatToDo) {
  const GateVerdict verdict = judged(result(6, 8, 1), result(6, 8, 2, 1.1));
  EXPECT_EQ(verdict.verdict, Outcome::fail);
  const GateEntry& first = verdict.entries.front();
  EXPECT_EQ(first.case_id, "case 0");
  EXPECT_NEAR(*first.value, 0.1, 0.02);
  EXPECT_LT(*first.p_adjusted, 0.01);
  EXPECT_NE(first.why.find("where 3.0 % is allowed"), std::string::npos) << first.why;
  EXPECT_FALSE(first.advice.empty());
  EXPECT_EQ(verdict.failed, 1);
  EXPECT_EQ(failing_cases(verdict), std::vector<std::string>{"case 0"});
}

TEST(Gate, PassesAGainUnlessEitherDirectionIsLimited) {
  EXPECT_EQ(judged(result(3, 8, 1), result(3, 8, 2, 0.9)).verdict, Outcome::pass);
  Limits limits = loss_limits();
  limits.limits[0].direction = Direction::either;
  EXPECT_EQ(judged(result(3, 8, 1), result(3, 8, 2, 0.9), limits).verdict, Outcome::fail);
}

TEST(Gate, CannotTellOfTooFewSessionsAndSaysHowManyItTakes) {
  const GateVerdict verdict = judged(result(24, 6, 1), result(24, 6, 2, 1.5));
  EXPECT_EQ(verdict.verdict, Outcome::cannot_tell);
  EXPECT_TRUE(verdict.only_noise);
  const GateEntry& first = entry_of(verdict, "case 0");
  // 24 x 2 / C(12, 6) = 5.2 %; of seven 24 x 2 / C(14, 7) = 1.4 %, and eight are the least.
  EXPECT_NE(first.why.find("6 and 6 sessions can never be significant among 24 figures: 8 a side"),
            std::string::npos)
      << first.why;
}

TEST(Gate, CannotTellWhereALossThatMustBeCaughtCouldHide) {
  const Machine noisy{.between_runs = 0, .between_sessions = 0.08};
  const GateVerdict verdict = judged(result(3, 8, 1, 1, noisy), result(3, 8, 2, 1, noisy));
  EXPECT_EQ(verdict.verdict, Outcome::cannot_tell);
  EXPECT_TRUE(verdict.only_noise);
}

TEST(Gate, NeverPassesWhatIsMissingOrWrongOrNoMeasurement) {
  Result candidate = result(3, 8, 2);
  candidate.cases.pop_back();
  GateVerdict verdict = judged(result(3, 8, 1), candidate);
  EXPECT_EQ(verdict.verdict, Outcome::cannot_tell);
  EXPECT_FALSE(verdict.only_noise);
  ASSERT_EQ(verdict.missing.size(), 1u);
  EXPECT_EQ(verdict.missing[0], "case 2 on cpu is not in the candidate");

  candidate = result(3, 8, 2);
  candidate.cases[1].status = CaseStatus::not_a_measurement;
  EXPECT_EQ(judged(result(3, 8, 1), candidate).verdict, Outcome::cannot_tell);

  candidate = result(3, 8, 2);
  candidate.cases[1].status = CaseStatus::failed;
  candidate.cases[1].verification->status = CheckStatus::failed;
  verdict = judged(result(3, 8, 1), candidate);
  EXPECT_EQ(verdict.verdict, Outcome::fail);
  EXPECT_EQ(verdict.wrong.size(), 1u);

  candidate = result(3, 8, 2);
  candidate.cases[1].metrics.erase("latency_s");
  candidate.cases[1].metrics.erase("tokens_per_s");
  verdict = judged(result(3, 8, 1), candidate);
  EXPECT_EQ(verdict.verdict, Outcome::cannot_tell);
  EXPECT_FALSE(verdict.only_noise);

  candidate = result(3, 8, 2);
  candidate.status = RunStatus::partial;
  EXPECT_EQ(judged(result(3, 8, 1), candidate).verdict, Outcome::cannot_tell);

  EXPECT_EQ(judged(result(0, 8, 1), result(0, 8, 2)).verdict, Outcome::cannot_tell);  // nothing was asked
}

TEST(Gate, NeverPassesResultsThatAreNotComparableUnlessAllowed) {
  const struct {
    std::string key;
    void (*change)(Result&);
  } changes[] = {
      {"device", [](Result& r) { r.devices[0].name = "Another"; }},
      {"device", [](Result& r) { r.devices[0].memory_bytes = 5; }},
      {"driver", [](Result& r) { r.devices[0].properties["driver"] = "600"; }},
      {"clocks", [](Result& r) { r.devices[0].properties["clocks_locked"] = "no"; }},
      {"config",
       [](Result& r) {
         r.config["runs"] = Json::array({{{"load", 3}}});
       }},
      {"seed", [](Result& r) { r.cases[0].seed = 4; }},
      {"weights", [](Result& r) { r.cases[0].weights = "folder"; }},
      {"kernels",
       [](Result& r) {
         r.cases[0].choices = {{"matmul", "1x1", "other", Place::device, ""}};
       }},
      {"version", [](Result& r) { r.tool.version = "0.2.0"; }},
      {"work", [](Result& r) { r.cases[0].stages[0].flops = 200; }},
  };
  Result base = result(2, 8, 1);
  base.devices[0].properties = {{"driver", "580"}, {"clocks_locked", "yes"}};
  base.config["runs"] = Json::array({{{"load", 2}, {"measure", 1}}});
  base.cases[0].choices = {{"matmul", "1x1", "one", Place::device, ""}};
  for (const auto& [key, change] : changes) {
    Result candidate = base;
    change(candidate);
    const GateVerdict verdict = judged(base, candidate);
    EXPECT_EQ(verdict.verdict, Outcome::cannot_tell) << key;
    EXPECT_FALSE(verdict.only_noise) << key;
    ASSERT_EQ(verdict.differences.size(), 1u) << key;
    EXPECT_EQ(verdict.differences[0].key, key);
    const Limits limits = loss_limits();
    const GateVerdict allowed = gate({.base = base,
                                      .candidate = candidate,
                                      .limits = limits,
                                      .allow_different = {key},
                                      .today = "2026-06-01"});
    EXPECT_EQ(allowed.verdict, Outcome::pass) << key << ": " << allowed.summary;
  }
  Result longer = base;
  longer.config["runs"][0]["measure"] = 2;
  longer.config["name"] = "other";
  EXPECT_EQ(judged(base, longer).verdict, Outcome::pass);  // how long is measured is no other work
}

TEST(Gate, ConfirmsBeforeItFails) {
  const Result base = result(4, 8, 1), candidate = result(4, 8, 2, 1.1);
  const Limits limits = loss_limits();
  const Result base_again = result(1, 8, 3), still = result(1, 8, 4, 1.1), gone = result(1, 8, 5);
  GateRequest request{.base = base, .candidate = candidate, .limits = limits, .today = "2026-06-01"};
  request.confirmation = Confirmation{&base_again, &still};
  const GateVerdict persists = gate(request);
  EXPECT_EQ(persists.verdict, Outcome::fail);
  EXPECT_TRUE(persists.entries[0].confirmed);
  EXPECT_NE(persists.entries[0].why.find("again in the confirming run"), std::string::npos);
  request.confirmation = Confirmation{&base_again, &gone};
  const GateVerdict chance = gate(request);
  EXPECT_EQ(chance.verdict, Outcome::pass) << chance.summary;
  EXPECT_NE(entry_of(chance, "case 0").why.find("did not confirm"), std::string::npos);
}

TEST(Gate, BlamesTheBaseWhereItLeftItsPin) {
  const Limits limits = loss_limits();
  const Result pin = result(3, 8, 1), base = result(3, 8, 2, 0.9), candidate = result(3, 8, 3);
  GateRequest request{.base = base, .candidate = candidate, .limits = limits, .today = "2026-06-01"};
  EXPECT_EQ(gate(request).verdict, Outcome::fail);
  request.pin = &pin;
  const GateVerdict verdict = gate(request);
  EXPECT_EQ(verdict.verdict, Outcome::cannot_tell);
  EXPECT_FALSE(verdict.only_noise);
  EXPECT_TRUE(entry_of(verdict, "case 0").base_moved);
  EXPECT_NE(verdict.summary.find("the base moved"), std::string::npos);
  EXPECT_EQ(entry_of(verdict, "case 1").verdict, Outcome::pass);
}

TEST(Gate, LetsAKnownRegressionPassUntilItsEnd) {
  const Limits limits = loss_limits();
  const Result base = result(3, 8, 1), candidate = result(3, 8, 2, 1.1);
  GateRequest request{.base = base, .candidate = candidate, .limits = limits, .today = "2026-06-01"};
  request.known = {
      {.metric = "*", .cases = "case 0", .loss = 0.15, .reason = "checks", .until = "2026-06-01"}};
  const GateVerdict known = gate(request);
  EXPECT_EQ(known.verdict, Outcome::pass);
  EXPECT_EQ(entry_of(known, "case 0").known, "checks (until 2026-06-01)");
  request.today = "2026-06-02";
  const GateVerdict expired = gate(request);
  EXPECT_EQ(expired.verdict, Outcome::fail);
  EXPECT_NE(expired.entries[0].why.find("run out"), std::string::npos);
  request.known[0].loss = 0.05;  // it has grown
  request.today = "2026-06-01";
  EXPECT_EQ(gate(request).verdict, Outcome::fail);
}

/// On the latency of case 1 itself.
Limit between(std::optional<double> at_least, double at_most) {
  return {.metric = "latency_s", .cases = "case 1", .at_most = at_most, .at_least = at_least};
}

TEST(Gate, HoldsTheCandidateToFiguresOfItsOwn) {
  Limits limits = loss_limits();
  limits.limits.push_back(between({}, 1.2));
  const Result base = result(2, 8, 1), candidate = result(2, 8, 2);
  GateVerdict verdict = judged(base, candidate, limits);
  EXPECT_EQ(verdict.verdict, Outcome::pass) << verdict.summary;
  EXPECT_EQ(verdict.entries.size(), 3u);
  limits.limits[1].at_most = 0.5;
  EXPECT_EQ(judged(base, candidate, limits).verdict, Outcome::fail);
  limits.limits[1].at_most = candidate.cases[1].metrics.at("latency_s").value;
  EXPECT_EQ(judged(base, candidate, limits).verdict, Outcome::cannot_tell);
}

TEST(Gate, ALimitFromBothSidesIsTwoLinesOfTheVerdict) {
  Limits limits = loss_limits();
  limits.limits.push_back(between(1.1, 1.2));
  const GateVerdict verdict = judged(result(2, 8, 1), result(2, 8, 2), limits);
  ASSERT_EQ(verdict.entries.size(), 4u);
  std::map<std::string, Outcome> outcomes;
  for (const GateEntry& entry : verdict.entries)
    if (entry.limit.starts_with("at "))
      outcomes[entry.limit.substr(0, entry.limit.find(' ', 3))] = entry.verdict;
  EXPECT_EQ(outcomes,
            (std::map<std::string, Outcome>{{"at most", Outcome::pass}, {"at least", Outcome::fail}}))
      << "it takes 1 s, and 1.1 to 1.2 s are asked for";
}

TEST(Gate, AsksForBothWhereARelativeAndAnAbsoluteLossStand) {
  Limits limits = loss_limits();
  limits.limits[0].loss_absolute = 0.2;  // of 1 s
  limits.limits[0].must_catch.reset();
  EXPECT_EQ(judged(result(2, 8, 1), result(2, 8, 2, 1.1), limits).verdict, Outcome::pass);
  EXPECT_EQ(judged(result(2, 8, 1), result(2, 8, 2, 1.4), limits).verdict, Outcome::fail);
}

TEST(Gate, TakesTheLastLimitThatFits) {
  Limits limits = loss_limits();
  Limit loose = limits.limits[0];
  loose.cases = "case 0";
  loose.loss = 0.2;
  loose.must_catch = 0.3;
  limits.limits.push_back(loose);
  EXPECT_EQ(judged(result(3, 8, 1), result(3, 8, 2, 1.1), limits).verdict, Outcome::pass);
}

TEST(Gate, JudgesByTheNoiseOfItsMachineWhereThatIsCalibrated) {
  const Machine machine{.between_runs = 0.02, .between_sessions = 0.02};
  std::vector<Result> same;
  for (std::uint64_t i = 0; i < 12; ++i) same.push_back(result(3, 8, 100 + i, 1, machine));
  Limits limits = loss_limits();
  const Recordings recorded = record(same, limits);
  limits.noise = noise_of(recorded.runs);
  ASSERT_EQ(limits.noise.size(), 3u);
  for (const Noise& noise : limits.noise) {
    // sqrt(2 (0.02^2 + 1.57 x 0.02^2 / 8)) = 0.031, from twelve runs
    EXPECT_NEAR(noise.deviation, 0.031, 0.014);
    EXPECT_EQ(noise.pairs, 66);
    EXPECT_EQ(noise.degrees, 11);
    EXPECT_GT(noise.floor, noise.deviation);
    EXPECT_NEAR(noise.within, 0.02, 0.005);
  }
  const GateVerdict verdict = judged(result(3, 8, 1, 1, machine), result(3, 8, 2, 1.06, machine), limits);
  EXPECT_GT(*entry_of(verdict, "case 0").bound, 0.08);
  EXPECT_TRUE(entry_of(verdict, "case 0").calibrated);
  EXPECT_NE(verdict.verdict, Outcome::fail);
  EXPECT_EQ(judged(result(3, 8, 1, 1, machine), result(3, 8, 2, 1.5, machine), limits).verdict,
            Outcome::fail);
  // Two sessions a side cannot be significant by their ranks; by the calibration they can.
  EXPECT_EQ(judged(result(3, 2, 1, 1, machine), result(3, 2, 2, 2, machine), limits).verdict, Outcome::fail);
}

TEST(Gate, IsReadAndWrittenByItsSchema) {
  const Json json = to_json(judged(result(2, 8, 1), result(2, 8, 2, 1.1)));
  EXPECT_EQ(json["schema"], "assay.verdict/1");
  EXPECT_EQ(json["verdict"], "fail");
  EXPECT_EQ(json["entries"][0]["verdict"], "fail");
  EXPECT_TRUE(verdict_schema()["properties"].contains("entries"));
}

}  // namespace
}  // namespace assay::gate_tests
