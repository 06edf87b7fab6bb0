// SPDX-License-Identifier: Apache-2.0
#include "cli/interleaved.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "analyse/roofline.h"
#include "base/files.h"
#include "base/units.h"
#include "cli/agenda.h"
#include "cli/judge.h"
#include "cli/outcome.h"
#include "cli/repro.h"
#include "cli/run_folder.h"
#include "cli/side.h"
#include "cli/write_reports.h"
#include "measure/turn_order.h"
#include "result/environment.h"
#include "result/result_json.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSessions = 8;  // of a side, where the config asks for one

void check_use(const RunJob& job) {
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw Error(ExitCode::bad_input, what, hint);
  };
  if (!job.against && job.configs.size() != 2)
    refuse(fmt::format("--interleave: {} configs are named, and two sides take turns", job.configs.size()),
           "name two, or one twice: assay run A.json B.json --interleave");
  if (job.budget_s)
    refuse("--budget: interleaved runs have none", "--set /measure/max_seconds=SECONDS bounds each case");
  if (job.no_time)
    refuse("--no-time: there is nothing to take turns for", "leave out --no-time, or run each side alone");
}

/// What is asked of one side.
struct Asked {
  RunJob job;
  RunSet set;
  std::vector<Case> cases;
};
Asked asked_of(const RunJob& job, std::vector<fs::path> configs) {
  Asked asked{.job = job, .set = {}, .cases = {}};
  asked.job.configs = std::move(configs);
  asked.set = load_set(asked.job);
  asked.cases = wanted_cases(asked.set, job.only);
  for (const Case& one : asked.cases) one.plan();  // which finds what is wrong in it
  return asked;
}

/// One for all: turns are given their part of it on the command line, which reaches all runs of a suite.
StopRule common_rule(const Asked& a, const Asked& b, const Context& context) {
  StopRule rule = a.cases.front().measure;
  const Json wanted = JsonWriter::write(rule);
  for (const Asked* side : {&a, &b})
    for (const Case& one : side->cases)
      if (const Json other = JsonWriter::write(one.measure); other != wanted)
        throw Error(ExitCode::bad_input,
                    fmt::format("{}: /measure is {}, and of {} {}: turns share one", one.id, other.dump(),
                                a.cases.front().id, wanted.dump()),
                    "set what differs for all, for example --set /measure/max_seconds=4");
  if (rule.sessions == 1) {
    rule.sessions = kSessions;
    context.note(fmt::format("/measure/sessions is 1: taken as {} of each side", kSessions));
  }
  rule.sessions += rule.sessions % kTurnsOfASide;
  return rule;
}

/// The folder of all turns. It goes again where none was taken: what is in it by then is no result.
class TurnsFolder {
 public:
  explicit TurnsFolder(fs::path folder) : folder_(std::move(folder)), kept_(fs::exists(folder_)) {}
  ~TurnsFolder() {
    std::error_code busy;
    if (!kept_) fs::remove_all(folder_, busy);
  }
  TurnsFolder(const TurnsFolder&) = delete;
  TurnsFolder& operator=(const TurnsFolder&) = delete;
  void keep() { kept_ = true; }

 private:
  const fs::path folder_;
  bool kept_;
};

/// Side b uses a's kernels where both do the same work: which of two equally fast ones is chosen is no
/// difference.
void choose_kernels(Side& a, Side& b, bool same_work) {
  a.choose(std::nullopt);
  if (!interrupted()) b.choose(same_work ? std::optional(a.chosen_file()) : std::nullopt);
}

/// A block of one case after the other: what both sides are compared by lies seconds apart, and not the time
/// that a whole suite takes.
void take_turns(Side& a, Side& b, const std::vector<std::string>& blocks, const Context& context) {
  const bool shortened = a.build().knows_short && b.build().knows_short;  // both, or neither
  const std::vector<std::string> of_a = a.to_time(), of_b = b.to_time();
  if (of_a.empty() || of_b.empty()) return;
  const std::size_t cases = std::max(of_a.size(), of_b.size());
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t c = 0; c < cases; ++c) {
      auto number = static_cast<std::int64_t>(4 * block);
      for (const char letter : blocks[block]) {
        const auto& ids = letter == 'a' ? of_a : of_b;
        ++number;
        if (interrupted()) return;
        if (c < ids.size()) (letter == 'a' ? a : b).take_turn(number, ids[c], shortened);
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    context.note(fmt::format("block {} of {}, {}: {}", block + 1, blocks.size(), blocks[block],
                             duration_text(took.count())));
  }
}

