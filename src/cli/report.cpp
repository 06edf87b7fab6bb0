// SPDX-License-Identifier: Apache-2.0
#include "reports/report.h"

#include <sys/utsname.h>

#include <cstdlib>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "analyse/roofline.h"
#include "cli/context.h"
#include "cli/document.h"
#include "cli/labelled.h"
#include "cli/write_reports.h"
#include "result/case_log.h"
#include "result/redact.h"
#include "result/result_json.h"

namespace assay {
namespace {

struct Options {
  std::vector<std::string> named, labels;  // as given; of each, or ""
  std::vector<std::filesystem::path> results;
  std::string title;
  std::vector<std::string> formats;
  DocumentJob document;  // of --template
  std::filesystem::path out;
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

/// What can be seen to be wrong before anything is read or written.
void check(Options& options) {
  DocumentJob& job = options.document;
  if (job.made_by.empty() && (!job.about.empty() || !job.overrides.empty() || !job.prices.empty()))
    throw Error(ExitCode::bad_input, "--about, --set and --prices are of a document",
                "name one: --template customer, or --template one-page");
  if (job.made_by.empty()) return;
  if (!options.title.empty()) job.overrides.push_back("/title=" + Json(options.title).dump());
  job.formats = options.formats;
  check_document(job);
}

void report(Options& options, Context& context) {
  check(options);
  for (const auto& [label, path] : labelled(options.named)) {
    options.labels.push_back(label);
    options.results.push_back(path);
  }
  std::vector<Result> results;
  std::vector<DataFile> data;
  for (const auto& path : options.results) {
    results.push_back(result_of(path));
    results.back().label = options.labels[results.size() - 1];
  }
  if (options.redact) redact(results, {&options.title, 1}, names_of_this_machine());
  for (std::size_t i = 0; i < results.size(); ++i) {  // by names as they are now
    data.push_back(data_file(results[i], options.results[i]));
    if (options.redact && shown_name(results[i]).empty()) data[i].label = fmt::format("result {}", i + 1);
  }
  const std::filesystem::path& first = options.results.front();
  std::filesystem::path out = options.out;
  // In the folder of one of them it would replace that one's own report.
  if (out.empty() && options.results.size() > 1)
    throw Error(ExitCode::bad_input, "--out: a report of several results is in no result's folder",
                "name a folder, for example --out out/side-by-side");
  if (out.empty()) out = std::filesystem::is_directory(first) ? first : first.parent_path();
  Inputs inputs;
  for (const auto& path :
       {std::filesystem::path(options.document.made_by), options.document.about, options.document.prices})
    inputs.add(path);
  for (const auto& path : options.results) add_result(inputs, path);
  const OutputFolder folder(out.empty() ? "." : out);
  constexpr const char* kHint = "give --out another folder";
  ReportInput input = report_input(std::move(results), options.title, data);
  if (!options.document.made_by.empty()) {
    const CustomerInput whole = document_input(options.document, std::move(input));
    for (const auto& path : write_document(options.document, whole, inputs, out, context))
      fmt::print("{}\n", path.string());
    return;
  }
  const std::vector<std::string> formats = reports_of(options.formats);
  check_reports(inputs, formats, out, "report", kHint);
  for (const auto& path : write_reports(input, formats, out, "report")) fmt::print("{}\n", path.string());
  for (const auto& path : print_reports(input, formats, out, "report", context))
    fmt::print("{}\n", path.string());
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "Makes reports again from result files; needs no device");
  command->footer(
      "Examples:\n"
      "  assay report before=a/result.json after=b/result.json --format html --out out/side-by-side\n"
      "  assay report out/h100 --template customer --about report.json --format pdf --format html");
  command
      ->add_option("results", options->named,
                   "result.json files, or folders of runs (also of one that was killed); several make one "
                   "comparative report. LABEL=FILE gives one a name in it")
      ->required();
  command->add_option("--format", options->formats, "Formats; default markdown and html")
      ->check(CLI::IsMember(report_names()));
  command->add_option(
      "--template", options->document.made_by,
      "customer or one-page: a document for customers; FILE.json: one in your house style; another "
      "FILE: a Mustache template of your own (house.html.mustache makes report.html)");
  command->add_option("--about", options->document.about,
                      "FILE: question, limits and all that the author of a document says (docs/reports.md)");
  command->add_option("--set", options->document.overrides, "/json/pointer=VALUE: a field of --about");
  command->add_option("--prices", options->document.prices,
                      "FILE of the customer's own prices, as assay compare takes it");
  command->add_option("--title", options->title, "Title of the report; default the names of its results");
  command->add_option("--out", options->out, "Folder; default that of the first result");
  command->add_flag("--redact", options->redact, "Leave out what identifies the machine or its owner");
  command->callback([options, &context] { report(*options, context); });
}

}  // namespace assay
