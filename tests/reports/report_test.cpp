// SPDX-License-Identifier: Apache-2.0
#include "reports/report.h"

#include <gtest/gtest.h>

#include "analyse/roofline.h"
#include "base/json_file.h"
#include "reports/formats.h"
#include "result/result_json.h"
#include "support/example_result.h"
#include "support/golden.h"

namespace assay::report_tests {
namespace {

std::string render(const std::string& format, const Result& r) {
  return find_report(format).render(report_input({r})).text;
}

const std::vector<DataFile> kData = {
    {"Golden test", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}};

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

// JSON is not text to be looked at: its content is tested below.
TEST(Report, EveryFormatIsAsAccepted) {
  for (const ReportFormat& format : report_formats())
    if (format.name != "json" && !format.printed)
      expect_golden("report." + std::string(format.extension),
                    format.render(report_input({example_result()}, {}, kData)).text);
}

TEST(Report, JsonHoldsResultsAndSummary) {
  const Json json = parse_json(render("json", example_result()), "report.json");
  EXPECT_EQ(json["schema"], "assay.report/2");
  EXPECT_EQ(json["results"][0], to_json(example_result()));
  EXPECT_EQ(json["summary"]["ok"], 5);
  EXPECT_EQ(json["summary"]["usable"]["verdict"], "not_usable");
  EXPECT_EQ(json["summary"]["comparisons"][0]["device"], "Test device 2");
  EXPECT_EQ(json["summary"]["comparisons"][0]["metrics"][0]["verdict"], "faster");
}

TEST(Report, SaysBesideAnOpThatTheCacheServedItAndWarnsOfNothing) {
  Result r = example_result();
  OpResult& norm = r.cases[0].stages[0].ops[1];
  norm.bytes = {{Path::memory, 4e6}};  // in 8 us, five times the peak
  add_roofline(r);
  EXPECT_EQ(count(render("markdown", r), "its data fit the cache of"), 0u);
  EXPECT_EQ(count(render("markdown", r), "Above its ceiling"), 1u);
  r.devices[0].cache_bytes = 4 << 20;
  add_roofline(r);
  EXPECT_EQ(count(render("markdown", r), "its data fit the cache of 4.00 MiB"), 1u);
  EXPECT_EQ(count(render("markdown", r), "Above its ceiling"), 0u);
}

TEST(Report, SpeaksOfThePathThatBinds) {
  Result r = example_result();
  r.devices[0].peaks.set_host_link({.datasheet = {}, .measured = 1e6, .source = {}}, {});
  r.cases[0].stages[0].ops[1].bytes[Path::host_link] = 100;
  add_roofline(r);
  EXPECT_GE(count(render("markdown", r), "| host link |"), 1u) << "in the table of ops";
  EXPECT_EQ(count(render("markdown", r), "host_link"), 0u);
}

TEST(Report, UnknownFormatNamesTheKnownOnes) {
  try {
    find_report("docx");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code, ExitCode::bad_input);
    for (const ReportFormat& format : report_formats())
      EXPECT_NE(e.hint.find(format.name), std::string::npos) << e.hint;
  }
}

TEST(Report, MarkdownRefersToEveryChartItBrings) {
  const Report report = find_report("markdown").render(report_input({example_result()}));
  ASSERT_FALSE(report.attachments.empty());
  for (const Attachment& file : report.attachments) {
    EXPECT_EQ(count(report.text, "](" + file.path + ")"), 1u) << file.path;
    EXPECT_TRUE(file.text.starts_with("<svg xmlns=")) << file.path;
    EXPECT_NE(file.text.find("<style>"), std::string::npos) << file.path;
  }
}

TEST(Report, HtmlNeedsNothingFromElsewhere) {
  const std::string html = render("html", example_result());
  for (const char* word :
       {"<script ", "<link", "@import", "url(", "src=", "href=\"http", "fetch(", "import("})
    EXPECT_EQ(html.find(word), std::string::npos) << word;
  EXPECT_NE(html.find("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"),
            std::string::npos);
  EXPECT_NE(html.find("prefers-color-scheme:dark"), std::string::npos);
  EXPECT_NE(html.find("@media print"), std::string::npos);
  EXPECT_EQ(count(html, "<svg"), count(html, "role=\"img\""));
  EXPECT_EQ(count(html, "<svg"), count(html, "</desc>"));
}

TEST(Report, HtmlHasNoControlThatIsDeadWithoutScripts) {
  std::string html = render("html", example_result());
  html = html.substr(0, html.find("<script>")).substr(html.find("<body>"));
  for (const char* control : {"<button", "<input", "aria-sort", " hidden", "onclick"})
    EXPECT_EQ(html.find(control), std::string::npos) << control;
}

TEST(Report, HtmlBringsAScriptOnlyForWhatItHas) {
  const auto scripts = [](std::vector<Block> blocks) {
    return count(html_of({.title = "Page", .subtitle = {}, .blocks = std::move(blocks)}).text, "<script>");
  };
  EXPECT_EQ(scripts({Paragraph{"Words alone."}}), 0u);
  EXPECT_EQ(scripts({Table{}}), 1u);
  EXPECT_EQ(scripts({Figure{}, Table{}}), 2u);
}

TEST(Report, HtmlOfVeryManyRowsIsLaidOutAsItComesIntoView) {
  const auto page = [](std::size_t rows) {
    Table table{.caption = "Rows", .columns = {{"A"}}, .rows = {}};
    table.rows.assign(rows, {Cell("x")});
    return html_of({.title = "Page", .subtitle = {}, .blocks = {table}}).text;
  };
  EXPECT_EQ(count(page(2000), "<main>"), 1u);
  EXPECT_EQ(count(page(2001), "<main class=\"long\">"), 1u);
}

TEST(Report, ATableWithoutACaptionIsCalledByItsHeading) {
  const std::string html = html_of({.title = "Page",
                                    .subtitle = {},
                                    .blocks = {Heading{2, "What <it> costs"},
                                               Table{.caption = "", .columns = {{"A"}}, .rows = {}}}})
                               .text;
  EXPECT_NE(
      html.find("aria-labelledby=\"table_1\"><table id=\"table_1\" aria-label=\"What &lt;it&gt; costs\">"),
      std::string::npos)
      << html.substr(html.find("<main>"), 900);
}

TEST(Report, HtmlAndMarkdownSayTheSame) {
  const std::string html = render("html", example_result()), md = render("markdown", example_result());
  for (const char* fact :
       {"6.00 ms", "16,700 tokens/s", "80.0 %", "10.0x", "needs 2.00 GiB, 1.00 GiB are there",
        "these figures may not be used", "disagree", "48 in 12 blocks of 2 sessions", "withheld"}) {
    EXPECT_NE(html.find(fact), std::string::npos) << fact;
    EXPECT_NE(md.find(fact), std::string::npos) << fact;
  }
}

TEST(Report, HostileNamesStayText) {
  Result r = example_result();
  const std::string hostile = "<script>x</script>|`\"'&](http://x)";
  r.name = r.devices[0].name = hostile;
  r.cases[0].stages[0].ops[0].name = hostile;
  r.cases[0].verification->ops[0].op = hostile;
  r.cases[2].reason = hostile;
  r.warnings = {hostile};
  r.cases[0].warnings = {hostile + ": " + hostile};
  r.cases[0].facts = {{hostile, hostile, hostile, hostile}};
  r.cases[0].telemetry->throttle_reasons = {hostile};
  r.cases[0].peaks["memory"].why = hostile;
  r.cases[0].model = hostile;
  r.environment["os"] = hostile;
  const std::string html = render("html", r);
  EXPECT_EQ(count(html, "<script"), 2u) << "the page's own";
  EXPECT_EQ(count(html, "</script"), 2u);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  const Report md = find_report("markdown").render(report_input({r}));
  EXPECT_EQ(md.text.find("<script"), std::string::npos);
  EXPECT_EQ(count(md.text, "](http"), count(md.text, "\\](http"));  // no bracket without its backslash
  for (const Attachment& file : md.attachments) EXPECT_EQ(file.text.find("<script"), std::string::npos);
  // Every row of a table still has as many cells as its head.
  std::istringstream lines(md.text);
  std::size_t columns = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) {
      columns = 0;
      continue;
    }
    const std::size_t cells = count(line, "|") - count(line, "\\|");
    if (columns == 0) columns = cells;
    EXPECT_EQ(cells, columns) << line;
  }
}

