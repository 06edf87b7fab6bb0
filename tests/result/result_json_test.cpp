// SPDX-License-Identifier: Apache-2.0
#include "result/result_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/json_file.h"
#include "support/json_schema.h"

namespace assay {
namespace {

const std::filesystem::path kExample =
    std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/golden/report.result.json";

TEST(ResultJson, ReadsBackWhatItWrote) {
  const Json json = to_json(read_result(kExample));
  EXPECT_EQ(to_json(result_from_json(json, "x")), json);
  EXPECT_EQ(parse_json(pretty(json), "x"), json);
}

TEST(ResultJson, UsesTheKeysOfTheContract) {
  const Json json = to_json(read_result(kExample));
  for (const char* key :
       {"schema", "tool", "started_at", "finished_at", "status", "config", "environment", "devices", "cases"})
    EXPECT_TRUE(json.contains(key)) << key;
  const Json& metric = json["cases"][0]["metrics"]["time_to_first_token_s"];
  for (const char* key : {"unit", "better", "median", "ci95", "min", "max", "p90", "p99", "n", "samples"})
    EXPECT_TRUE(metric.contains(key)) << key;
  const Json& op = json["cases"][0]["stages"][0]["ops"][0];
  for (const char* key : {"name", "kind", "kernel", "shape", "flops", "bytes", "time_s", "bound", "of_peak"})
    EXPECT_TRUE(op.contains(key)) << key;
}

TEST(ResultJson, IsValidUnderItsOwnSchema) {
  const Json schema = result_schema();
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema_violation(schema, to_json(read_result(kExample))), "");
  Json wrong = to_json(read_result(kExample));
  wrong["cases"][0]["metrics"]["time_to_first_token_s"]["n"] = "eleven";
  EXPECT_EQ(schema_violation(schema, wrong), "/cases/0/metrics/time_to_first_token_s/n");
}

TEST(ResultJson, WritesWhatIsUnknownAsNull) {
  Result result;
  result.devices.push_back(
      {.id = "cpu", .kind = "cpu", .name = "x", .peaks = {}, .peaks_after = {}, .properties = {}});
  CaseResult c;
  c.metrics["x_s"] = {.unit = "s",
                      .better = "lower",
                      .median = std::numeric_limits<double>::quiet_NaN(),
                      .ci95 = {},
                      .p90 = {},
                      .p99 = {},
                      .converged = {},
                      .samples = {},
                      .definition = {},
                      .stage = {},
                      .ceiling = {}};
  result.cases.push_back(c);
  const Json json = to_json(result);
  const Json& metric = json["cases"][0]["metrics"]["x_s"];
  for (const char* key : {"median", "ci95", "p99", "converged", "ceiling"})
    EXPECT_TRUE(metric[key].is_null()) << key;
  EXPECT_TRUE(json["devices"][0]["cache_bytes"].is_null());
  EXPECT_TRUE(json["cases"][0]["verification"].is_null());
  const Result back = result_from_json(json, "x");
  EXPECT_TRUE(std::isnan(back.cases[0].metrics.at("x_s").median));
  EXPECT_EQ(back.devices[0].cache_bytes, 0);
}

TEST(ResultJson, AcceptsKeysItDoesNotKnow) {
  Json json = to_json(Result{});
  json["new_in_1_1"] = 1;
  json["tool"]["colour"] = "red";
  EXPECT_NO_THROW(result_from_json(json, "x"));
}

TEST(ResultJson, RefusesAnotherMajorVersionAndSaysSo) {
  Json json = to_json(Result{});
  json["schema"] = "assay.result/1.3";
  EXPECT_NO_THROW(result_from_json(json, "x"));
  json["schema"] = "assay.result/2";
  try {
    result_from_json(json, "old.json");
    FAIL() << "version 2 was read";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "old.json:/schema: is \"assay.result/2\", a version this program does not read");
    EXPECT_NE(e.hint.find("assay.result/1"), std::string::npos);
    EXPECT_EQ(e.code, ExitCode::bad_input);
  }
}

TEST(ResultJson, TellsAConfigFromAResult) {
  for (const Json& json :
       {Json{{"workload", "llm"}}, Json::array(), Json{{"schema", 7}}, Json{{"schema", "assay.result/10"}}})
    EXPECT_THROW(result_from_json(json, "x"), Error) << json;
}

TEST(ResultJson, KeepsSamplesOnOneLine) {
  EXPECT_EQ(pretty(Json{{"a", {1.5, 2.5}}, {"b", {{"c", Json::array()}}}}),
            "{\n  \"a\": [1.5,2.5],\n  \"b\": {\n    \"c\": []\n  }\n}\n");
}

}  // namespace
}  // namespace assay
