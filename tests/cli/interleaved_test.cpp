// SPDX-License-Identifier: Apache-2.0
// `assay run --interleave` and `--against` as a user meets them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::test::interleaved_tests {
namespace {

const std::string kTiny = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/tiny/llama-llama3";

/// A config of a model of a few thousand parameters, with two sessions.
std::string tiny_config(const TemporaryFolder& folder, const std::string& name = "tiny", int batch = 1) {
  return folder
      .write(name + ".json", R"({"workload": "llm", "name": ")" + name + R"(", "model": ")" + kTiny +
                                 R"(/config.json", "dtype": "f32", "load": {"batch": )" +
                                 std::to_string(batch) + R"(, "prompt_tokens": 5, "generate_tokens": 4},)" +
                                 R"("measure": {"max_seconds": 0.04, "min_seconds": 0, "sessions": 2}})")
      .string();
}

/// Of one thread: teams that spin would fight with the tests beside this one.
const std::string kEnvironment = "ASSAY_BACKENDS=cpu OMP_NUM_THREADS=1 ";

struct Ran {
  Said said;
  std::string out;
  Json side(const std::string& letter) const { return load_json(out + "/" + letter + "/result.json"); }
};
Ran run_in_turns(const TemporaryFolder& folder, const std::string& configs_and_options) {
  const std::string out = (folder.path() / "out").string();
  return {run_program(kEnvironment + ASSAY_BINARY + " run " + configs_and_options +
                      " --device cpu --format markdown --out " + out),
          out};
}

std::vector<std::int64_t> sessions_of(const Json& result) {
  return result["cases"][0]["series"]["stage/decode"]["sessions"].get<std::vector<std::int64_t>>();
}

void expect_two_lines(const Said& said, const std::string& names) {
  EXPECT_EQ(said.exit_code, 2) << said.err;
  EXPECT_EQ(said.out, "");
  EXPECT_TRUE(said.err.starts_with("error: ")) << said.err;
  EXPECT_NE(said.err.find("\n  hint: "), std::string::npos) << said.err;
  EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 2) << said.err;
  EXPECT_NE(said.err.find(names), std::string::npos) << said.err;
}

