// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json_file.h"
#include "reports/formats.h"
#include "support/compared_results.h"
#include "support/three_workloads.h"

namespace assay::tables_tests {
namespace {

Document document(std::vector<Block> blocks) {
  return {.title = "T", .subtitle = {}, .blocks = std::move(blocks)};
}

Table small_table() {
  return {.caption = "Times: all of them",
          .columns = {{"Case", false}, {"Time", true, "s"}},
          .rows = {{Text().code("a"), Text("6.00 ms").add("±1.0 %", Span::Style::detail)}, {"b", "-"}}};
}

Json tables(const Report& report) {
  return parse_json(report.text, "report.tables.json");
}

TEST(Tables, NameThePlaceOfEachTableItsColumnsAndItsRows) {
  const Report report = tables_of(document({Heading{2, "LLM"}, Heading{3, "model"}, Heading{4, "Times"},
                                            small_table(), Heading{2, "Method"}, Table{"", {{"x"}}, {}}}));
  const Json json = tables(report);
  EXPECT_EQ(json["schema"], "assay.tables/1");
  const Json& first = json["tables"][0];
  EXPECT_EQ(first["section"], "LLM");
  EXPECT_EQ(first["subsection"], "model");
  EXPECT_EQ(first["part"], "Times");
  EXPECT_EQ(first["caption"], "Times: all of them");
  EXPECT_EQ(first["columns"][0], (Json{{"title", "Case"}, {"number", false}, {"unit", nullptr}}));
  EXPECT_EQ(first["columns"][1], (Json{{"title", "Time"}, {"number", true}, {"unit", "s"}}));
  EXPECT_EQ(first["rows"], Json::parse(R"([["a", "6.00 ms; ±1.0 %"], ["b", ""]])"));
  EXPECT_EQ(json["tables"][1]["section"], "Method");
  EXPECT_EQ(json["tables"][1]["subsection"], "");
}

TEST(Tables, BringEachAsACsvFileThatSortsInItsOrder) {
  const Report report = tables_of(document({Heading{2, "A heading"}, small_table(), Table{"", {{"x"}}, {}}}));
  ASSERT_EQ(report.attachments.size(), 2u);
  EXPECT_EQ(report.attachments[0].path, "tables/01-times.csv");
  EXPECT_EQ(report.attachments[0].text, "Case,Time\r\na,6.00 ms; ±1.0 %\r\nb,\r\n");
  EXPECT_EQ(report.attachments[1].path, "tables/02-a-heading.csv");
  EXPECT_EQ(tables(report)["tables"][1]["file"], "tables/02-a-heading.csv");
}

TEST(Tables, GiveASpreadsheetNoFormulaAndQuoteWhatSeparates) {
  Table table{.caption = std::string(300, 'c'), .columns = {{"=title"}}, .rows = {{"=cmd|' /C calc'!A0"}}};
  table.rows.push_back({"a \"b\", c\nd"});
  const Report report = tables_of(document({table}));
  EXPECT_EQ(report.attachments[0].text, "'=title\r\n'=cmd|' /C calc'!A0\r\n\"a \"\"b\"\", c\nd\"\r\n");
  EXPECT_LT(report.attachments[0].path.size(), 80u);
}

TEST(Tables, AreThoseOfTheDocument) {
  const ReportInput input = report_input({three_workloads()});
  const Report report = find_report("tables").render(input);
  const auto of_document = std::ranges::count_if(
      document_of(input).blocks, [](const Block& block) { return std::holds_alternative<Table>(block); });
  const Json all = tables(report);
  EXPECT_EQ(std::ssize(all["tables"]), of_document);
  EXPECT_EQ(std::ssize(report.attachments), of_document);
  for (const Json& table : all["tables"])
    for (const Json& row : table["rows"]) EXPECT_EQ(row.size(), table["columns"].size()) << table["caption"];
  EXPECT_FALSE(
      find_comparison_format("tables").render(comparison_input(compared_pair())).attachments.empty());
}

}  // namespace
}  // namespace assay::tables_tests
