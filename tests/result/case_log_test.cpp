// SPDX-License-Identifier: Apache-2.0
#include "result/case_log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "result/result_json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace assay::case_log_tests {
namespace {

using test::bad_input;
using test::TemporaryFolder;

CaseResult one_case(int number) {
  CaseResult one;
  one.id = "test/case=" + std::to_string(number);
  one.device = "cpu";
  one.series["stage/go"].unit = "s";
  one.series["stage/go"].blocks = {{1, 2}, {3, 4}};
  return one;
}

Result some_run() {
  Result run;
  run.name = "a run";
  run.status = RunStatus::complete;  // the log says what is true while it is written
  run.devices.emplace_back().id = "cpu";
  return run;
}

TEST(CaseLog, HoldsTheRunAndEveryCaseThatEnded) {
  const TemporaryFolder folder;
  CaseLog log(folder.path(), some_run());
  for (int i = 0; i < 3; ++i) log.add(one_case(i));
  const Result read = read_case_log(folder.path());
  EXPECT_EQ(read.name, "a run");
  EXPECT_EQ(read.status, RunStatus::partial);
  ASSERT_EQ(read.cases.size(), 3u);
  EXPECT_EQ(read.cases[2].id, "test/case=2");
  EXPECT_EQ(read.cases[2].series.at("stage/go").blocks, (std::vector<std::vector<double>>{{1, 2}, {3, 4}}));
}

TEST(CaseLog, ALineThatAKillCutShortIsLeftOut) {
  const TemporaryFolder folder;
  {
    CaseLog log(folder.path(), some_run());
    log.add(one_case(0));
  }
  std::ofstream(folder.path() / kCaseLogName, std::ios::app) << R"({"id": "test/case=1", "dev)";
  EXPECT_EQ(read_case_log(folder.path()).cases.size(), 1u);
}

TEST(CaseLog, ALogWithoutALineIsBadInput) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / kCaseLogName) << R"({"schema": "assay.res)";
  ASSAY_EXPECT_HAS(bad_input([&] { read_case_log(folder.path()); }), "cases.jsonl: holds no whole line");
}

TEST(CaseLog, AFolderIsItsResultOrElseItsLog) {
  const TemporaryFolder folder;
  ASSAY_EXPECT_HAS(bad_input([&] { read_result_or_folder(folder.path()); }),
                   "holds neither result.json nor cases.jsonl");
  CaseLog log(folder.path(), some_run());
  log.add(one_case(0));
  EXPECT_EQ(read_result_or_folder(folder.path()).cases.size(), 1u);
  write_result(folder.path() / "result.json", some_run());
  EXPECT_EQ(read_result_or_folder(folder.path()).status, RunStatus::complete);
  EXPECT_EQ(read_result_or_folder(folder.path() / "result.json").cases.size(), 0u);
}

}  // namespace
}  // namespace assay::case_log_tests
