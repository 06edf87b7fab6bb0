// SPDX-License-Identifier: Apache-2.0
#include "plan/run_config.h"

#include <gtest/gtest.h>

#include "base/json_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "workloads/workload.h"

namespace assay::run_config_tests {
namespace {

using test::bad_input;
using test::TemporaryFolder;

const std::string kModel = R"({"architectures": ["LlamaForCausalLM"], "vocab_size": 96, "hidden_size": 32,
    "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4})";

class RunConfigs : public ::testing::Test {
 protected:
  void SetUp() override { folder.write("models/tiny.json", kModel); }

  RunSet load(const std::string& name, const std::vector<std::string>& overrides = {}) {
    const std::vector<std::filesystem::path> files = {folder.path() / name};
    return load_runs(files, overrides);
  }
  RunSet run(const std::string& rest, const std::vector<std::string>& overrides = {}) {
    folder.write("llm/a.json", R"({"workload": "llm", "model": "../models/tiny.json")" + rest + "}");
    return load("llm/a.json", overrides);
  }
  std::string complaint(const std::string& rest, const std::vector<std::string>& overrides = {}) {
    return bad_input([&] { run(rest, overrides).expand().at(0).plan(); });
  }
  static std::vector<std::string> ids(const RunSet& set) {
    std::vector<std::string> all;
    for (const Case& one : set.expand()) all.push_back(one.id);
    return all;
  }