TEST(Report, CsvGivesASpreadsheetNoFormula) {
  Result r = example_result();
  r.cases[2].reason = "=cmd|' /C calc'!A0";
  EXPECT_NE(render("csv", r).find("'=cmd"), std::string::npos);
  EXPECT_EQ(render("csv", r).find(",=cmd"), std::string::npos);
}

TEST(Report, AnEmptyPartialResultStillMakesEveryReport) {
  for (const ReportFormat& format : report_formats()) {
    Result partial;
    const std::string text = format.render(report_input({partial})).text;
    EXPECT_FALSE(text.empty()) << format.name;
    EXPECT_EQ(text.find("nan"), std::string::npos) << format.name;
  }
}

TEST(Report, SaysThatIntervalsOfOneSessionHoldForItAlone) {
  Result r = example_result();
  EXPECT_NE(render("markdown", r).find("hold for that session"), std::string::npos);
  r.cases = {r.cases[0]};  // of two sessions
  EXPECT_EQ(render("markdown", r).find("hold for that session"), std::string::npos);
}

TEST(Report, GivesARemedyWithItsCases) {
  EXPECT_NE(render("markdown", example_result())
                .find("- **Stop other programs, or take a machine of your own, and run again**. "
                      "`test-model/bf16/batch=8` on Test device: others took 49.0 % of the CPUs' time"),
            std::string::npos);
}

