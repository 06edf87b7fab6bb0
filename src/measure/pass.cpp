// SPDX-License-Identifier: Apache-2.0
#include "measure/pass.h"

#include <algorithm>

#include "statistics/statistics.h"

namespace assay {
namespace {

/// A launch and a mark a run, and the first mark.
constexpr std::size_t kHeldRuns = (Lane::kHeldLaunches - 2) / 2;

void run_turn(Session& session, const Turn& turn, const Watch& watch, bool hold, PassTimes& times) {
  const auto runs = static_cast<std::size_t>(turn.times);
  Lane& lane = session.lane_of(session.sites().place(session.plan().stages()[turn.stage]->place));
  const auto marks = lane.marks(runs + 1);
  std::size_t done = 0;
  bool held = hold;
  if (held) lane.hold();
  const auto release = [&] {
    if (held && !lane.release()) times.late = true;
    held = false;
  };
  marks->record(0, lane.stream());
  while (done < runs && !watch.stopped()) {
    session.run_stage(turn.stage);
    marks->record(++done, lane.stream());
    if (done == kHeldRuns) release();  // those enqueued keep the device busy while the rest follows
  }
  release();
  lane.synchronize();
  std::vector<double>& seconds = times.seconds[turn.stage];
  for (std::size_t i = 0; i < done; ++i) seconds.push_back(marks->seconds(i, i + 1));
  times.whole = times.whole && done == runs;
}

}  // namespace

PassTimes run_pass(Session& session, const Watch& watch, const PassOptions& options) {
  PassTimes times{.seconds = {}, .whole = true, .late = false, .clock_hz = {}};
  times.seconds.resize(session.plan().stages().size());
  session.reset(options.number);
  session.lane().synchronize();
  if (options.on_start) options.on_start();
  if (options.clock != nullptr) options.clock->begin(session.lane().stream());
  for (const Turn& turn : session.plan().pass) run_turn(session, turn, watch, options.hold, times);
  if (options.clock == nullptr) return times;
  options.clock->end(session.lane().stream());
  session.lane().synchronize();
  times.clock_hz = options.clock->hz();
  return times;
}

std::vector<double> medians_of(const PassTimes& pass) {
  std::vector<double> medians;
  for (const auto& seconds : pass.seconds) medians.push_back(seconds.empty() ? 0 : median(seconds));
  return medians;
}

}  // namespace assay
