// SPDX-License-Identifier: Apache-2.0
#include "cli/record.h"

#include <algorithm>

#include "analyse/roofline.h"
#include "base/version.h"
#include "cli/run_folder.h"
#include "cli/write_reports.h"
#include "result/environment.h"
#include "result/result_json.h"

namespace assay {
namespace {

constexpr const char* kResultName = "result.json";

}  // namespace

Record::Record(const Agenda& agenda, const RunJob& job, std::filesystem::path folder, const Context& context)
    : folder_(std::move(folder)), resumed_(job.resumes != nullptr) {
  for (const Case& one : agenda.cases)
    for (const OpenDevice& open : agenda.devices)
      order_.emplace(std::pair(one.id, open.device->info().id), order_.size());
  if (resumed_) {
    result_ = *job.resumes;
    return;
  }
  result_.tool = {std::string(version()), std::string(git_revision()), std::string(build_description())};
  result_.name = agenda.set.name;
  result_.started_at = utc_now();
  result_.config = agenda.set.document();
  result_.command = context.command;
  result_.environment = read_environment();
  for (const OpenDevice& open : agenda.devices) result_.devices.push_back({open.device->info(), {}, {}});
}

void Record::begin(std::span<const Peaks> before, std::size_t cases) {
  result_.cases_planned = std::ssize(result_.cases) + static_cast<std::int64_t>(cases);
  if (!resumed_) {
    for (std::size_t d = 0; d < before.size(); ++d) result_.devices[d].peaks = before[d];
    remove_results(folder_);  // an older run's, which this one's log would not reach
  }
  log_.emplace(folder_, result_);
  std::error_code none;
  std::filesystem::remove(folder_ / kResultName, none);  // by now the log holds what it held
}

void Record::add(CaseResult one) {
  log_->add(one);
  result_.cases.push_back(std::move(one));
}

void Record::set_peaks_after(std::size_t device, const Peaks& after) {
  result_.devices[device].peaks_after = after;
}

ReportInput Record::finish(bool complete, const std::vector<std::string>& formats) {
  result_.status = complete ? RunStatus::complete : RunStatus::partial;
  result_.finished_at = utc_now();
  std::ranges::sort(result_.cases, {}, [this](const CaseResult& one) {
    return order_.at({one.id, one.device});
  });
  add_roofline(result_);
  write_result(folder_ / kResultName, result_);
  const DataFile data = data_file(result_, folder_ / kResultName);
  ReportInput input = report_input({result_}, {}, {&data, 1});
  write_reports(input, formats, folder_, "report");
  return input;
}

}  // namespace assay