TEST(Report, ShowsNoFigureOfWhatIsNoMeasurement) {
  Result r = example_result();
  const auto mark = [](MetricResult& metric) { metric.value = 0.123456; };
  for (auto& [name, metric] : r.cases[4].metrics) mark(metric);
  for (StageResult& stage : r.cases[4].stages) {
    mark(*stage.time_s);
    for (OpResult& op : stage.ops) mark(*op.time_s);
  }
  for (const char* format : {"markdown", "html", "csv"}) {
    const std::string text = render(format, r);
    for (const char* figure : {"0.123456", "123 ms", "0.123 ", "12.3 %"})
      EXPECT_EQ(text.find(figure), std::string::npos) << format << ": " << figure;
    EXPECT_NE(text.find("prefill has 3 blocks"), std::string::npos) << format;
  }
}

TEST(Report, NamesNoBestOverModels) {
  const std::string md = render("markdown", example_result());
  EXPECT_EQ(md.find("lowest of 4"), std::string::npos);
  EXPECT_NE(md.find("lowest of 2 cases: batch=1"), std::string::npos);
  EXPECT_NE(md.find("| **other-model, skew 1.05** | Test device | **7.50 ms** ±1.0 % |"), std::string::npos);
}

TEST(Report, CallsABoundAClassAndNotACause) {
  const std::string md = render("markdown", example_result());
  EXPECT_NE(md.find("by its counts memory-bound, at **60.0 %** of the bound at the measured peaks (48.0 % "
                    "at the datasheet's)"),
            std::string::npos);
  EXPECT_EQ(md.find("limited by memory"), std::string::npos);
}

TEST(Report, SaysOfEachModelFirstWhatWasRun) {
  Result r = example_result();
  for (CaseResult& c : r.cases)
    if (c.model == "test-model")
      c.load = {{"batch", c.axes["batch"]}, {"prompt_tokens", 1024}, {"top_p", 0.95}};
  const std::string md = render("markdown", r);
  const std::size_t table = md.find("\n|", md.find("### test-model"));
  EXPECT_EQ(md.find("\n| Model | Parameters | Batch | Prompt tokens | Top p | Weights | Device |"), table)
      << md.substr(table, 200);
  EXPECT_NE(md.find("| **test-model** test-model chat | 10,000,000 | 1 | 1,024 | 0.95 | seed 1 | Test device "
                    "Test device 2 |"),
            std::string::npos)
      << md.substr(table, 800);
  EXPECT_NE(md.find("| **test-model** test-model chat skipped | 10,000,000 | 1,000 |"), std::string::npos);
}

