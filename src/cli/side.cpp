// SPDX-License-Identifier: Apache-2.0
#include "cli/side.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "cli/child.h"
#include "cli/repro.h"
#include "cli/run_folder.h"
#include "measure/session_times.h"
#include "result/case_log.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastSeconds = 1e-3;  // that a config may say

std::string quiet_wait(double seconds) {
  return fmt::format("/measure/quiet_wait_seconds={}", seconds);
}

constexpr std::string_view kNoOpTimes = "--no-op-times", kNoProbes = "--no-probes",
                           kChooseMissing = "--choose-missing";

/// The two lines of a program that ended in an error; "" where it did not.
struct Complaint {
  std::string what, hint;
};
Complaint complaint_in(const std::string& said) {
  constexpr std::string_view kError = "error: ", kHint = "  hint: ";
  Complaint found;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kError)) found.what = line.substr(kError.size());
    if (line.starts_with(kHint)) found.hint = line.substr(kHint.size());
  }
  return found;
}

std::string how_it_ended(const ChildEnd& end) {
  if (end.signal != 0) return fmt::format("signal {} ended it", end.signal);
  const std::string what = complaint_in(end.said).what;
  return what.empty() ? fmt::format("it ended with exit code {}", end.exit_code) : what;
}

}  // namespace

Build this_build() {
  std::error_code failed;
  return {.program = fs::read_symlink("/proc/self/exe", failed)};
}

Build other_build(const fs::path& program) {
  const std::string hint = "name another build's program, for example --against build-before/assay";
  std::error_code unreadable;
  Build build{.program = fs::absolute(program)};
  if (!fs::is_regular_file(program, unreadable) || access(program.c_str(), X_OK) != 0)
    throw Error(ExitCode::bad_input, fmt::format("--against: {} is no program", program.string()), hint);
  const ChildEnd help = run_child(build.program, {"run", "--help"});
  const auto knows = [&](std::string_view option) { return help.said.find(option) != std::string::npos; };
  if (help.exit_code != 0 || !knows("assay run") || !knows("--choices"))
    throw Error(ExitCode::bad_input,
                fmt::format("--against: {} is no assay that can take turns", program.string()), hint);
  build.knows_short = knows(kNoOpTimes) && knows(kNoProbes);
  build.knows_missing = knows(kChooseMissing);
  return build;
}

Side::Side(char letter, Build build, const RunJob& job, const StopRule& rule, fs::path folder)
    : letter_(letter), build_(std::move(build)), job_(job), rule_(rule), folder_(std::move(folder)) {}

std::vector<std::string> Side::arguments(const fs::path& folder, const std::string& only) const {
  std::vector<std::string> words = {"--quiet", "--color", "never", "run"};
  for (const fs::path& config : job_.configs) words.push_back(config.string());
  const auto add = [&](std::string_view option, const std::string& value) {
    words.emplace_back(option);
    words.push_back(value);
  };
  for (const std::string& device : job_.devices) add("--device", device);
  if (job_.quick) words.emplace_back("--quick");
  for (const std::string& change : job_.overrides) add("--set", change);
  const StopRule turn = rule_of_a_session(rule_).stop;
  add("--set", "/measure/sessions=1");
  add("--set", fmt::format("/measure/min_seconds={}", turn.min_seconds));
  add("--set", fmt::format("/measure/max_seconds={}", std::max(kLeastSeconds, turn.max_seconds)));
  add("--set", fmt::format("/measure/give_up_seconds={}", std::max(kLeastSeconds, turn.give_up_seconds)));
  add("--set", fmt::format("/measure/max_samples={}", turn.max_samples));
  if (turn.quiet_wait_seconds > 0) add("--set", quiet_wait(turn.quiet_wait_seconds));
  if (job_.weights) add("--weights", job_.weights->string());
  for (const auto& [op, kernel] : job_.forced_kernels) add("--kernel", op + "=" + kernel);
  if (!only.empty()) add("--only", only);
  add("--format", "csv");  // the smallest
  add("--out", folder.string());
  return words;
}

