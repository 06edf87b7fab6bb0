// SPDX-License-Identifier: Apache-2.0
// `assay run --resume DIR`: a run that was cut short goes on, on the same machine, as its command said.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "support/program.h"
#include "support/tiny_config.h"

namespace assay::test::resume_tests {
namespace {

namespace fs = std::filesystem;

/// A run of four cases into "out", nothing timed.
class Resumed : public testing::Test {
 protected:
  void SetUp() override {
    const Said said =
        assay("run " + config() + " --device cpu --set /seed=3 --no-time --no-probes --out " + out());
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
  std::string config() const { return tiny_config(folder_, "[1, 2, 3, 4]"); }
  std::string out() const { return (folder_.path() / "out").string(); }
  Said resume(const std::string& options = "") const {
    return assay("run --resume " + out() + " " + options);
  }

  /// As a kill leaves it: a log of the first cases, and half a line.
  void cut_to(int cases) const {
    fs::remove(out() + "/result.json");
    std::ifstream log(out() + "/cases.jsonl");
    std::string kept;
    for (int i = 0; i < 1 + cases; ++i) {
      std::string line;
      std::getline(log, line);
      kept += line + "\n";
    }
    std::ofstream(out() + "/cases.jsonl") << kept << "{\"id\": \"llm/";
  }
  Json result() const { return load_json(out() + "/result.json"); }
  /// Writes the result anew.
  void change(const std::function<void(Json&)>& what) const {
    Json json = result();
    what(json);
    save_json(out() + "/result.json", json);
  }
  std::vector<std::string> ids() const {
    const Json all = result();
    std::vector<std::string> found;
    for (const Json& one : all["cases"]) found.push_back(one["id"]);
    return found;
  }
  const TemporaryFolder folder_;
};

const std::vector<std::string> kAll = {"llm/llama-llama3/f32/batch=1", "llm/llama-llama3/f32/batch=2",
                                       "llm/llama-llama3/f32/batch=3", "llm/llama-llama3/f32/batch=4"};

void expect_refused(const Said& said, const std::string& names) {
  EXPECT_EQ(said.exit_code, 2) << said.err;
  EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 2) << said.err;
  EXPECT_NE(said.err.find(names), std::string::npos) << said.err;
}

TEST_F(Resumed, ARunThatWasKilledGoesOnWithTheCasesThatAreMissing) {
  cut_to(2);
  const Said said = resume();
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out, out() + "/result.json\n");
  EXPECT_EQ(said.err.find("batch=2 on cpu: ok"), std::string::npos) << "it was there already";
  EXPECT_NE(said.err.find("batch=3 on cpu: ok"), std::string::npos) << said.err;
  EXPECT_EQ(ids(), kAll);
  const Json found = result();
  EXPECT_EQ(found["status"], "complete");
  EXPECT_EQ(found["cases_planned"], 4);
  EXPECT_EQ(found["cases"][3]["seed"], 3);
  EXPECT_TRUE(found["cases"][3]["metrics"].empty()) << "--no-time is of its command";
  EXPECT_NE(found["warnings"].dump().find("2 of 4 cases were measured by an earlier start"),
            std::string::npos);
  const std::string log = text_of(out() + "/cases.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 5) << "the run, and four cases";
}

TEST_F(Resumed, CasesThatFailedOrAreNoMeasurementRunAgainAndStandInTheirPlace) {
  change([](Json& json) {
    json["cases"][0]["status"] = "failed";
    json["cases"][1]["status"] = "not_a_measurement";
    json["cases"][2]["status"] = "skipped";
    json["cases"][2]["reason"] = "no kernel serves it";
  });
  ASSERT_EQ(resume().exit_code, 0);
  EXPECT_EQ(ids(), kAll);
  EXPECT_EQ(result()["cases"][0]["status"], "ok");
  EXPECT_EQ(result()["cases"][1]["status"], "ok");
  EXPECT_EQ(result()["cases"][2]["status"], "skipped");
}

TEST_F(Resumed, ACaseThatWasInterruptedRunsAgain) {
  change([](Json& json) {
    json["status"] = "partial";
    json["cases"][3]["reason"] = "interrupted";
  });
  const Said said = resume();
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_TRUE(result()["cases"][3]["reason"].is_null());
}

TEST_F(Resumed, WhereNothingIsMissingNothingIsRun) {
  const std::string was = text_of(out() + "/result.json");
  const Said said = resume();
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_NE(said.err.find("no case is missing"), std::string::npos) << said.err;
  EXPECT_EQ(text_of(out() + "/result.json"), was);
}

TEST_F(Resumed, AnotherConfigIsRefusedAndTheSameOneIsNot) {
  cut_to(1);
  EXPECT_EQ(resume(config()).exit_code, 0);
  cut_to(1);
  expect_refused(resume(tiny_config(folder_, "[1, 2, 3, 5]")), "/load/batch/3");
  EXPECT_FALSE(fs::exists(out() + "/result.json"));
}

TEST_F(Resumed, AnotherMachineOrBuildIsRefusedByName) {
  change([](Json& json) {
    json["cases"].erase(3);
    json["devices"][0]["properties"]["isa"] = "none";
    json["tool"]["git"] = "0000000";
  });
  const Said said = resume();
  expect_refused(said, "cpu isa");
  EXPECT_NE(said.err.find("assay's build"), std::string::npos) << said.err;
}

TEST_F(Resumed, OtherOptionsAreRefusedAndWhatIsNoRunToo) {
  expect_refused(resume("--device cpu"), "--device");
  expect_refused(resume("--no-time"), "--no-time");
  expect_refused(assay("run --resume " + folder_.path().string()), "holds neither");
  change([](Json& json) { json["command"] = {"assay", "run", "--no-such-option"}; });
  expect_refused(resume(), "/command");
}

TEST(Interrupted, ASweepSaysHowManyWerePlannedAndHowToGoOn) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::string config = tiny_config(folder, "[1, 2, 3, 4]");
  const std::string script =
      "ASSAY_BACKENDS=cpu " + std::string(ASSAY_BINARY) + " run " + config +
      " --device cpu --quick --no-probes --set /measure/max_seconds=0.3 --format markdown --out " + out +
      " & pid=$!; while [ $(cat " + out + "/cases.jsonl 2>/dev/null | wc -l) -lt 3 ]; do " +
      "kill -0 $pid || exit 7; sleep 0.02; done; kill -INT $pid; wait $pid";
  const Said said = run_program("sh -c '" + script + "'");
  ASSERT_EQ(said.exit_code, 130) << said.err;
  EXPECT_NE(said.err.find(" of 4 cases were measured"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("hint: assay run --resume " + out), std::string::npos) << said.err;
  const Json partial = load_json(out + "/result.json");
  EXPECT_EQ(partial["status"], "partial");
  EXPECT_EQ(partial["cases_planned"], 4);
  EXPECT_LT(partial["cases"].size(), 4u);
  EXPECT_NE(text_of(out + "/report.md").find("the run did not end: "), std::string::npos);
  EXPECT_NE(text_of(out + "/report.md").find(" of 4 cases were measured"), std::string::npos);
  const Said resumed = assay("run --resume " + out);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(load_json(out + "/result.json")["cases"].size(), 4u);
  EXPECT_EQ(text_of(out + "/report.md").find("The run did not end"), std::string::npos);
}

}  // namespace
}  // namespace assay::test::resume_tests