TEST(Report, GivesEveryCaseItsSentence) {
  const std::string md = render("markdown", example_result());
  for (const char* batch : {"1", "8"})
    EXPECT_EQ(count(md, "\n- `test-model/bf16/batch=" + std::string(batch) +
                            "` on **Test device**: **Prefill** takes"),
              1u);
}

TEST(Report, DrawsNoChartThatIsAnotherUpsideDown) {
  Result r = example_result();
  r.cases = {r.cases[0], r.cases[5]};  // batch 1 both
  for (CaseResult& c : r.cases) {
    MetricResult& rate = c.metrics["output_tokens_per_s"];
    MetricResult latency = rate;
    latency.amount = 0;
    latency.unit = "s";
    latency.better = Better::lower;
    latency.value = 1 / rate.value;
    c.metrics["inter_token_latency_s"] = latency;
  }
  const auto charts = [&] {
    std::string names;
    for (const Attachment& file : find_report("markdown").render(report_input({r})).attachments)
      names += file.path;
    return names;
  };
  EXPECT_NE(charts().find("bars-llm-inter-token-latency-s"), std::string::npos);
  EXPECT_EQ(charts().find("bars-llm-output-tokens-per-s"), std::string::npos);
  EXPECT_NE(charts().find("bars-llm-decode-bandwidth-utilisation"), std::string::npos)
      << "a share says something else";
  r.cases[1].metrics["output_tokens_per_s"].amount = 8;  // another batch: the rate is no mirror of the time
  EXPECT_NE(charts().find("bars-llm-output-tokens-per-s"), std::string::npos);
}

TEST(Report, KeepsOperationsAndVerificationForItsAppendix) {
  const std::string md = render("markdown", example_result());
  const std::size_t repeat = md.find("## How to repeat it"), operations = md.find("## Appendix: operations"),
                    verification = md.find("## Appendix: verification");
  EXPECT_LT(repeat, operations);
  EXPECT_LT(operations, verification);
  EXPECT_EQ(md.find("| Operation |"), md.find("| Operation |", operations));
}

TEST(Report, NumbersItsPagesAndKeepsHeadersWithWhatTheyHead) {
  const std::string html = render("html", example_result());
  EXPECT_NE(html.find("@bottom-right{content:counter(page)"), std::string::npos);
  EXPECT_NE(html.find("h1,h2,h3,h2+p,h3+p,caption,figcaption,thead{break-after:avoid"), std::string::npos);
  EXPECT_EQ(count(html, "<div class=\"figures\">"), count(html, "</figure>\n</div>"));
}

TEST(Report, TellsTwoRunsOfOneMachineApartByTheirLabels) {
  Result before = example_result(), after = example_result();
  for (Result* r : {&before, &after}) {
    r->devices.resize(1);
    r->cases.resize(1);
  }
  before.label = "before";
  after.label = "after";
  const ReportInput input = report_input({before, after});
  const std::string md = find_report("markdown").render(input).text;
  EXPECT_TRUE(md.starts_with("# before, after\n")) << md.substr(0, 200);
  EXPECT_NE(md.find("after, Test device compared with before, Test device"), std::string::npos);
  const std::string csv = find_report("csv").render(input).text;
  EXPECT_EQ(count(csv, "\nbefore,llm/"), count(csv, "\nafter,llm/"));
  EXPECT_GT(count(csv, "\nafter,llm/"), 0u);
}

TEST(Report, BearsTheTitleThatItWasGiven) {
  Result r = example_result();
  r.title = "Chat on two cards";
  EXPECT_TRUE(render("markdown", r).starts_with("# Chat on two cards\n"));
  const ReportInput input = report_input({r, example_result()}, "Both");
  EXPECT_TRUE(find_report("markdown").render(input).text.starts_with("# Both\n"));
  EXPECT_EQ(to_json(input)["title"], "Both");
}

