// SPDX-License-Identifier: Apache-2.0
#include "measure/blocks_of_passes.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>

namespace assay {

std::vector<double> windows_of(std::vector<double> ends_s, std::size_t lanes) {
  std::ranges::sort(ends_s);
  std::vector<double> windows;
  for (std::size_t i = lanes; i < ends_s.size(); i += lanes) windows.push_back(ends_s[i] - ends_s[i - lanes]);
  return windows;
}

BlocksOfPasses::BlocksOfPasses(Lanes& lanes, const Plan& plan, const Watch& watch, std::uint64_t& next_pass)
    : lanes_(lanes), plan_(plan), watch_(watch), next_pass_(next_pass) {
  for (std::size_t s = 0; s < plan.stages().size(); ++s) {
    if (plan.times(s) == 0) continue;
    stages_.push_back(s);
    series_.push_back(stage_series(plan.stages()[s]->name));
  }
  series_.emplace_back(kPassSeries);
  if (lanes.count() > 1) series_.emplace_back(kWindowSeries);
  if (lanes.count() == 1)
    lanes.first([this](OneLane& lane) { clock_ = lane.sites.device.lane->clock_meter(); });
}

BlocksOfPasses::~BlocksOfPasses() {
  if (clock_ != nullptr) lanes_.first([this](OneLane&) { clock_.reset(); });
}

BlockOfDraws BlocksOfPasses::take() {
  return lanes_.count() == 1 ? one_pass() : a_stretch();
}

BlockOfDraws BlocksOfPasses::one_pass() {
  PassTimes pass;
  lanes_.first([&](OneLane& lane) {
    pass = run_pass(*lane.session, watch_,
                    {.number = next_pass_++, .hold = true, .clock = clock_.get(), .on_start = {}});
  });
  BlockOfDraws block{
      .series = series_, .draws = {}, .whole = pass.whole, .late = pass.late, .clock_hz = pass.clock_hz};
  double whole_s = 0;
  for (const std::size_t s : stages_) {
    whole_s = std::accumulate(pass.seconds[s].begin(), pass.seconds[s].end(), whole_s);
    block.draws.push_back(std::move(pass.seconds[s]));
  }
  block.draws.push_back({whole_s});
  return block;
}

BlockOfDraws BlocksOfPasses::a_stretch() {
  const auto lanes = static_cast<std::size_t>(lanes_.count());
  // The first ends begin the first window; at least one pass of each lane is not yet at its end when the last
  // window ends, so that none is timed while a lane has nothing to do.
  const std::size_t wanted = 1 + lanes * static_cast<std::size_t>(kWindows);
  BlockOfDraws block{.series = series_, .draws = {}, .whole = true, .late = false, .clock_hz = {}};
  block.draws.resize(series_.size());
  std::mutex mutex;  // of `block`, `ends_s` and `next_pass_`
  std::vector<double> ends_s;
  std::atomic<bool> enough = false;
  lanes_.each([&](OneLane& lane) {
    while (!enough && !watch_.stopped()) {
      std::uint64_t number = 0;
      {
        const std::lock_guard lock(mutex);
        number = next_pass_++;
      }
      double started_s = 0;
      PassTimes pass = run_pass(*lane.session, watch_,
                                {.number = number, .hold = false, .clock = nullptr, .on_start = [&] {
                                   started_s = watch_.now_s();
                                 }});
      const double end_s = watch_.now_s();
      const std::lock_guard lock(mutex);
      if (!pass.whole) {
        block.whole = false;
        continue;
      }
      if (enough) continue;  // the others may be idle by now
      ends_s.push_back(end_s);
      for (std::size_t i = 0; i < stages_.size(); ++i)
        std::ranges::move(pass.seconds[stages_[i]], std::back_inserter(block.draws[i]));
      block.draws[stages_.size()].push_back(end_s - started_s);
      enough = ends_s.size() >= wanted;
    }
  });
  block.whole = block.whole && enough;
  block.draws.back() = windows_of(std::move(ends_s), lanes);
  return block;
}

}  // namespace assay
