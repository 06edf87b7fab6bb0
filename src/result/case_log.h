// SPDX-License-Identifier: Apache-2.0
// FOLDER/cases.jsonl: what a run has measured so far, a line a case behind a line for the run itself, so that
// keeping a case costs no more than writing it. result.json is made of it at the end of a run, or of what a
// kill left.
#pragma once

#include <filesystem>

#include "base/line_log.h"
#include "result/result.h"

namespace assay {

inline constexpr std::string_view kCaseLogName = "cases.jsonl";

class CaseLog {
 public:
  /// Begins with the cases that `run` has, of a run that is resumed. A log of before is there until this one
  /// is.
  CaseLog(const std::filesystem::path& folder, const Result& run);
  void add(const CaseResult& one);

 private:
  LineLog log_;
};

/// What a folder's log holds, as a partial result; a line that a kill cut short is left out. Error(bad_input)
/// where it is none.
Result read_case_log(const std::filesystem::path& folder);

/// The files in a folder that hold what a run measured.
std::vector<std::filesystem::path> result_files(const std::filesystem::path& folder);

/// The result of a path: a result file; or a folder, whose result.json, or else whose log, is read.
Result read_result_or_folder(const std::filesystem::path& path);

}  // namespace assay
