// SPDX-License-Identifier: Apache-2.0
// `assay run` as a user meets it: what it keeps when things go wrong, and what its exit code says.
#include <gtest/gtest.h>

#include <string>

#include "base/json_file.h"
#include "support/program.h"
#include "support/tiny_config.h"

namespace assay::test::run_tests {
namespace {

const std::string kLong = "--set /model/max_position_embeddings=65536";  // the tiny model is made for 64

struct Ran {
  Said said;
  std::string out;
  Json result() const { return load_json(out + "/result.json"); }
};

/// Short, on the CPU, into one folder of the test's.
Ran run_tiny(const TemporaryFolder& folder, const std::string& options) {
  const std::string out = (folder.path() / "out").string();
  return {
      assay("run " + tiny_config(folder) +
            " --device cpu --quick --set /measure/max_seconds=0.05 --replace --out " + out + " " + options),
      out};
}

TEST(Run, KeepsEveryCaseInALogAndMakesTheResultOfIt) {
  const TemporaryFolder folder;
  const Ran ran = run_tiny(folder, "");
  EXPECT_NE(ran.said.err.find("Time to first token"), std::string::npos) << ran.said.err;
  EXPECT_NE(ran.said.err.find("\nreport: " + ran.out + "/report.html\n"), std::string::npos) << ran.said.err;
  EXPECT_EQ(ran.said.out, ran.out + "/result.json\n") << "and nothing else where programs read";
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  const std::string log = text_of(ran.out + "/cases.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3) << "the run, and two cases";
  const Json result = ran.result(), one = result["cases"][0];
  EXPECT_EQ(one["seed"], 1);
  EXPECT_EQ(one["weights"], "seed");
  EXPECT_EQ(one["metrics"]["inter_token_latency_s"]["of"], "stage/decode");
  EXPECT_GE(one["series"]["stage/decode"]["blocks"].size(), 6u);
  EXPECT_EQ(one["series"]["stage/decode"]["blocks"][0].size(), 3u);
  EXPECT_TRUE(one["series"].contains("peak/memory"));
  EXPECT_FALSE(one["choices"].empty());
}

TEST(Run, AKilledRunLeavesWhatItMeasuredAndReportMakesAResultOfIt) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::string config = tiny_config(folder, "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]");
  const std::string script = "ASSAY_BACKENDS=cpu " + std::string(ASSAY_BINARY) + " run " + config +
                             " --device cpu --quick --out " + out + " & pid=$!; " + "while [ $(cat " + out +
                             "/cases.jsonl 2>/dev/null | wc -l) -lt 2 ]; do " +
                             "kill -0 $pid || exit 7; sleep 0.05; done; kill -9 $pid; wait $pid; true";
  ASSERT_EQ(run_program("sh -c '" + script + "'").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(out + "/result.json"));
  const Said said = assay("report " + out + " --format markdown");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json result = load_json(out + "/result.json");
  EXPECT_EQ(result["status"], "partial");
  EXPECT_GE(result["cases"].size(), 1u);
  EXPECT_LT(result["cases"].size(), 12u);
  EXPECT_NE(text_of(out + "/report.md").find("did not end"), std::string::npos);
}

TEST(Run, ARunThatMeasuredNothingItWasAskedToExitsWithFive) {
  const TemporaryFolder folder;
  // No CPU kernel multiplies in fp8, and no machine holds a batch of 65536 with a million tokens each.
  const std::string skipped = "--set /load/batch=65536 --set /load/prompt_tokens=16000 " + kLong;
  const Ran ran = run_tiny(folder, skipped);
  EXPECT_EQ(ran.said.exit_code, 5) << ran.said.err;
  EXPECT_EQ(ran.result()["cases"][0]["status"], "skipped");
  EXPECT_EQ(run_tiny(folder, skipped + " --allow-skips").said.exit_code, 0);
}

TEST(Run, TooFewBlocksAreNoMeasurementAndNoSuccess) {
  const TemporaryFolder folder;
  const Ran ran =
      run_tiny(folder, kLong +
                           " --set /load/prompt_tokens=400 --set /load/generate_tokens=100 "
                           "--set /measure/max_seconds=0.001 --set /measure/give_up_seconds=0.001 "
                           "--no-op-times --no-probes");
  const Json result = ran.result();
  for (const Json& one : result["cases"]) {
    EXPECT_EQ(one["status"], "not_a_measurement");
    EXPECT_NE(one["reason"].get<std::string>().find("too few for an interval"), std::string::npos)
        << one["reason"];
  }
  EXPECT_EQ(ran.said.exit_code, 5);
}

TEST(Run, AnUnknownForcedKernelIsFoundBeforeAnythingIsMeasured) {
  const TemporaryFolder folder;
  const Ran ran = run_tiny(folder, "--kernel matmul=warp");
  EXPECT_EQ(ran.said.exit_code, 2);
  EXPECT_NE(ran.said.err.find("warp"), std::string::npos) << ran.said.err;
  EXPECT_FALSE(std::filesystem::exists(ran.out + "/cases.jsonl"));
}

TEST(Run, ChoicesOfAnEarlierResultAreUsedAgain) {
  const TemporaryFolder folder;
  const Ran first = run_tiny(folder, "--no-time --kernel matmul=widened");
  ASSERT_EQ(first.said.exit_code, 0) << first.said.err;
  const Json chosen = first.result();
  const std::string kept = folder.write("chosen.json", chosen.dump()).string();
  const Ran again = run_tiny(folder, "--no-time --choices " + kept);
  ASSERT_EQ(again.said.exit_code, 0) << again.said.err;
  const Json choices = again.result()["cases"][0]["choices"];
  EXPECT_EQ(choices, chosen["cases"][0]["choices"]);
  EXPECT_NE(choices.dump().find("widened"), std::string::npos);
}

TEST(Run, WhatQuietIsComesFromTheResultThatChoicesAreTakenFrom) {
  const TemporaryFolder folder;
  const std::string waits = " --no-probes --no-op-times --set /measure/quiet_wait_seconds=0.05 ";
  const Ran first = run_tiny(folder, waits);
  ASSERT_EQ(first.said.exit_code, 0) << first.said.err;
  Json chosen = first.result();
  Json& known = chosen["cases"][0]["telemetry"]["quiet_speed"];
  EXPECT_GT(known.get<double>(), 0);
  known = 1e15;  // so fast that it never is again
  const Ran again =
      run_tiny(folder, waits + "--choices " + folder.write("chosen.json", chosen.dump()).string());
  ASSERT_EQ(again.said.exit_code, 0) << again.said.err;
  const Json taken = again.result();
  for (const Json& one : taken["cases"]) {
    EXPECT_EQ(one["telemetry"]["quiet_speed"], 1e15);
    EXPECT_GT(one["telemetry"]["unquiet_blocks"], 0);
  }
  chosen["tool"]["build"] = "by another compiler";
  const Ran other =
      run_tiny(folder, waits + "--choices " + folder.write("other.json", chosen.dump()).string());
  EXPECT_LT(other.result()["cases"][0]["telemetry"]["quiet_speed"], 1e15);
}

TEST(Run, ABudgetLeavesCasesOutAndSaysWhich) {
  const TemporaryFolder folder;
  const Said none = run_tiny(folder, "--budget 0.001").said;
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("are not enough for any case"), std::string::npos) << none.err;
  const Ran ran = run_tiny(folder, "--budget 2.2 --no-probes");
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  EXPECT_EQ(ran.result()["cases"].size(), 1u) << ran.said.err;
  EXPECT_NE(ran.said.err.find("leaves out 1 of 2 cases: llm/llama-llama3/f32/batch=2 on cpu"),
            std::string::npos)
      << ran.said.err;
  EXPECT_NE(ran.result()["warnings"].dump().find("raise --budget"), std::string::npos);
}

TEST(Run, SaysHowLongItWillTakeBeforeItBegins) {
  const TemporaryFolder folder;
  const std::string err = run_tiny(folder, "--no-time").said.err;
  const std::size_t estimate = err.find("2 cases: about "), first = err.find("batch=1 on cpu");
  ASSERT_NE(estimate, std::string::npos) << err;
  EXPECT_LT(estimate, first);
}

TEST(Run, WeightsOfACheckpointAreNamedInTheResult) {
  const TemporaryFolder folder;
  const Ran ran = run_tiny(folder, "--no-time --weights " + kTinyModel);
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  EXPECT_EQ(ran.result()["cases"][0]["weights"], "llama-llama3");
}

}  // namespace
}  // namespace assay::test::run_tests