  TemporaryFolder folder;
};
using Ids = std::vector<std::string>;

TEST_F(RunConfigs, FillInEveryDefault) {
  const RunSet set = run("");
  EXPECT_EQ(ids(set), Ids{"llm/tiny/bf16"});
  const Json document = set.document();
  EXPECT_EQ(document["dtype"], "bf16");
  EXPECT_EQ(document["load"]["prompt_tokens"], 512);
  EXPECT_EQ(document["measure"]["max_seconds"], 15);
  EXPECT_EQ(document["seed"], 1);
  EXPECT_EQ(document["name"], "tiny");
  EXPECT_EQ(document["model"]["hidden_size"], 32);  // inlined
}

TEST_F(RunConfigs, SweepOverEveryList) {
  const RunSet set = run(R"(, "dtype": ["f32", "bf16"], "load": {"prompt_tokens": 8, "batch": [1, 4]})");
  EXPECT_EQ(ids(set), (Ids{"llm/tiny/f32/batch=1", "llm/tiny/f32/batch=4", "llm/tiny/bf16/batch=1",
                           "llm/tiny/bf16/batch=4"}));
  const Case last = set.expand().back();
  EXPECT_EQ(last.axes, Json::parse(R"({"dtype": "bf16", "batch": 4})"));
  EXPECT_EQ(last.document["load"]["batch"], 4);
  EXPECT_EQ(last.document["load"]["prompt_tokens"], 8);
  EXPECT_EQ(last.plan()->find("prompt_ids").has_value(), true);
}

TEST_F(RunConfigs, GiveTheSameCasesFromTheirResolvedDocument) {
  const RunSet set =
      run(R"(, "name": "chat", "dtype": ["f32", "bf16"], "load": {"batch": [1, 4]}, "seed": 7)");
  const RunSet again = runs_of(set.document(), "result.json", all_workloads());
  EXPECT_EQ(ids(again), ids(set));
  EXPECT_EQ(again.document(), set.document());
  EXPECT_EQ(again.expand()[0].document, set.expand()[0].document);
  EXPECT_EQ(
      run(R"(, "name": "chat", "dtype": ["f32", "bf16"], "load": {"batch": [1, 4]}, "seed": 7)").document(),
      set.document());
}

TEST_F(RunConfigs, AreChangedByOverrides) {
  const RunSet set = run(R"(, "load": {"batch": [1, 4]})", {"/load/batch=2", "/dtype=[\"f32\",\"f16\"]",
                                                            "/name=my chat", "/model/num_hidden_layers=1"});
  EXPECT_EQ(ids(set), (Ids{"llm/tiny/f32", "llm/tiny/f16"}));
  EXPECT_EQ(set.name, "my chat");
  EXPECT_EQ(set.folder_name(), "my-chat");
  EXPECT_EQ(set.runs[0].model["num_hidden_layers"], 1);
  EXPECT_EQ(run("", {"/measure/max_seconds=2"}).runs[0].measure.max_seconds, 2);
}

// The folder is made below out/: a name must never lead elsewhere.
TEST_F(RunConfigs, GiveAFolderNameThatIsOneFileName) {
  const auto folder_of = [&](const std::string& name) {
    RunSet set;
    set.name = name;
    return set.folder_name();
  };
  EXPECT_EQ(folder_of("../x"), "x");
  EXPECT_EQ(folder_of("/etc/passwd"), "etc-passwd");
  EXPECT_EQ(folder_of("a/../../b c"), "a-..-..-b-c");
  for (const char* nothing : {"", ".", "..", "/", "../..", "---", "..."})
    EXPECT_EQ(folder_of(nothing), "unnamed");
  EXPECT_EQ(folder_of(std::string("a\0b", 3)), "a-b");
  EXPECT_EQ(folder_of("caf\xc3\xa9\n"), "caf");
  const std::string longest = folder_of(std::string(5000, 'x'));
  EXPECT_LE(longest.size(), 100u);
  EXPECT_EQ(run(R"(, "name": "../x")").folder_name(), "x");
}

TEST_F(RunConfigs, RefuseWrongOverrides) {
  ASSAY_EXPECT_HAS(complaint("", {"load/batch=2"}), "--set load/batch=2: is not /json/pointer=VALUE");
  ASSAY_EXPECT_HAS(complaint("", {"/load/batch"}), "is not /json/pointer=VALUE");
  ASSAY_EXPECT_HAS(complaint("", {"/load//batch=1"}), "has an empty key");
  ASSAY_EXPECT_HAS(complaint("", {"/load/batch~2=1"}), "is no escape");
  ASSAY_EXPECT_HAS(complaint("", {"/workload/x=1"}), "not an object");
  ASSAY_EXPECT_HAS(complaint(R"(, "dtype": ["f32"])", {"/dtype/1=bf16"}), "no element of a list of 1");
  ASSAY_EXPECT_HAS(complaint("", {"/laod/batch=1"}), "/laod: is not a known key | did you mean \"load\"?");
}

TEST_F(RunConfigs, NameFilePlaceAndNearestKeyOfAMistake) {
  ASSAY_EXPECT_HAS(complaint(R"(, "load": {"bacth": 1})"),
                   "a.json:/load/bacth: is not a known key | did you mean \"batch\"?");
  ASSAY_EXPECT_HAS(complaint(R"(, "load": {"batch": -1})"), "a.json:/load/batch: is -1");
  ASSAY_EXPECT_HAS(complaint(R"(, "load": {"batch": "many"})"), "/load/batch: is \"many\"");
  ASSAY_EXPECT_HAS(complaint(R"(, "load": {"batch": 60000, "prompt_tokens": 1000000})"), "/load: asks for");
  ASSAY_EXPECT_HAS(complaint(R"(, "load": {"batch": []})"), "/load/batch: is an empty list");
  ASSAY_EXPECT_HAS(complaint(R"(, "load": 3)"), "/load: is");
  ASSAY_EXPECT_HAS(complaint(R"(, "dtype": "float31")"), "/dtype: holds \"float31\"");
  ASSAY_EXPECT_HAS(complaint(R"(, "dtype": "i32")"), "/dtype");
  ASSAY_EXPECT_HAS(complaint(R"(, "dtype": "int3")"), "/dtype: holds \"int3\"");
  ASSAY_EXPECT_HAS(complaint(R"(, "measure": {"target_ci": 0})"), "/measure/target_ci: is 0");
  ASSAY_EXPECT_HAS(complaint(R"(, "seed": -1)"), "/seed: is -1");
}

TEST_F(RunConfigs, RefuseASweepOfTooManyCases) {
  std::string list = "[1";
  for (int i = 2; i <= 100; ++i) list += "," + std::to_string(i);
  list += "]";
  ASSAY_EXPECT_HAS(complaint(R"(, "load": {"batch": )" + list + R"(, "prompt_tokens": )" + list + "}"),
                   "over more than 4096 cases");
}

TEST_F(RunConfigs, NameTheModelsOwnFileForWhatIsWrongInIt) {
  folder.write("models/tiny.json", R"({"architectures": ["LlamaForCausalLM"], "vocab_size": -1})");
  ASSAY_EXPECT_HAS(complaint(""), "models/tiny.json:/vocab_size: is -1");
  folder.write("models/tiny.json", "{\"architectures\": [");
  ASSAY_EXPECT_HAS(complaint(""), "tiny.json:1:20: is not JSON: the text ends here");
  std::filesystem::remove(folder.path() / "models/tiny.json");
  ASSAY_EXPECT_HAS(complaint(""), "tiny.json: is missing");
  folder.write("b.json",
               R"({"workload": "llm", "model": {"architectures": ["LlamaForCausalLM"], "vocab_size": -1}})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("b.json"); }), "b.json:/model/vocab_size: is -1");
  folder.write("c.json", R"({"workload": "llm"})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("c.json"); }), "c.json:/model: is missing");
}

TEST_F(RunConfigs, RefuseUnknownWorkloadsAndOtherDocuments) {
  folder.write("b.json", R"({"workload": "lmm", "model": "models/tiny.json"})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("b.json"); }), "/workload: is \"lmm\" | did you mean \"llm\"?");
  folder.write("c.json", "[1, 2]");
  ASSAY_EXPECT_HAS(bad_input([&] { load("c.json"); }), "c.json:/: is not an object");
  folder.write("d.json", "{}");
  ASSAY_EXPECT_HAS(bad_input([&] { load("d.json"); }), "/workload: is missing");
}

TEST_F(RunConfigs, TakeABareModelAndItsFolder) {
  folder.write("Tiny-1B/config.json", kModel);
  EXPECT_EQ(ids(load("Tiny-1B/config.json")), Ids{"llm/Tiny-1B/bf16"});
  EXPECT_EQ(ids(load("Tiny-1B")), Ids{"llm/Tiny-1B/bf16"});
  EXPECT_EQ(ids(load("models/tiny.json", {"/load/batch=[1,2]"})),
            (Ids{"llm/tiny/bf16/batch=1", "llm/tiny/bf16/batch=2"}));
  folder.write("bert.json", R"({"architectures": ["BertModel"]})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("bert.json"); }), "bert.json:/architectures: names \"BertModel\"");
}

TEST_F(RunConfigs, StandTogetherInSuites) {
  run(R"(, "load": {"batch": [1, 2]})");
  folder.write("suites/s.json", R"({"name": "both", "runs": ["../llm/a.json",
      {"workload": "llm", "name": "inline", "model_name": "mine", "model": "../models/tiny.json"}]})");
  const RunSet set = load("suites/s.json", {"/seed=3"});
  EXPECT_EQ(set.name, "both");
  EXPECT_EQ(ids(set), (Ids{"llm/tiny/bf16/batch=1", "llm/tiny/bf16/batch=2", "llm/mine/bf16"}));
  EXPECT_EQ(set.runs[1].seed, 3u);
  EXPECT_EQ(ids(runs_of(set.document(), "r.json", all_workloads())), ids(set));
  EXPECT_EQ(ids(load("suites/s.json", {"/runs/0=../models/tiny.json"})),
            (Ids{"llm/tiny/bf16", "llm/mine/bf16"}));
}

TEST_F(RunConfigs, AreReadFromADocumentWithPathsInIt) {
  run("");
  const Json suite = {{"name", "both"}, {"runs", {"llm/a.json", "llm/a.json"}}};
  const RunSet set = runs_of(suite, (folder.path() / "suite.json").string(), all_workloads());
  EXPECT_EQ(set.name, "both");
  EXPECT_EQ(set.runs.size(), 2u);
}

TEST_F(RunConfigs, AreNamedTogetherWhereSeveralFilesAreGiven) {
  run("");
  const std::vector<std::filesystem::path> files = {folder.path() / "llm/a.json",
                                                    folder.path() / "models/tiny.json"};
  EXPECT_EQ(load_runs(files).name, "tiny and 1 more");
}

TEST_F(RunConfigs, SpellOutTheLoadWhereIdsWouldBeTheSame) {
  run(R"(, "load": {"prompt_tokens": 8})");
  const RunSet first = load("llm/a.json");
  std::filesystem::rename(folder.path() / "llm/a.json", folder.path() / "llm/b.json");
  run(R"(, "load": {"prompt_tokens": 16})");
  folder.write("s.json", R"({"runs": ["llm/a.json", "llm/b.json"]})");
  const std::string tail = ",generate_tokens=64,temperature=0.0,top_k=0,top_p=1.0,kv_dtype=auto,in_flight=1";
  EXPECT_EQ(ids(load("s.json")), (Ids{"llm/tiny/bf16/batch=1,prompt_tokens=16" + tail,
                                      "llm/tiny/bf16/batch=1,prompt_tokens=8" + tail}));
  folder.write("s.json", R"({"runs": ["llm/a.json", "llm/a.json"]})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("s.json").expand(); }), "stands twice");
}

TEST_F(RunConfigs, NameTheCycleOfIncludes) {
  folder.write("a.json", R"({"runs": ["b.json"]})");
  folder.write("b.json", R"({"runs": ["a.json"]})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("a.json"); }), "includes itself (a.json -> b.json -> a.json)");
}

TEST_F(RunConfigs, SurviveSuitesThatIncludeOneAnotherTwice) {
  for (int i = 0; i < 40; ++i) {
    const std::string next = std::to_string(i + 1) + ".json";
    folder.write(std::to_string(i) + ".json", "{\"runs\": [\"" + next + "\", \"" + next + "\"]}");
  }
  folder.write("40.json", R"({"workload": "llm", "model": "models/tiny.json"})");
  ASSAY_EXPECT_HAS(bad_input([&] { load("0.json"); }), "more than 1000 includes");
}

TEST_F(RunConfigs, KeepDtypesAsResultsSpellThem) {
  const RunSet set = run(R"(, "dtype": ["float32", "bfloat16", "half"])");
  EXPECT_EQ(set.document()["dtype"], Json::parse(R"(["f32", "bf16", "f16"])"));
  EXPECT_EQ(run(R"(, "dtype": "FP16")").document()["dtype"], "f16");
}

TEST(RunSchema, DescribesTheFieldsThatAreRead) {
  const Json schema = run_schema();
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  const Json& run = schema["$defs"]["run_llm"];
  EXPECT_EQ(run["properties"]["workload"]["const"], "llm");
  EXPECT_EQ(run["properties"]["load"]["properties"]["batch"]["anyOf"][0]["minimum"], 1);
  EXPECT_EQ(run["properties"]["measure"]["properties"]["max_seconds"]["type"], "number");
  EXPECT_EQ(run["required"], Json::array({"workload", "model"}));
}

}  // namespace
}  // namespace assay::run_config_tests
