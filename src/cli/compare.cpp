// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ctime>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "analyse/roofline.h"
#include "base/files.h"
#include "base/json_file.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/labelled.h"
#include "cli/print_pdf.h"
#include "cli/write_reports.h"
#include "reports/comparison.h"
#include "result/case_log.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
constexpr const char* kStem = "comparison";

struct Options {
  std::string named_baseline, title;
  std::vector<std::string> named_others;  // as given
  fs::path baseline;
  std::vector<fs::path> others;
  std::vector<std::string> formats;
  fs::path out = "out/comparison";
  fs::path prices;
};

/// A result file; or the folder of a run, of whose log nothing has been made where it was killed.
Result result_of(const fs::path& path) {
  Result result = read_result_or_folder(path);
  if (fs::is_directory(path) && !fs::exists(path / "result.json")) add_roofline(result);
  return result;
}

/// --verbose: CPU seconds of what was just done.
class Steps {
 public:
  explicit Steps(const Context& context) : context_(context) {}
  void done(std::string_view what) {
    const std::clock_t now = std::clock();
    if (context_.verbose)
      context_.note(fmt::format("{}: {:.2f} s", what, static_cast<double>(now - last_) / CLOCKS_PER_SEC));
    last_ = now;
  }

 private:
  const Context& context_;
  std::clock_t last_ = std::clock();
};

/// The file of all figures, which is always there, and the reports.
std::vector<std::string> formats_of(const Options& options) {
  std::vector<std::string> formats = reports_of(options.formats);
  if (std::ranges::find(formats, "json") == formats.end()) formats.insert(formats.begin(), "json");
  return formats;
}

void check_inputs(const Options& options) {
  Inputs inputs;
  inputs.add(options.prices);
  add_result(inputs, options.baseline);
  for (const fs::path& other : options.others) add_result(inputs, other);
  for (const std::string& name : formats_of(options)) {
    const ComparisonFormat& format = find_comparison_format(name);
    inputs.check(options.out / fmt::format("{}.{}", kStem, format.extension), "give --out another folder");
    if (format.printed) find_chromium();
  }
}

void write(const ComparisonInput& input, const Options& options) {
  for (const std::string& name : formats_of(options)) {
    const ComparisonFormat& format = find_comparison_format(name);
    if (!format.printed)
      fmt::print("{}\n", write_report(format.render(input), options.out, kStem, format.extension).string());
  }
}

/// What may fail comes when all else is written and said.
void print(const ComparisonInput& input, const Options& options, Context& context) {
  for (const std::string& name : formats_of(options)) {
    const ComparisonFormat& format = find_comparison_format(name);
    if (!format.printed) continue;
    if (const auto path = print_report(format.render(input), options.out, kStem, format.extension, context))
      fmt::print("{}\n", path->string());
  }
}

/// What a script must not overlook. Slower is no failure: a gate has limits for that.
void judge(const ResultsComparison& comparison, Context& context) {
  if (const auto labels = incomparable(comparison); !labels.empty()) {
    context.error({ExitCode::inconclusive,
                   fmt::format("{}: shares no case with {} that can be compared", join(labels, ", "),
                               comparison.results.front().label),
                   "the report lists the cases of each, and why those that both have are not compared"});
    context.exit_code = ExitCode::inconclusive;
  }
  if (outputs_disagree(comparison)) {
    context.error({ExitCode::wrong_result, "outputs for the same seed and weights disagree",
                   "the report's section on outputs says which, and by how much"});
    context.exit_code = ExitCode::wrong_result;
  }
}

void compare(Options& options, Context& context) {
  Steps steps(context);
  std::vector<std::string> named = {options.named_baseline};
  named.insert(named.end(), options.named_others.begin(), options.named_others.end());
  const std::vector<Labelled> given = labelled(named);
  options.baseline = given.front().path;
  for (std::size_t i = 1; i < given.size(); ++i) options.others.push_back(given[i].path);
  std::optional<Prices> prices;
  if (!options.prices.empty()) prices = prices_from_json(load_json(options.prices), options.prices.string());
  std::vector<Result> results = {result_of(options.baseline)};
  for (const fs::path& other : options.others) results.push_back(result_of(other));
  for (std::size_t i = 0; i < given.size(); ++i) results[i].label = given[i].label;
  steps.done("read");
  check_inputs(options);
  const OutputFolder folder(options.out);
  steps.done("folder proved");
  const ComparisonInput input = comparison_input(std::move(results), std::move(prices), options.title);
  steps.done("compared");
  write(input, options);
  steps.done("written");
  for (const Against& against : input.comparison.others) context.note(answer_text(input.comparison, against));
  judge(input.comparison, context);
  print(input, options, context);
}

}  // namespace

void add_compare(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "compare",
      "Sets results beside a baseline: what differs, ratios with intervals, verdicts; needs no device");
  command->footer(
      "Examples:\n"
      "  assay compare before/result.json after/result.json\n"
      "  assay compare old=a/result.json new=b/result.json --title 'Driver 570 or 580'\n"
      "  assay compare out/a100 out/h100 out/b200 --prices prices.json --out out/gpus\n"
      "Exit codes: 0 fine, also where something is slower; 2 bad input, 4 outputs disagree, 5 a result has "
      "nothing that can be compared with the baseline");
  command
      ->add_option("baseline", options->named_baseline,
                   "A result.json, or the folder of a run: what is compared with. LABEL=FILE gives it a name")
      ->required();
  command->add_option("others", options->named_others, "Results to set beside it")->required();
  std::vector<std::string> names;
  for (const ComparisonFormat& format : comparison_formats()) names.emplace_back(format.name);
  command
      ->add_option("--format", options->formats,
                   "Formats; default markdown and html. comparison.json is always written")
      ->check(CLI::IsMember(names));
  command->add_option("--title", options->title, "Title of the report; default the labels of its results");
  command->add_option("--out", options->out, "Folder")->capture_default_str();
  command->add_option(
      "--prices", options->prices,
      "JSON: {\"currency\": \"EUR\", \"devices\": [{\"match\": \"H100\", \"per_hour\": 2.5}], "
      "\"power_per_kwh\": 0.2}");
  command->callback([options, &context] { compare(*options, context); });
}

}  // namespace assay
