// SPDX-License-Identifier: Apache-2.0
#include "cli/run_folder.h"

#include <fmt/format.h>

#include "cli/write_reports.h"
#include "result/case_log.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults[] = {"result.json", kCaseLogName.data(), "a/result.json", "b/result.json"};

/// The first that is there, or "".
std::string results_in(const fs::path& folder) {
  std::error_code unreadable;
  for (const char* name : kResults)
    if (fs::exists(folder / name, unreadable)) return name;
  return "";
}

}  // namespace

fs::path run_folder(const RunJob& job, const std::string& name, const Context& context) {
  if (job.resumes) return job.out;
  if (!job.out.empty() || job.replace) {
    const fs::path folder = job.out.empty() ? fs::path("out") / name : job.out;
    if (const std::string found = results_in(folder); !found.empty() && !job.replace)
      throw Error(ExitCode::bad_input, fmt::format("--out: {} is there already", (folder / found).string()),
                  "name another folder; --resume goes on with a run, and --replace replaces what is there");
    return folder;
  }
  const fs::path first = fs::path("out") / name;
  fs::path folder = first;
  for (int number = 2; !results_in(folder).empty(); ++number)
    folder = fs::path("out") / fmt::format("{}-{}", name, number);
  if (folder != first)
    context.note(fmt::format("{} holds results already: these go to {}", first.string(), folder.string()));
  return folder;
}

void remove_results(const fs::path& folder) {
  std::error_code none;
  for (const char* name : kResults) fs::remove(folder / name, none);
}

void check_outputs(const RunJob& job, const fs::path& folder, const std::vector<std::string>& others) {
  Inputs inputs;
  for (const fs::path& config : job.configs) inputs.add(config);
  if (job.choices) add_result(inputs, *job.choices);
  if (job.against) inputs.add(*job.against);
  constexpr const char* kHint = "name another folder with --out";
  for (const std::string& file : others) inputs.check(folder / file, kHint);
  check_reports(inputs, reports_of(job.formats), folder, "report", kHint);
}

}  // namespace assay
