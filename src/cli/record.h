// SPDX-License-Identifier: Apache-2.0
// What a run keeps: each ended case at once in cases.jsonl, result.json and the reports at the end.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/agenda.h"
#include "reports/report.h"
#include "result/case_log.h"
#include "result/result.h"

namespace assay {

class Record {
 public:
  /// In a folder that can be written to.
  Record(const Agenda& agenda, const RunJob& job, std::filesystem::path folder, const Context& context);

  /// Probed before the first case; from here on a log is kept. Of a run that is resumed the first probes
  /// stay, so that those of its end show what moved all the while.
  void begin(std::span<const Peaks> before, std::size_t cases);
  void add(CaseResult one);
  void set_title(const std::string& title) { result_.title = title; }
  void add_warning(std::string warning) { result_.warnings.push_back(std::move(warning)); }
  void set_peaks_after(std::size_t device, const Peaks& after);

  /// Writes result.json and the reports.
  /// Returns what the reports were written of.
  ReportInput finish(bool complete, const std::vector<std::string>& formats);

  const Result& result() const { return result_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  const bool resumed_;
  std::map<std::pair<std::string, std::string>, std::size_t> order_;  // of cases on devices, as planned
  Result result_;
  std::optional<CaseLog> log_;
};

}  // namespace assay
