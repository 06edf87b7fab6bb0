// SPDX-License-Identifier: Apache-2.0
#include "measure/session_times.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "statistics/statistics.h"

namespace assay {
namespace {

/// The blocks of one session as they are taken.
class Sampler {
 public:
  Sampler(Lanes& lanes, const Plan& plan, Device& device, const SessionRule& rule, const Watch& watch,
          const Surroundings& beside, StageTimes& times)
      : device_(device),
        rule_(rule),
        watch_(watch),
        probe_(beside.probe),
        counters_(beside.counters),
        passes_(lanes, plan, watch, times.next_pass),
        times_(times),
        blocks_(passes_.series().size()) {
    times_.clocked = times_.clocked || passes_.clocked();
  }

  void warm_up(const PassTimes& first, std::size_t lanes) {
    WarmUp warm_up(rule_.stop, watch_);
    std::vector<double> alone = medians_of(first);
    std::erase(alone, 0);                                      // stages outside the pass
    bool warm = lanes == 1 && warm_up.done(std::move(alone));  // one lane says nothing of several
    while (!warm && !watch_.stopped()) {
      std::vector<double> medians;
      for (const auto& draws : passes_.take().draws) medians.push_back(draws.empty() ? 0 : median(draws));
      if (lanes == 1) medians.pop_back();  // the pass is the sum of its stages
      warm = warm_up.done(std::move(medians));
    }
    times_.settled = times_.settled && warm_up.settled();
  }

  void run(const std::function<void(std::int64_t, double)>& on_block) {
    StopJudge judge(rule_.stop, watch_, rule_.min_blocks);
    started_s_ = watch_.now_s();
    take_probe();
    for (;;) {
      if (const auto end = judge.end(blocks_)) {
        if (*end != SamplingEnd::interrupted && drop_throttled()) {
          judge.look_again();
          continue;
        }
        times_.end = *end;
        break;
      }
      take_block();
      if (on_block) on_block(static_cast<std::int64_t>(clocks_.size()), watch_.now_s() - started_s_);
      take_probe();
    }
    keep();
  }

 private:
  void take_block() {
    device_.resume_telemetry();
    const HostCounters before = counters();
    BlockOfDraws block = passes_.take();
    times_.machine.add(before, counters());
    device_.pause_telemetry();
    if (!block.whole) return;  // cut short: not the same work as the others
    times_.late_blocks += block.late;
    clocks_.push_back(block.clock_hz.value_or(NAN));
    for (std::size_t s = 0; s < blocks_.size(); ++s) blocks_[s].blocks.push_back(std::move(block.draws[s]));
  }

  HostCounters counters() const { return counters_ ? counters_() : HostCounters{}; }

  /// Unless the probes so far took more than their share of the time.
  void take_probe() {
    if (probe_ == nullptr || watch_.stopped()) return;
    const double now_s = watch_.now_s();
    if (probed_s_ > kProbeShare * (now_s - started_s_)) return;
    const PeakDraw draw = probe_->take();
    probed_s_ += watch_.now_s() - now_s;
    if (draw.bytes_per_s) peaks_[std::string(name(Path::memory))].blocks.push_back({*draw.bytes_per_s});
    for (const auto& [dtype, rate] : draw.flops_per_s)
      peaks_[std::string(name(dtype))].blocks.push_back({rate});
  }

  bool slow(double clock_hz, double session_hz) const { return clock_hz < kThrottledClock * session_hz; }

  /// Takes blocks of a low clock out, as far as the limit allows; whether any was.
  bool drop_throttled() {
    std::vector<double> known;
    for (const double hz : clocks_)
      if (std::isfinite(hz)) known.push_back(hz);
    if (known.empty()) return false;
    const double session_hz = median(known);
    const auto limit = static_cast<std::int64_t>(kRetakenShare * static_cast<double>(clocks_.size()));
    std::int64_t dropped = 0;
    slow_ = 0;
    for (std::size_t b = clocks_.size(); b-- > 0;) {
      if (!slow(clocks_[b], session_hz)) continue;
      if (retaken_ >= limit) {
        ++slow_;
        continue;
      }
      clocks_.erase(clocks_.begin() + static_cast<std::ptrdiff_t>(b));
      for (BlockedSeries& series : blocks_)
        series.blocks.erase(series.blocks.begin() + static_cast<std::ptrdiff_t>(b));
      ++retaken_;
      ++dropped;
    }
    return dropped > 0;
  }

  void keep() {
    times_.throttled_blocks += retaken_;
    times_.slow_blocks += slow_;
    for (std::size_t s = 0; s < blocks_.size(); ++s)
      append(times_.series[passes_.series()[s]], std::move(blocks_[s]));
    for (auto& [name, draws] : peaks_) append(times_.peaks[name], std::move(draws));
  }

  static void append(BlockedSeries& all, BlockedSeries session) {
    all.sessions.push_back(static_cast<std::int64_t>(session.blocks.size()));
    std::ranges::move(session.blocks, std::back_inserter(all.blocks));
  }

  Device& device_;
  const SessionRule rule_;
  const Watch& watch_;
  PeakProbe* probe_;
  const std::function<HostCounters()> counters_;
  BlocksOfPasses passes_;
  StageTimes& times_;
  std::vector<BlockedSeries> blocks_;  // a series of passes_
  std::map<std::string, BlockedSeries> peaks_;
  std::vector<double> clocks_;  // a block; NaN unknown
  std::int64_t retaken_ = 0, slow_ = 0;
  double started_s_ = 0, probed_s_ = 0;
};

}  // namespace

SessionRule rule_of_a_session(const StopRule& rule) {
  SessionRule one{.stop = rule, .min_blocks = kMinBlocks};
  if (rule.sessions <= 1) return one;
  const auto sessions = static_cast<double>(rule.sessions);
  for (double* seconds : {&one.stop.min_seconds, &one.stop.max_seconds, &one.stop.give_up_seconds})
    *seconds /= sessions;
  one.stop.max_samples = std::max<std::int64_t>(1, rule.max_samples / rule.sessions);
  one.stop.sessions = 1;
  // Where sessions are few, the spread within them is to be told from that between them.
  one.min_blocks = rule.sessions >= kMinBlocks ? 1 : std::max<std::int64_t>(2, kMinBlocks / rule.sessions);
  return one;
}

void time_session(Lanes& lanes, const Plan& plan, Device& device, const PassTimes& first,
                  const SessionRule& rule, const Watch& watch, const Surroundings& beside, StageTimes& times,
                  const std::function<void(std::int64_t, double)>& on_block) {
  Sampler sampler(lanes, plan, device, rule, watch, beside, times);
  sampler.warm_up(first, static_cast<std::size_t>(lanes.count()));
  sampler.run(on_block);
}

}  // namespace assay