TurnResult Side::run(std::int64_t number, const fs::path& folder, const std::string& only,
                     std::vector<std::string> more) {
  std::vector<std::string> words = arguments(folder, only);
  std::ranges::move(more, std::back_inserter(words));
  remove_results(folder);  // an older run's, which this one would be taken for where it fails early
  const ChildEnd end = run_child(build_.program, words);
  TurnResult turn{.number = number, .result = {}, .problem = {}};
  try {
    turn.result = read_result_or_folder(folder);
    if (turn.result.status == RunStatus::partial) turn.problem = how_it_ended(end);
    worst_exit_ = std::max(worst_exit_, end.exit_code == static_cast<int>(ExitCode::inconclusive) ||
                                                end.exit_code == static_cast<int>(ExitCode::interrupted)
                                            ? 0
                                            : end.exit_code);
  } catch (const Error&) {  // it left none
    turn.problem = how_it_ended(end);
    const Complaint why = complaint_in(end.said);
    if (number == 0 && !interrupted())
      throw Error(end.exit_code == static_cast<int>(ExitCode::bad_input) ? ExitCode::bad_input
                                                                         : ExitCode::device_failed,
                  turn.problem, why.hint.empty() ? "run " + build_.program.string() + " alone" : why.hint);
  }
  if (end.signal != 0) worst_exit_ = std::max(worst_exit_, static_cast<int>(ExitCode::device_failed));
  return turn;
}

fs::path Side::chosen_file() const {
  return folder_ / fmt::format("{}-choose", letter_) / "result.json";
}

void Side::choose(const std::optional<fs::path>& like) {
  std::vector<std::string> more;
  if (job_.choices) {
    more = {"--choices", job_.choices->string()};
    if (job_.choose_missing) more.emplace_back(kChooseMissing);
  } else if (like && build_.knows_missing) {
    more = {"--choices", like->string(), std::string(kChooseMissing)};
  }
  if (job_.no_op_times) more.emplace_back(kNoOpTimes);
  if (job_.no_probes) more.emplace_back(kNoProbes);
  chosen_ = run(0, chosen_file().parent_path(), job_.only, std::move(more)).result;
}

double Side::quiet_wait_of(const std::string& case_id) const {
  const double share_s = rule_of_a_session(rule_).stop.quiet_wait_seconds;
  double left_s = share_s;
  for (const TurnResult& turn : turns_)
    for (const CaseResult& one : turn.result.cases)
      if (one.id == case_id && one.telemetry) left_s += share_s - one.telemetry->quiet_wait_s.value_or(0);
  return std::max(left_s, kLeastSeconds);
}

void Side::take_turn(std::int64_t number, const std::string& case_id, bool shortened) {
  std::vector<std::string> more = {"--choices", chosen_file().string()};
  if (rule_.quiet_wait_seconds > 0) {
    more.emplace_back("--set");
    more.push_back(quiet_wait(quiet_wait_of(case_id)));
  }
  if (shortened)
    for (const std::string_view left_out : {kNoOpTimes, kNoProbes}) more.emplace_back(left_out);
  TurnResult part =
      run(number, folder_ / fmt::format("{:02}-{}", number, letter_), exactly(case_id), std::move(more));
  const auto whole = std::ranges::find(turns_, number, &TurnResult::number);
  if (whole == turns_.end()) {
    turns_.push_back(std::move(part));
    return;
  }
  std::ranges::move(part.result.cases, std::back_inserter(whole->result.cases));
  if (whole->problem.empty()) whole->problem = std::move(part.problem);
}

std::string Side::made_by() const {
  const ToolResult& tool = chosen_.tool;
  return fmt::format("assay {} ({}), config {}", tool.version, tool.git.empty() ? "release" : tool.git,
                     chosen_.name);
}

std::vector<std::string> Side::to_time() const {
  std::vector<std::string> ids;
  for (const CaseResult& one : chosen_.cases)
    if ((one.status == CaseStatus::ok || one.status == CaseStatus::not_a_measurement) &&
        std::ranges::find(ids, one.id) == ids.end())
      ids.push_back(one.id);
  return ids;
}

Result Side::result(bool interrupted) const {
  return merge_turns(chosen_, turns_, rule_, interrupted);
}

}  // namespace assay