/// Where b could not use a kernel of a, or has chosen another one: that alone may be the difference.
void note_other_kernels(const Result& a, Result& b) {
  for (CaseResult& one : b.cases)
    for (const CaseResult& other : a.cases) {
      if (one.id != other.id || one.device != other.device) continue;
      for (const ChoiceResult& mine : one.choices)
        for (const ChoiceResult& theirs : other.choices)
          if (mine.op == theirs.op && mine.shape == theirs.shape && mine.place == theirs.place &&
              (mine.kernel != theirs.kernel || mine.variant != theirs.variant))
            one.notes.push_back(fmt::format("{} {} uses {}, as {} of the other side cannot be used here.",
                                            mine.op, mine.shape, mine.kernel, theirs.kernel));
    }
}

Result result_of(const Side& side, const Side& partner, const RunJob& job, const Context& context,
                 Interleaving interleaving) {
  Result result = side.result(interrupted());
  interleaving.side = side.letter();
  interleaving.partner = partner.made_by();
  result.command = context.command;
  result.started_at = interleaving.id.substr(0, interleaving.id.find('/'));
  result.finished_at = utc_now();
  result.interleaving = std::move(interleaving);
  for (CaseResult& one : result.cases) one.repro = repro_line(job, one.device, one.id);
  add_roofline(result);
  return result;
}

void keep(const Side& side, const Result& result, const RunJob& job, const fs::path& folder,
          const Context& context, ExitOutcome& outcome) {
  const fs::path path = folder / std::string(1, side.letter()) / "result.json";
  make_folder(path.parent_path());
  write_result(path, result);
  judge(result, job.allow_skips, outcome);
  if (side.worst_exit() != 0) outcome.add(static_cast<ExitCode>(side.worst_exit()));
  for (const CaseResult& one : result.cases)
    if (one.verification && one.verification->status == CheckStatus::failed)
      outcome.add(ExitCode::wrong_result);
  for (const std::string& warning : result.warnings)
    context.warn(fmt::format("side {}: {}", side.letter(), warning));
  if (job.tells_results) fmt::print("{}\n", path.string());
}

}  // namespace

void run_interleaved(const RunJob& job, Context& context) {
  check_use(job);
  const Asked asked_a = asked_of(job, job.against ? job.configs : std::vector{job.configs.front()});
  const Asked asked_b = job.against ? asked_a : asked_of(job, {job.configs.back()});
  const StopRule rule = common_rule(asked_a, asked_b, context);
  catch_interrupts();
  const Build ours = this_build();
  const Build theirs = job.against ? other_build(*job.against) : ours;
  const OutputFolder out(run_folder(job, asked_a.set.folder_name() + "-interleaved", context));
  const fs::path& folder = out.path();
  check_outputs(job, folder, {"a/result.json", "b/result.json"});
  TurnsFolder turns(folder / "turns");

  Interleaving interleaving;
  interleaving.seed = job.order_seed.value_or(asked_a.set.runs.front().seed);
  interleaving.blocks = turn_order(interleaving.seed, rule.sessions);
  interleaving.id = turns_id(utc_now(), interleaving.seed);
  Side a('a', theirs, asked_a.job, rule, folder / "turns");
  Side b('b', ours, asked_b.job, rule, folder / "turns");
  choose_kernels(a, b, asked_a.set.document() == asked_b.set.document());
  if (interrupted()) {
    context.note("interrupted before the first turn: nothing was measured");
    context.exit_code = ExitCode::interrupted;
    return;
  }
  turns.keep();
  remove_results(folder);
  take_turns(a, b, interleaving.blocks, context);

  Result of_a = result_of(a, b, job, context, interleaving);
  Result of_b = result_of(b, a, job, context, interleaving);
  if (!job.choices && asked_a.set.document() == asked_b.set.document()) note_other_kernels(of_a, of_b);
  ExitOutcome outcome;
  keep(a, of_a, job, folder, context, outcome);
  keep(b, of_b, job, folder, context, outcome);
  of_a.label = "a";
  of_b.label = "b";
  const std::array data = {data_file(of_a, folder / "a"), data_file(of_b, folder / "b")};
  const ReportInput input = report_input({std::move(of_a), std::move(of_b)}, job.title, data);
  write_reports(input, reports_of(job.formats), folder, "report");
  context.exit_code = interrupted() ? ExitCode::interrupted : outcome.worst();
  print_reports(input, reports_of(job.formats), folder, "report", context);
}

}  // namespace assay
