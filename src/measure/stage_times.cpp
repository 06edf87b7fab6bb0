// SPDX-License-Identifier: Apache-2.0
#include "measure/stage_times.h"

#include "statistics/statistics.h"

namespace assay {
namespace {

std::vector<double> run_iterations(Session& session, std::size_t stage, const Watch& watch) {
  const auto iterations = static_cast<std::size_t>(session.plan().stages()[stage]->iterations);
  Device& device = session.device();
  const auto marks = device.marks(iterations + 1);
  std::size_t done = 0;
  marks->record(0, device.stream());
  while (done < iterations && !watch.stopped()) {
    session.run_stage(stage);
    marks->record(++done, device.stream());
  }
  device.synchronize();
  std::vector<double> seconds;
  for (std::size_t i = 0; i < done; ++i) seconds.push_back(marks->seconds(i, i + 1));
  return seconds;
}

/// A median a stage; 0 for one that has no samples.
std::vector<double> medians_of(const std::vector<std::vector<double>>& pass) {
  std::vector<double> medians;
  for (const auto& seconds : pass) medians.push_back(seconds.empty() ? 0 : median(seconds));
  return medians;
}

}  // namespace

std::vector<std::vector<double>> run_pass(Session& session, const Watch& watch) {
  std::vector<std::vector<double>> seconds;
  session.reset();
  session.device().synchronize();
  for (std::size_t s = 0; s < session.plan().stages().size(); ++s)
    seconds.push_back(run_iterations(session, s, watch));
  return seconds;
}

StageTimes time_stages(Session& session, const std::vector<std::vector<double>>& first, const StopRule& rule,
                       const Watch& watch, const std::function<void(const StageTimes&)>& on_pass) {
  StageTimes times;
  times.seconds.resize(session.plan().stages().size());
  WarmUp warm_up(rule, watch);
  for (bool warm = warm_up.done(medians_of(first)); !warm && !watch.stopped();)
    warm = warm_up.done(medians_of(run_pass(session, watch)));
  times.settled = warm_up.settled();

  StopJudge judge(rule, watch);
  for (;;) {
    if (const auto end = judge.end(times.seconds)) {
      times.end = *end;
      return times;
    }
    const auto pass = run_pass(session, watch);
    for (std::size_t s = 0; s < pass.size(); ++s)
      times.seconds[s].insert(times.seconds[s].end(), pass[s].begin(), pass[s].end());
    ++times.passes;
    if (on_pass) on_pass(times);
  }
}

}  // namespace assay
