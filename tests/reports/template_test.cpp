// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "analyse/roofline.h"
#include "reports/report.h"
#include "result/result_json.h"

namespace assay {
namespace {

ReportInput example() {
  Result r = read_result(std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json");
  add_roofline(r);
  return report_input({r});
}

TEST(Template, PrintsNumbersAsAReportWould) {
  EXPECT_EQ(render_template("{{#summary.best}}{{metric}}={{headline.median_text}};{{/summary.best}}",
                            example(), "x.html"),
            "time_to_first_token_s=600 µs;output_tokens_per_s=16,700 /s;");
  EXPECT_EQ(
      render_template("{{#results}}{{#devices}}{{peaks.bytes_per_s.measured_text}} {{/devices}}{{/results}}",
                      example(), "x.md"),
      "100 GB/s 1.00 TB/s ");
}

TEST(Template, WalksMapsAsLists) {
  EXPECT_EQ(render_template(
                "{{#results}}{{#environment_list}}{{key}}: {{value}}\n{{/environment_list}}{{/results}}",
                example(), "x.txt"),
            "OMP_NUM_THREADS: 2\ncpu: Test CPU\nload_average: 0.00 0.00 0.00\nos: Test OS 1\n");
}

TEST(Template, EscapesByTheEndingOfItsFile) {
  ReportInput input = example();
  input.results[0].name = "<b>|";
  const std::string text = "{{#results}}{{name}}{{/results}}";
  EXPECT_EQ(render_template(text, input, "x.html"), "&lt;b&gt;|");
  EXPECT_EQ(render_template(text, input, "x.mustache"), "&lt;b&gt;|");
  EXPECT_EQ(render_template(text, input, "x.md"), "&lt;b&gt;\\|");
  EXPECT_EQ(render_template(text, input, "x.txt"), "<b>|");
}

TEST(Template, NamesTheFileOfABrokenTemplate) {
  try {
    render_template("{{#open}}", example(), "customer.html");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code, ExitCode::bad_input);
    EXPECT_TRUE(std::string(e.what()).starts_with("customer.html: is not a Mustache template")) << e.what();
  }
}

}  // namespace
}  // namespace assay