TEST(Interleaved, AConfigAgainstItselfGivesTwoResultsOfAsManySessions) {
  const TemporaryFolder folder;
  const std::string config = tiny_config(folder);
  const Ran ran = run_in_turns(folder, config + " " + config + " --interleave --order-seed 5");
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  EXPECT_EQ(ran.said.out, ran.out + "/a/result.json\n" + ran.out + "/b/result.json\n");
  const Json a = ran.side("a"), b = ran.side("b");
  EXPECT_EQ(sessions_of(a).size(), 2u);
  EXPECT_EQ(sessions_of(b).size(), 2u);
  EXPECT_EQ(a["cases"][0]["status"], "ok");
  EXPECT_GT(a["cases"][0]["metrics"]["inter_token_latency_s"]["value"], 0);
  EXPECT_FALSE(a["cases"][0]["stages"][0]["ops"][0]["time_s"].is_null());
  EXPECT_EQ(a["config"]["measure"]["sessions"], 2);
  EXPECT_EQ(a["cases"][0]["choices"], b["cases"][0]["choices"]) << "a's kernels are b's";
  const Json of_a = a["interleaving"], of_b = b["interleaving"];
  EXPECT_EQ(of_a["id"], of_b["id"]);
  EXPECT_EQ(of_a["side"], "a");
  EXPECT_EQ(of_b["side"], "b");
  EXPECT_EQ(of_a["seed"], 5);
  EXPECT_EQ(of_a["blocks"].size(), 1u);
  EXPECT_EQ(of_a["blocks"], of_b["blocks"]);
  EXPECT_NE(of_a["partner"].get<std::string>().find("config tiny"), std::string::npos);
  EXPECT_NE(a["cases"][0]["repro"].get<std::string>().find("--interleave --order-seed 5"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(ran.out + "/report.md"));
}

TEST(Interleaved, ALaterTurnMayWaitForWhatEarlierOnesOfItsSideLeft) {
  const TemporaryFolder folder;
  const std::string config = tiny_config(folder);
  const Ran ran = run_in_turns(
      folder,
      config + " " + config + " --interleave --no-probes --order-seed 5 --set /measure/quiet_wait_seconds=4");
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  std::map<char, double> left_s;
  const auto turns = ran.side("a")["interleaving"]["blocks"][0].get<std::string>();
  for (std::size_t t = 0; t < turns.size(); ++t) {
    const char side = turns[t];
    const auto result_of = [&](const std::string& turn) {
      return load_json(fmt::format("{}/turns/{}/result.json", ran.out, turn));
    };
    const Json turn = result_of(fmt::format("0{}-{}", t + 1, side));
    const Json seen = turn["cases"][0]["telemetry"];
    left_s[side] += 2;
    EXPECT_NEAR(turn["config"]["measure"]["quiet_wait_seconds"], left_s[side], 1e-6) << t;
    left_s[side] -= seen["quiet_wait_s"].get<double>();
    const Json chose = result_of(fmt::format("{}-choose", side))["cases"][0]["telemetry"];
    EXPECT_GE(seen["quiet_speed"], chose["quiet_speed"]) << "what the turn that chose knew";
  }
}

TEST(Interleaved, TakesTurnsAgainstAnotherBuild) {
  const TemporaryFolder folder;
  const Ran ran = run_in_turns(folder, tiny_config(folder) + " --no-probes --against " + ASSAY_BINARY);
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  EXPECT_EQ(sessions_of(ran.side("a")).size(), 2u);
  EXPECT_EQ(sessions_of(ran.side("b")).size(), 2u);
  EXPECT_NE(ran.side("b")["interleaving"]["partner"].get<std::string>().find("assay "), std::string::npos);
}

TEST(Interleaved, TwoConfigsAreAResultEach) {
  const TemporaryFolder folder;
  const Ran ran = run_in_turns(folder, tiny_config(folder, "one", 1) + " " + tiny_config(folder, "two", 2) +
                                           " --no-probes --interleave");
  ASSERT_EQ(ran.said.exit_code, 0) << ran.said.err;
  EXPECT_EQ(ran.side("a")["name"], "one");
  EXPECT_EQ(ran.side("b")["name"], "two");
  EXPECT_NE(ran.side("a")["interleaving"]["partner"].get<std::string>().find("config two"),
            std::string::npos);
}

TEST(Interleaved, AnInterruptKeepsWhatWasMeasured) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string(), config = tiny_config(folder);
  const std::string script =
      kEnvironment + ASSAY_BINARY + " run " + config + " " + config +
      " --interleave --no-probes --set /measure/sessions=64 --device cpu --format markdown --out " + out +
      " & pid=$!; while [ ! -e " + out +
      "/turns/04-*/cases.jsonl ]; do kill -0 $pid || exit 7; sleep 0.05; " +
      "done; kill -TERM $pid; wait $pid";
  EXPECT_EQ(run_program("sh -c '" + script + "'").exit_code, 130);
  for (const char* side : {"a", "b"}) {
    const Json result = load_json(out + "/" + side + "/result.json");
    EXPECT_EQ(result["status"], "partial");
    EXPECT_GE(result["cases"][0]["series"]["stage/decode"]["blocks"].size(), 1u);
  }
}

TEST(Interleaved, BadUsesAreTwoLinesAndExitCodeTwo) {
  const TemporaryFolder folder;
  const std::string one = tiny_config(folder), two = tiny_config(folder, "two") + " --interleave ";
  const auto run = [&](const std::string& line) { return run_in_turns(folder, line).said; };
  expect_two_lines(run(one + " --interleave"), "two sides");
  expect_two_lines(run(one + " " + two + "--budget 60"), "--budget");
  expect_two_lines(run(one + " " + two + "--no-time"), "--no-time");
  expect_two_lines(run(one + " --against " + (folder.path() / "absent").string()), "absent");
  expect_two_lines(run(one + " --against /bin/true"), "/bin/true");
  expect_two_lines(run(one + " --order-seed 3"), "--order-seed");
  expect_two_lines(run(one + " " + two + "--kernel matmul=warp"), "warp");
  const std::string other =
      folder
          .write("other.json", R"({"workload": "llm", "model": ")" + kTiny +
                                   R"(/config.json", "load": {"prompt_tokens": 5, "generate_tokens": 4},
                                      "measure": {"max_seconds": 9}})")
          .string();
  expect_two_lines(run(one + " " + other + " --interleave"), "/measure");
}

}  // namespace
}  // namespace assay::test::interleaved_tests
