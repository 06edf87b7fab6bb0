// SPDX-License-Identifier: Apache-2.0
#include "reports/escape.h"

#include <gtest/gtest.h>

#include "reports/metric_text.h"
#include "reports/svg.h"

namespace assay::escape_tests {
namespace {

TEST(Escape, HtmlKeepsUnicodeAndReplacesWhatIsNotUtf8) {
  EXPECT_EQ(escape_html("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escape_html("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(escape_html("\xff\x01x"), "\xef\xbf\xbdx");
  EXPECT_EQ(escape_html("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
}

TEST(Escape, MarkdownShowsMarkupAsText) {
  EXPECT_EQ(escape_markdown("a|b*c`d"), "a\\|b\\*c\\`d");
  EXPECT_EQ(escape_markdown("kv_write"), "kv_write");
  EXPECT_EQ(escape_markdown("_x_"), "\\_x\\_");
  EXPECT_EQ(escape_markdown("two\nlines"), "two lines");
  EXPECT_EQ(escape_markdown("# head"), "\\# head");
}

TEST(Escape, CsvQuotesAndDefusesFormulas) {
  EXPECT_EQ(escape_csv("plain"), "plain");
  EXPECT_EQ(escape_csv("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(escape_csv("=1+1"), "'=1+1");
}

TEST(Escape, SlugsAreFileNames) {
  EXPECT_EQ(slug("Qwen 2.5 / batch=1"), "qwen-2.5-batch-1");
  EXPECT_EQ(slug("../.."), "x");
  EXPECT_EQ(slug("///"), "x");
}

TEST(MetricText, ReadsLikeWords) {
  EXPECT_EQ(metric_label("time_to_first_token_s"), "Time to first token");
  EXPECT_EQ(metric_label("output_tokens_per_s"), "Output tokens per second");
  EXPECT_EQ(metric_label("prefill_model_flop_utilisation"), "Prefill model FLOP utilisation");
  EXPECT_EQ(spaced("not_a_measurement"), "not a measurement");
}

TEST(MetricText, PrintsTheUnitThatIsDeclaredWhateverTheKeySays) {
  Headline h{.metric = "output_tokens_per_s", .of = {}, .peak_of = {}, .unit = "frames/s"};
  EXPECT_EQ(metric_text(h), "withheld");
  h.value = 12;
  EXPECT_EQ(metric_text(h), "12.0 frames/s");
  EXPECT_EQ(metric_text(h, std::nullopt), "-");
}

TEST(MetricText, CountsDrawsByBlockAndSession) {
  Headline h{.metric = {}, .of = {}, .peak_of = {}, .unit = "s"};
  h.n = 150;
  h.blocks = 10;
  EXPECT_EQ(draws_text(h), "150 in 10 blocks");
  h.sessions = 2;
  EXPECT_EQ(draws_text(h), "150 in 10 blocks of 2 sessions");
}

TEST(MetricText, SaysOverWhatAFigureIsTheBest) {
  Headline h{.metric = {}, .of = {}, .peak_of = {}, .unit = "s"};
  EXPECT_EQ(best_text({.metric = {}, .of_cases = 1, .at = ""}, h), "");
  EXPECT_EQ(best_text({.metric = {}, .of_cases = 3, .at = "batch=1"}, h), "lowest of 3 cases: batch=1");
  h.better = Better::higher;
  EXPECT_EQ(best_text({.metric = {}, .of_cases = 6, .at = "batch=8, prompt_tokens=64"}, h),
            "highest of 6 cases: batch=8, prompt_tokens=64");
}

TEST(MetricText, PrintsFactsByTheirUnit) {
  const auto text = [](Json value, const char* unit) {
    return fact_text({.name = {}, .value = std::move(value), .unit = unit, .definition = {}});
  };
  EXPECT_EQ(text(8030261248, "1"), "8,030,261,248");
  EXPECT_EQ(text(12288, "B"), "12.0 KiB");
  EXPECT_EQ(text(30, "frames/s"), "30 frames/s");
  EXPECT_EQ(text("LlamaForCausalLM", ""), "LlamaForCausalLM");
  EXPECT_EQ(text(nullptr, "1"), "-");
}

TEST(Svg, ShortensLongLabelsInTheMiddle) {
  EXPECT_EQ(shortened("short", 100, 12), "short");
  const std::string text = shortened("a very long label that does not fit", 100, 12);
  EXPECT_LE(text_width(text, 12), 100);
  EXPECT_NE(text.find("\xe2\x80\xa6"), std::string::npos);
}

}  // namespace
}  // namespace assay::escape_tests
