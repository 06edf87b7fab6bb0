// SPDX-License-Identifier: Apache-2.0
#include "result/redact.h"

#include <gtest/gtest.h>

#include "result/result_json.h"

namespace assay {
namespace {

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
  result.cases.emplace_back().repro =
      "assay run configs/acme.json --only 'llm/acme name/batch=1$' --device cpu";
  redact(result);
  EXPECT_EQ(result.cases[0].repro, "assay run [path] --only 'llm/acme name/batch=1$' --device cpu");
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

TEST(Redact, HidesPathsInTheConfigAndKeepsItsNumbers) {
  Result result;
  result.config = {
      {"model", "../models/acme.json"}, {"name", "chat"}, {"load", {{"batch", 4}}}, {"runs", {"acme.json"}}};
  redact(result);
  EXPECT_EQ(result.config.dump(), R"({"model":"[path]","name":"chat","load":{"batch":4},"runs":["[path]"]})");
}

}  // namespace
}  // namespace assay
