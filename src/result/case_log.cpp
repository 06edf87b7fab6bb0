// SPDX-License-Identifier: Apache-2.0
#include "result/case_log.h"

#include "base/files.h"
#include "base/json_file.h"
#include "result/result_fields.h"
#include "result/result_json.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kResultName = "result.json";
constexpr std::int64_t kLineLimitBytes = kJsonFileLimitBytes;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Its path.
fs::path begin_log(const fs::path& folder, Result run) {
  std::string cases;
  for (const CaseResult& one : run.cases) cases += line_of(JsonWriter::write(one)) + "\n";
  run.cases.clear();
  run.status = RunStatus::partial;
  write_file_atomically(folder / kCaseLogName, line_of(to_json(run)) + "\n" + cases);
  return folder / kCaseLogName;
}

}  // namespace

CaseLog::CaseLog(const fs::path& folder, const Result& run)
    : log_(begin_log(folder, run), LineLog::Existing::keep) {}

void CaseLog::add(const CaseResult& one) {
  log_.append(line_of(JsonWriter::write(one)));
}

Result read_case_log(const fs::path& folder) {
  const fs::path path = folder / kCaseLogName;
  LineReader lines(path, kLineLimitBytes);
  const std::optional<std::string> head = lines.next();
  if (!head)
    throw Error(ExitCode::bad_input, path.string() + ": holds no whole line",
                "run again: nothing was measured");
  Result result = result_from_json(parse_json(*head, path.string()), path.string());
  while (const std::optional<std::string> line = lines.next()) {
    const std::string place = path.string() + ":" + std::to_string(lines.number());
    const Json json = parse_json(*line, place);
    JsonReader(json, place, "", JsonReader::Unknown::accept).read(result.cases.emplace_back());
  }
  result.status = RunStatus::partial;
  return result;
}

std::vector<fs::path> result_files(const fs::path& folder) {
  return {folder / kResultName, folder / kCaseLogName};
}

Result read_result_or_folder(const fs::path& path) {
  std::error_code unreadable;
  if (!fs::is_directory(path, unreadable)) return read_result(path);
  if (fs::exists(path / kResultName, unreadable)) return read_result(path / kResultName);
  if (fs::exists(path / kCaseLogName, unreadable)) return read_case_log(path);
  throw Error(ExitCode::bad_input, path.string() + ": holds neither result.json nor cases.jsonl",
              "name a result file, or the folder of a run");
}

}  // namespace assay
