// SPDX-License-Identifier: Apache-2.0
// What identifies is planted in every text of a result, and none of it may be left.
#include <gtest/gtest.h>

#include <set>

#include "result/redact.h"
#include "support/planted_texts.h"

namespace assay::redact_planted_tests {
namespace {

/// Calls `visit` with every text of a file, and with the names in it.
void each(const Json& value, const std::function<void(const std::string&)>& visit) {
  if (value.is_string()) visit(value.get_ref<const std::string&>());
  if (!value.is_structured()) return;
  for (const auto& [key, element] : value.items()) each(element, visit);
}

TEST(RedactPlanted, EveryTextOfAFileIsPlantedButTheNamesOfEnums) {
  const Result planted = planted_result(Planter::What::values, {"none", "PLANTED", {}}, " ", "");
  static const std::set<std::string> kEnums = {
      "complete", "ok",     "skipped", "not_a_measurement", "passed", "failed", "lower", "higher",
      "median",   "memory", "device",  "compute",           "launch", "host"};
  int seen = 0;
  each(to_json(planted), [&](const std::string& text) {
    if (text.find("PLANTED") == std::string::npos)
      EXPECT_TRUE(kEnums.contains(text)) << text;
    else
      ++seen;
  });
  EXPECT_GT(seen, 900);
}

TEST(RedactPlanted, NoTextKeepsAMarker) {
  for (const Marker& marker : markers())
    for (const auto& [before, behind] : frames()) {
      Result result = planted_result(Planter::What::values, marker, before, behind);
      redact(result);
      EXPECT_EQ(trace_of(marker, pretty(to_json(result))), "") << before << behind;
    }
}

TEST(RedactPlanted, NoTextThatIsAMarkerIsKept) {
  for (const Marker& marker : markers()) {
    Result result = planted_result(Planter::What::values, marker, "", "");
    Planter(Planter::What::values, [&](std::string& text) { text = marker.text; }).plant(result);
    redact(result);
    EXPECT_EQ(trace_of(marker, pretty(to_json(result))), "");
  }
}

TEST(RedactPlanted, NoKeyKeepsAMarker) {
  for (const Marker& marker : markers())
    for (const auto& [before, behind] : frames()) {
      Result result = planted_result(Planter::What::keys, marker, before, behind);
      redact(result);
      EXPECT_EQ(trace_of(marker, pretty(to_json(result))), "") << before << behind;
    }
}

TEST(RedactPlanted, ResultsThatHoldNothingOfTheKindStayAsTheyAre) {
  Result result = read_result(std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json");
  const Json before = to_json(result);
  redact(result);
  Json after = to_json(result);
  EXPECT_EQ(after["command"], (Json{"assay", "run", "[path]", "--device", "all"}));
  EXPECT_EQ(after["cases"][0]["repro"], "assay run [path] --device cpu --only 'test-model/bf16/batch=1$'");
  after["command"] = before["command"];
  for (std::size_t i = 0; i < after["cases"].size(); ++i)
    after["cases"][i]["repro"] = before["cases"][i]["repro"];
  EXPECT_EQ(after, before);
}

TEST(RedactPlanted, AFileThatWasRedactedIsReadAgainAndRedactedToTheSame) {
  Result result = planted_result(Planter::What::values, markers()[3], " ", "");
  result.schema = kResultSchema;
  redact(result);
  const Json once = to_json(result);
  Result again = result_from_json(once, "once.json");
  redact(again);
  EXPECT_EQ(to_json(again), once);
}

}  // namespace
}  // namespace assay::redact_planted_tests
