// SPDX-License-Identifier: Apache-2.0
#include "result/result_json.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_file.h"
#include "support/json_schema.h"

namespace assay::result_json_tests {
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
  const auto expect_keys = [](const Json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) EXPECT_TRUE(object.contains(key)) << key;
  };
  expect_keys(json, {"schema", "tool", "started_at", "finished_at", "status", "config", "environment",
                     "devices", "cases"});
  const Json& one = json["cases"][0];
  expect_keys(one, {"id", "device", "workload", "axes", "seed", "weights", "status", "reason", "facts",
                    "verification", "metrics", "series", "stages", "memory", "telemetry", "repro"});
  expect_keys(one["metrics"]["time_to_first_token_s"],
              {"unit", "better", "statistic", "value", "ci95", "of", "min", "max", "p90", "p99", "n",
               "blocks", "converged", "definition", "ceiling"});
  expect_keys(one["series"]["stage/decode"], {"unit", "blocks"});
  expect_keys(one["facts"][0], {"name", "value", "unit", "definition"});
  expect_keys(one["stages"][0], {"name", "times", "ops"});
  expect_keys(one["stages"][0]["ops"][0],
              {"name", "kind", "kernel", "shape", "flops", "bytes", "time_s", "bound", "of_peak"});
  EXPECT_TRUE(one["stages"][0]["ops"][0]["bytes"].contains("memory"));
  expect_keys(one["memory"], {"weight_bytes", "input_bytes", "state_bytes", "activation_bytes",
                              "workspace_bytes", "planned_peak_bytes", "measured_peak_bytes"});
  expect_keys(one["telemetry"],
              {"power_w", "energy_j", "clock_mhz", "temperature_max_c", "throttle_reasons", "stolen_share"});
}

TEST(ResultJson, ReadsStatusesByTheirNames) {
  const Result result = read_result(kExample);
  EXPECT_EQ(result.status, RunStatus::complete);
  EXPECT_EQ(result.cases[2].status, CaseStatus::skipped);
  EXPECT_EQ(result.cases[4].status, CaseStatus::not_a_measurement);
  EXPECT_EQ(name_of(result.cases[4].status), "not_a_measurement");
  Json json = to_json(result);
  json["cases"][0]["status"] = "fine";
  EXPECT_THROW(result_from_json(json, "x"), Error);
}

TEST(ResultJson, KeepsEveryDrawOnceByBlockAndSession) {
  const Result result = read_result(kExample);
  const SeriesResult& decode = result.cases[0].series.at("stage/decode");
  EXPECT_EQ(decode.unit, "s");
  ASSERT_EQ(decode.blocks.size(), 12u);
  EXPECT_EQ(decode.blocks[0].size(), 4u);
  EXPECT_EQ(decode.sessions, (std::vector<std::int64_t>{6, 6}));
  const Json json = to_json(result);
  EXPECT_TRUE(json["cases"][1]["series"]["stage/decode"]["sessions"].is_null());  // there was one
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
  result.devices.emplace_back().id = "cpu";
  CaseResult c;
  MetricResult metric_of_nothing;
  metric_of_nothing.unit = "s";
  c.metrics["x_s"] = metric_of_nothing;
  result.cases.push_back(c);
  const Json json = to_json(result);
  const Json& metric = json["cases"][0]["metrics"]["x_s"];
  for (const char* key : {"value", "ci95", "amount", "p99", "converged", "ceiling"})
    EXPECT_TRUE(metric[key].is_null()) << key;
  EXPECT_TRUE(json["devices"][0]["cache_bytes"].is_null());
  EXPECT_TRUE(json["cases"][0]["verification"].is_null());
  const Result back = result_from_json(json, "x");
  EXPECT_FALSE(back.cases[0].metrics.at("x_s").known());
  EXPECT_EQ(back.devices[0].cache_bytes, 0);
}

