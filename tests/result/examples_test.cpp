// SPDX-License-Identifier: Apache-2.0
// The real results that the repository keeps stay readable, and stay what the schema says.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_file.h"
#include "result/result_json.h"
#include "support/json_schema.h"

namespace assay::examples_tests {
namespace {

TEST(Examples, KeptResultsAreReadAndMatchTheSchema) {
  int found = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(ASSAY_SOURCE_DIR) + "/reports/examples")) {
    if (entry.path().filename() != "result.json") continue;
    ++found;
    const Json json = load_json(entry.path());
    if (json.value("schema", "") == "assay.result/1")
      GTEST_SKIP() << entry.path() << " is of an older version and waits to be measured again";
    EXPECT_EQ(schema_violation(result_schema(), json), "") << entry.path();
    const Result result = read_result(entry.path());
    EXPECT_EQ(result.status, RunStatus::complete) << entry.path();
    EXPECT_FALSE(result.cases.empty()) << entry.path();
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace assay::examples_tests
