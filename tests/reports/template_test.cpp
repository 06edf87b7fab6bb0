// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "reports/report.h"
#include "support/example_result.h"

namespace assay::template_tests {
namespace {

ReportInput example() {
  return report_input({example_result()});
}

TEST(Template, PrintsNumbersAsAReportWould) {
  EXPECT_EQ(render_template(
                "{{#summary.models}}{{label}}:{{#best}} {{headline.value_text}}{{/best}};{{/summary.models}}",
                example(), "x.txt"),
            "test-model: 6.00 ms 6,670 tokens/s 66.7 %;test-model: 600 µs 16,700 tokens/s 66.7 %;"
            "other-model, skew 1.05: 7.50 ms 1,330 tokens/s 53.3 %;other-model, skew 1.05: 6.00 ms 1,670 "
            "tokens/s 6.7 %;");
  EXPECT_EQ(
      render_template("{{#results}}{{#devices}}{{peaks.bytes_per_s.measured_text}} {{/devices}}{{/results}}",
                      example(), "x.md"),
      "100 GB/s 1.00 TB/s ");
}

TEST(Template, PrintsFactsAsCountsAndBytesByPath) {
  ReportInput input = example();
  input.results[0].cases.resize(1);
  const auto of_case = [&](const std::string& text) {
    return render_template("{{#results}}{{#cases}}" + text + "{{/cases}}{{/results}}", input, "x.txt");
  };
  EXPECT_EQ(of_case("{{#facts}}{{value_text}} {{/facts}}"), "TestForCausalLM 10,000,000 512 B ");
  EXPECT_EQ(of_case("{{#stages}}{{bytes.memory_text}} {{/stages}}"), "45.6 MB 40.0 MB ");
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
}  // namespace assay::template_tests
