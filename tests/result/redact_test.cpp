// SPDX-License-Identifier: Apache-2.0
#include "result/redact.h"

#include <gtest/gtest.h>

#include "result/result_json.h"

namespace assay::redact_tests {
namespace {

CaseResult& add_case(Result& result, const std::string& id) {
  CaseResult& one = result.cases.emplace_back();
  one.id = id;
  one.workload = id.substr(0, id.find('/'));
  const std::size_t model = one.workload.size() + 1;
  one.model = id.substr(model, id.find('/', model) - model);
  return one;
}

TEST(Redact, TakesPathsOutOfCommandLinesAndLeavesTheOptions) {
  Result result;
  result.command = {"/opt/acme/bin/assay",
                    "run",
                    "--quick",
                    "/home/jo/acme/llm.json",
                    "--out",
                    "acme-out",
                    "--set",
                    "/load/batch=4",
                    "--set",
                    "/model=/srv/acme/config.json",
                    "--weights=/srv/acme",
                    "--device",
                    "cuda:0"};
  redact(result);
  EXPECT_EQ(result.command, (std::vector<std::string>{"assay", "run", "--quick", "[path]", "--out", "[path]",
                                                      "--set", "/load/batch=4", "--set", "/model=[path]",
                                                      "--weights=[path]", "--device", "cuda:0"}));
}

TEST(Redact, KeepsTheQuotesOfAReproLine) {
  Result result;
  CaseResult& one = add_case(result, "llm/acme/bf16/batch=1");
  one.axes = {{"batch", 1}};
  one.repro = "assay run 'configs/a b.json' --only '^llm/acme/(bf16|f16)/batch=1$' --device cpu";
  redact(result);
  EXPECT_EQ(one.repro, "assay run '[path]' --only '^llm/acme/(bf16|f16)/batch=1$' --device cpu");
}

TEST(Redact, RemovesNamesOfMachineAndUserWhereverTheyStand) {
  Result result;
  result.environment = {{"hostname", "gpu-node-17"}, {"user", "jo.doe"}, {"os", "Debian on gpu-node-17"}};
  result.devices.emplace_back().properties = {
      {"uuid", "GPU-1234"}, {"pci_bus_id", "00:1e.0"}, {"driver", "580"}};
  result.warnings = {"gpu-node-17: cannot read /home/jo.doe/x, at 12 GB/s"};
  result.cases.emplace_back().reason = "GPU-1234 is busy (see ~/log)";
  redact(result);
  const std::string text = pretty(to_json(result));
  for (const char* gone : {"gpu-node-17", "jo.doe", "GPU-1234", "00:1e.0", "/home", "~/log"})
    EXPECT_EQ(text.find(gone), std::string::npos) << gone;
  EXPECT_EQ(result.warnings[0], "[removed]: cannot read [path], at 12 GB/s");
  EXPECT_EQ(result.devices[0].properties.at("driver"), "580");
}

TEST(Redact, RemovesNamesFromWhatRunsAreCalled) {
  Result result;
  result.environment = {{"user", "jo.doe"}};
  result.cases.emplace_back().run = "chat of jo.doe, /home/jo.doe/chat.json";
  redact(result);
  EXPECT_EQ(result.cases[0].run, "chat of [removed], [path]");
}

TEST(Redact, HidesPathsInTheConfigAndKeepsItsNumbers) {
  Result result;
  result.config = {
      {"model", "../models/acme.json"}, {"name", "chat"}, {"load", {{"batch", 4}}}, {"runs", {"acme.json"}}};
  redact(result);
  EXPECT_EQ(result.config.dump(),
            R"({"model":"[path]","name":"chat","load":{"batch":4},"runs":["[path 2]"]})");
}

TEST(Redact, HidesPathsAndNamesInAxesAndIds) {
  Result result;
  result.environment = {{"hostname", "gpu-node-17"}};
  result.config = {{"load", {{"draft", {"/home/jo/a.json", "models/b"}}, {"batch", 1}}}};
  const auto add = [&](const std::string& id, Json axes) {
    CaseResult& c = add_case(result, id);
    c.axes = std::move(axes);
    c.repro = "assay run x --device cpu --only '^" + id + "$'";
  };
  add("llm/m/bf16/draft=/home/jo/a.json,batch=1", {{"dtype", "bf16"}, {"draft", "/home/jo/a.json"}});
  add("llm/m/bf16/draft=models/b,batch=1", {{"dtype", "bf16"}, {"draft", "models/b"}});
  add("llm/m/bf16/target=gpu-node-17", {{"target", {{"host", "gpu-node-17"}}}});
  redact(result);
  EXPECT_EQ(result.cases[0].id, "llm/m/bf16/draft=[path],batch=1");
  EXPECT_EQ(result.cases[1].id, "llm/m/bf16/draft=[path 2],batch=1");  // still another case
  EXPECT_EQ(result.cases[2].id, "llm/m/bf16/target=[removed]");
  EXPECT_EQ(result.cases[0].axes.dump(), R"({"dtype":"bf16","draft":"[path]"})");
  EXPECT_EQ(result.cases[1].axes.dump(), R"({"dtype":"bf16","draft":"[path 2]"})");
  EXPECT_EQ(result.config["load"]["draft"], Json::array({"[path]", "[path 2]"}));
  const std::string text = pretty(to_json(result));
  for (const char* gone : {"gpu-node-17", "/home", "jo", "models/b", "a.json"})
    EXPECT_EQ(text.find(gone), std::string::npos) << gone << " in " << text;
}

TEST(Redact, LeavesIdsAndAxesThatHoldNothingOfTheKind) {
  Result result;
  result.environment = {{"hostname", "gpu-node-17"}};
  CaseResult& c = add_case(result, "llm/llama-3.1-8b/bf16/batch=1,top_p=0.9");
  c.axes = {{"dtype", "bf16"}, {"batch", 1}, {"top_p", 0.9}};
  c.repro = "assay run a.json --only '^llm/llama-3\\.1-8b/bf16/batch=1,top_p=0\\.9$'";
  const CaseResult before = c;
  redact(result);
  EXPECT_EQ(c.id, before.id);
  EXPECT_EQ(c.axes, before.axes);
  EXPECT_EQ(c.repro, "assay run [path] --only '^llm/llama-3\\.1-8b/bf16/batch=1,top_p=0\\.9$'");
}

TEST(Redact, HidesTheNameOfARunInAnIdWhereItIsAPath) {
  Result result;
  result.config = {{"name", "/home/jo/chat"}};
  add_case(result, "llm/m/bf16/batch=1//home/jo/chat").axes = {{"batch", 1}};
  redact(result);
  EXPECT_EQ(result.cases[0].id, "llm/m/bf16/batch=1/[path]");
}

}  // namespace
}  // namespace assay::redact_tests
