// SPDX-License-Identifier: Apache-2.0
#include "cli/resume.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/version.h"
#include "cli/run_options.h"
#include "measure/figures.h"
#include "result/case_log.h"
#include "result/environment.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

bool is_kept(const CaseResult& one) {
  if (one.reason && one.reason->starts_with(kInterrupted)) return false;
  return one.status == CaseStatus::ok || one.status == CaseStatus::skipped;
}

/// The first place where two configs differ.
std::string difference(const Json& recorded, const Json& given) {
  const Json a = recorded.flatten(), b = given.flatten();
  for (const auto& [pointer, value] : a.items())
    if (!b.contains(pointer) || b[pointer] != value) return pointer;
  for (const auto& [pointer, value] : b.items())
    if (!a.contains(pointer)) return pointer;
  return "";
}

void check_config(const RunJob& recorded, const RunJob& asked, const Result& result, const fs::path& folder) {
  if (asked.configs.empty()) return;
  RunJob again = recorded;  // with what it overrides
  again.configs = asked.configs;
  again.resumes.reset();
  const std::string where = difference(result.config, load_set(again).document());
  if (!where.empty())
    throw Error(ExitCode::bad_input,
                fmt::format("{}:{}: is not what the run in {} was begun with", asked.configs.front().string(),
                            where, folder.string()),
                "leave the config out to go on, or run it into another folder");
}

/// "cuda:0 driver", for each that differs.
void add_differences(std::vector<std::string>& found, const DeviceInfo& was, const DeviceInfo& is) {
  const auto add = [&](const std::string& key, bool same) {
    if (!same) found.push_back(is.id + " " + key);
  };
  add("name", was.name == is.name);
  add("memory_bytes", was.memory_bytes == is.memory_bytes);
  add("units", was.units == is.units);
  std::map<std::string, std::string> keys = was.properties;
  keys.insert(is.properties.begin(), is.properties.end());
  for (const auto& [key, value] : keys) {
    const auto a = was.properties.find(key), b = is.properties.find(key);
    add(key, a != was.properties.end() && b != is.properties.end() && a->second == b->second);
  }
}

}  // namespace

RunJob resumed_job(const fs::path& folder, const RunJob& asked) {
  Result kept = read_result_or_folder(folder);
  const std::string place = result_files(folder).front().string();
  if (!fs::is_directory(folder))
    throw Error(ExitCode::bad_input, fmt::format("--resume: {} is no folder", folder.string()),
                "name the folder of a run");
  RunJob job = job_of_command(kept.command, place);
  if (kept.interleaving || job.interleave || job.against)
    throw Error(ExitCode::bad_input, fmt::format("--resume: {} holds one side of turns", folder.string()),
                "turns cannot go on later: run both sides anew");
  check_config(job, asked, kept, folder);
  if (!asked.formats.empty()) job.formats = asked.formats;
  std::erase_if(kept.cases, [](const CaseResult& one) { return !is_kept(one); });
  std::erase_if(kept.warnings, [](const std::string& line) { return line.starts_with(kOfBudget); });
  job.out = folder;
  job.resumes = std::make_shared<const Result>(std::move(kept));
  return job;
}

void check_resumed(const Result& kept, const Agenda& agenda) {
  std::vector<std::string> found;
  const ToolResult now = {std::string(version()), std::string(git_revision()),
                          std::string(build_description())};
  if (kept.tool.version != now.version || kept.tool.git != now.git || kept.tool.build != now.build)
    found.emplace_back("assay's build");
  for (const OpenDevice& open : agenda.devices) {
    const DeviceInfo& is = open.device->info();
    const auto was = std::ranges::find(kept.devices, is.id, &DeviceResult::id);
    if (was == kept.devices.end())
      found.push_back("device " + is.id);
    else
      add_differences(found, *was, is);
  }
  for (const DeviceResult& was : kept.devices)
    if (std::ranges::none_of(agenda.devices,
                             [&](const OpenDevice& open) { return open.device->info().id == was.id; }))
      found.push_back("device " + was.id);
  if (found.empty()) return;
  throw Error(ExitCode::bad_input,
              fmt::format("--resume: not the same as when the run began: {}", join(found, ", ")),
              "make it so again, or run anew into another folder");
}

bool holds(const Result& kept, const std::string& case_id, const std::string& device) {
  return std::ranges::any_of(
      kept.cases, [&](const CaseResult& one) { return one.id == case_id && one.device == device; });
}

bool nothing_missing(const Result& kept, const Agenda& agenda) {
  return kept.cases.size() == agenda.whole();
}

std::string resumed_warning(const Result& kept, const Agenda& agenda) {
  return fmt::format(
      "resumed at {}: {} of {} cases were measured by an earlier start, from {} on: run all of them in one "
      "where they are to be compared closely",
      utc_now(), kept.cases.size(), agenda.whole(), kept.started_at);
}

}  // namespace assay