TEST(ResultJson, KeepsPeaksByPathAndByRow) {
  Result result;
  Peaks& peaks = result.devices.emplace_back().peaks;
  peaks.bytes_per_s[Path::memory] = {.datasheet = 2e12, .measured = 1e12, .source = "a sheet"};
  peaks.set_host_link({.datasheet = 64e9, .measured = 50e9, .source = "a slot"},
                      {.datasheet = 64e9, .measured = 52e9, .source = "a slot"});
  peaks.random_read_bytes_per_s[64] = {.datasheet = {}, .measured = 3e11, .source = {}};
  const Json json = to_json(result);
  const Json& written = json["devices"][0]["peaks"];
  EXPECT_EQ(written["bytes_per_s"]["measured"], 1e12);  // of memory, where it always stood
  EXPECT_EQ(written["path_bytes_per_s"]["host_link"]["measured"], 52e9) << "the faster way";
  EXPECT_FALSE(written["path_bytes_per_s"].contains("memory"));
  EXPECT_EQ(written["to_device_bytes_per_s"]["measured"], 50e9);
  EXPECT_EQ(written["from_device_bytes_per_s"]["measured"], 52e9);
  EXPECT_EQ(written["random_read_bytes_per_s"]["64"]["measured"], 3e11);
  const Peaks back = result_from_json(json, "x").devices[0].peaks;
  EXPECT_EQ(back.of(Path::memory).datasheet, 2e12);
  EXPECT_EQ(back.of("host_link").measured, 52e9);
  EXPECT_EQ(back.random_read_bytes_per_s.at(64).measured, 3e11);
  EXPECT_EQ(to_json(result_from_json(json, "x")), json);
  EXPECT_EQ(schema_violation(result_schema(), json), "");
}

TEST(ResultJson, ReadsPeaksFromBeforeThereWerePaths) {
  Json json = to_json(Result{});
  json["devices"] = {{{"id", "cpu"}, {"peaks", {{"bytes_per_s", {{"measured", 5e10}}}}}}, {{"id", "none"}}};
  const Result result = result_from_json(json, "x");
  EXPECT_EQ(result.devices[0].peaks.of(Path::memory).measured, 5e10);
  EXPECT_TRUE(result.devices[1].peaks.bytes_per_s.empty());
}

TEST(Peaks, HaveNoHostLinkWhereNeitherWayIsKnown) {
  Peaks peaks;
  peaks.set_host_link({}, {});
  EXPECT_TRUE(peaks.bytes_per_s.empty());
  EXPECT_FALSE(peaks.of("host_link").measured);
  EXPECT_FALSE(peaks.of("no such peak").measured);
}

TEST(PeakLabel, SpeaksOfPathsAndNumberFormats) {
  EXPECT_EQ(peak_label("memory"), "memory bandwidth");
  EXPECT_EQ(peak_label("host_link"), "host link bandwidth");
  EXPECT_EQ(peak_label("bf16"), "bf16 arithmetic");
}

TEST(ResultJson, AcceptsKeysItDoesNotKnow) {
  Json json = to_json(Result{});
  json["new_in_1_1"] = 1;
  json["tool"]["colour"] = "red";
  EXPECT_NO_THROW(result_from_json(json, "x"));
}

TEST(ResultJson, RefusesAFileOfTheFirstVersionWithAHintToRunAgain) {
  Json json = to_json(Result{});
  json["schema"] = "assay.result/2.3";
  EXPECT_NO_THROW(result_from_json(json, "x"));
  json["schema"] = "assay.result/1";
  try {
    result_from_json(json, "old.json");
    FAIL() << "version 1 was read";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "old.json:/schema: is \"assay.result/1\", a version this program does not read");
    EXPECT_EQ(e.hint, "it reads assay.result/2: run again to have such a file");
    EXPECT_EQ(e.code, ExitCode::bad_input);
  }
}

TEST(ResultJson, TellsAConfigFromAResult) {
  for (const Json& json :
       {Json{{"workload", "llm"}}, Json::array(), Json{{"schema", 7}}, Json{{"schema", "assay.result/20"}}})
    EXPECT_THROW(result_from_json(json, "x"), Error) << json;
}

TEST(ResultJson, KeepsASeriesOnOneLine) {
  EXPECT_EQ(pretty(Json{{"a", {{1.5, 2.5}, {3.5}}}, {"b", {{"c", Json::array()}, {"d", {1, 2}}}}}),
            "{\n  \"a\": [[1.5,2.5],[3.5]],\n  \"b\": {\n    \"c\": [],\n    \"d\": [1,2]\n  }\n}\n");
}

}  // namespace
}  // namespace assay::result_json_tests
