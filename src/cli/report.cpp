// SPDX-License-Identifier: Apache-2.0
#include "reports/report.h"

#include <sys/utsname.h>

#include <cstdlib>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "analyse/roofline.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/labelled.h"
#include "cli/write_reports.h"
#include "result/case_log.h"
#include "result/redact.h"
#include "result/result_json.h"

namespace assay {
namespace {

constexpr std::int64_t kTemplateLimitBytes = 4 << 20;

struct Options {
  std::vector<std::string> named, labels;  // as given; of each, or ""
  std::vector<std::filesystem::path> results;
  std::string title;
  std::vector<std::string> formats;
  std::filesystem::path template_file, out;
  bool redact = false;
};

/// A result file; or the folder of a run, where a run that was killed left a log of its cases alone: its
/// result.json is made now.
Result result_of(const std::filesystem::path& path) {
  Result result = read_result_or_folder(path);
  const std::filesystem::path file = path / "result.json";
  if (!std::filesystem::is_directory(path) || std::filesystem::exists(file)) return result;
  add_roofline(result);
  write_result(file, result);
  return result;
}

/// A result rarely says where it was made, but its messages may; it is often redacted there.
std::vector<std::string> names_of_this_machine() {
  std::vector<std::string> names;
  if (utsname system{}; uname(&system) == 0) names.emplace_back(system.nodename);
  for (const char* variable : {"USER", "LOGNAME"})
    if (const char* user = std::getenv(variable)) names.emplace_back(user);
  return names;
}

void report(Options& options, Context& context) {
  for (const auto& [label, path] : labelled(options.named)) {
    options.labels.push_back(label);
    options.results.push_back(path);
  }
  std::vector<Result> results;
  std::vector<DataFile> data;
  for (const auto& path : options.results) {
    results.push_back(result_of(path));
    results.back().label = options.labels[results.size() - 1];
    data.push_back(data_file(results.back(), path));
  }
  if (options.redact) redact(results, {&options.title, 1}, names_of_this_machine());
  const std::filesystem::path& first = options.results.front();
  std::filesystem::path out = options.out;
  // In the folder of one of them it would replace that one's own report.
  if (out.empty() && options.results.size() > 1)
    throw Error(ExitCode::bad_input, "--out: a report of several results is in no result's folder",
                "name a folder, for example --out out/side-by-side");
  if (out.empty()) out = std::filesystem::is_directory(first) ? first : first.parent_path();
  Inputs inputs;
  inputs.add(options.template_file);
  for (const auto& path : options.results) add_result(inputs, path);
  const OutputFolder folder(out.empty() ? "." : out);
  constexpr const char* kHint = "give --out another folder";
  if (!options.template_file.empty()) {
    const std::string file = options.template_file.string();
    if (!std::filesystem::exists(options.template_file))
      throw Error(
          ExitCode::bad_input, fmt::format("--template: there is no file {}", file),
          "a Mustache template, for example house.html.mustache; --format has " + join(report_names(), ", "));
    const std::string text = read_file(options.template_file, kTemplateLimitBytes);
    const std::string rendered =
        render_template(text, report_input(std::move(results), options.title, data), file);
    const std::filesystem::path path = out / ("report." + template_extension(file));
    inputs.check(path, kHint);
    write_file_atomically(path, rendered);
    fmt::print("{}\n", path.string());
    return;
  }
  const std::vector<std::string> formats = reports_of(options.formats);
  check_reports(inputs, formats, out, "report", kHint);
  const ReportInput input = report_input(std::move(results), options.title, data);
  for (const auto& path : write_reports(input, formats, out, "report")) fmt::print("{}\n", path.string());
  for (const auto& path : print_reports(input, formats, out, "report", context))
    fmt::print("{}\n", path.string());
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "Makes reports again from result files; needs no device");
  command->footer(
      "Example: assay report before=a/result.json after=b/result.json --format html --out out/side-by-side");
  command
      ->add_option("results", options->named,
                   "result.json files, or folders of runs (also of one that was killed); several make one "
                   "comparative report. LABEL=FILE gives one a name in it")
      ->required();
  command->add_option("--format", options->formats, "Formats; default markdown and html")
      ->check(CLI::IsMember(report_names()));
  command->add_option("--template", options->template_file,
                      "FILE: a Mustache template of your own instead of a format; house.html.mustache (or "
                      "house.html) makes report.html, house.txt.mustache report.txt");
  command->add_option("--title", options->title, "Title of the report; default the names of its results");
  command->add_option("--out", options->out, "Folder; default that of the first result");
  command->add_flag("--redact", options->redact, "Leave out what identifies the machine or its owner");
  command->callback([options, &context] { report(*options, context); });
}

}  // namespace assay
