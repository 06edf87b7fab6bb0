// SPDX-License-Identifier: Apache-2.0
#include "measure/pass.h"

#include <algorithm>

#include "statistics/statistics.h"

namespace assay {
namespace {

/// A launch and a mark an iteration, and the first mark.
constexpr std::size_t kHeldIterations = (Device::kHeldLaunches - 2) / 2;

void run_stage(Session& session, std::size_t stage, const Watch& watch, PassTimes& times) {
  const auto iterations = static_cast<std::size_t>(session.plan().stages()[stage]->iterations);
  Device& device = session.device();
  const auto marks = device.marks(iterations + 1);
  std::size_t done = 0;
  bool held = true;
  device.hold();
  const auto release = [&] {
    if (held && !device.release()) times.late = true;
    held = false;
  };
  marks->record(0, device.stream());
  while (done < iterations && !watch.stopped()) {
    session.run_stage(stage);
    marks->record(++done, device.stream());
    if (done == kHeldIterations) release();  // those enqueued keep the device busy while the rest follows
  }
  release();
  device.synchronize();
  std::vector<double>& seconds = times.seconds.emplace_back();
  for (std::size_t i = 0; i < done; ++i) seconds.push_back(marks->seconds(i, i + 1));
  times.whole = times.whole && done == iterations;
}

}  // namespace

PassTimes run_pass(Session& session, const Watch& watch, ClockMeter* clock) {
  PassTimes times{.seconds = {}, .whole = true, .late = false, .clock_hz = {}};
  session.reset();
  session.device().synchronize();
  if (clock != nullptr) clock->begin(session.device().stream());
  for (std::size_t s = 0; s < session.plan().stages().size(); ++s) run_stage(session, s, watch, times);
  if (clock == nullptr) return times;
  clock->end(session.device().stream());
  session.device().synchronize();
  times.clock_hz = clock->hz();
  return times;
}

std::vector<double> medians_of(const PassTimes& pass) {
  std::vector<double> medians;
  for (const auto& seconds : pass.seconds) medians.push_back(seconds.empty() ? 0 : median(seconds));
  return medians;
}

}  // namespace assay