TEST(Report, CsvHasAColumnForEveryAxisAndField) {
  Result r = example_result();
  r.cases[0].load = {{"batch", 1}, {"prompt_tokens", 1024}, {"unit", "x"}};
  const std::string csv = render("csv", r), head = csv.substr(0, csv.find('\n'));
  EXPECT_NE(head.find(",disturbed,batch,prompt_tokens,load.unit,record,"), std::string::npos) << head;
  EXPECT_NE(csv.find(",1,1024,x,metric,"), std::string::npos);
  EXPECT_NE(csv.find(",8,,,metric,"), std::string::npos);
}

TEST(Report, ListsAStageWithItsBoundAndItsOpByOpEstimate) {
  const std::string md = render("markdown", example_result());
  EXPECT_NE(md.find("| decode | 600 \u00b5s | 360 \u00b5s | 60.0 % | 400 \u00b5s |"), std::string::npos);
}

TEST(Report, GivesAnOlderResultNoBound) {
  Result r = example_result();
  for (CaseResult& c : r.cases)
    for (StageResult& stage : c.stages) stage.compulsory.reset();
  add_roofline(r);
  for (CaseResult& c : r.cases)
    for (auto& [name, metric] : c.metrics) metric.ceiling = 0.000123456;  // as an older program wrote it
  for (const char* format : {"markdown", "html", "csv"})
    EXPECT_EQ(render(format, r).find("123"), render(format, example_result()).find("123")) << format;
  EXPECT_NE(render("markdown", r).find("| decode | 600 \u00b5s | - | - | 400 \u00b5s |"), std::string::npos);
  EXPECT_EQ(render("markdown", r).find("of the bound at"), std::string::npos);
}

TEST(Report, SaysThatOneRoundingIsTheWholeAllowance) {
  EXPECT_NE(render("markdown", example_result())
                .find("one rounding of what it stores, which nothing can avoid, is the whole"),
            std::string::npos);
}

TEST(Report, ShowsWhatTheMachineDidMeanwhile) {
  const std::string md = render("markdown", example_result());
  for (const char* fact : {"power limit", "1,700 MHz", "64.0 °C", "49.0 %", "4,210"})
    EXPECT_NE(md.find(fact), std::string::npos) << fact;
  EXPECT_EQ(md.find("Withheld by quota"), std::string::npos);  // no case can tell
}

TEST(Report, ListsFactsItKnowsNothingOf) {
  Result r = example_result();
  r.cases[0].facts = {{"boxes_per_frame", 300, "1", "Boxes that a frame may hold."}};
  const std::string md = render("markdown", r);
  EXPECT_NE(md.find("| Boxes per frame | 300 "), std::string::npos);
  EXPECT_NE(md.find("Boxes that a frame may hold."), std::string::npos);
}

TEST(Report, UnknownFiguresPrintAsADash) {
  Result r = example_result();
  r.cases[0].warnings.clear();
  r.cases[0].metrics["time_to_first_token_s"].ci95.clear();
  r.cases[0].stages[0].ops[0].time_s.reset();
  add_roofline(r);
  const std::string md = render("markdown", r);
  EXPECT_NE(
      md.find("| **qkv** matmul 100x1000x10000 bf16 | onednn | 2 | - | - | not known | - | - | - | - |"),
      std::string::npos);
}

TEST(Report, SeveralResultsStandSideBySide) {
  Result a = example_result(), b = example_result();
  a.cases.resize(1);
  a.devices.resize(1);
  b.name = "Other machine";
  b.devices[0].name = "Another device";
  b.devices.resize(1);
  b.cases.resize(1);
  const std::string md = find_report("markdown").render(report_input({a, b})).text;
  EXPECT_NE(md.find("# Golden test, Other machine"), std::string::npos);
  EXPECT_NE(md.find("Another device compared with Test device"), std::string::npos);
}

}  // namespace
}  // namespace assay::report_tests
