// SPDX-License-Identifier: Apache-2.0
#include "measure/session_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "statistics/statistics.h"

namespace assay {
namespace {

bool is_disturbed(double speed, double best_speed) {
  return speed < kDisturbedSpeed * best_speed;
}

/// The blocks of one session as they are taken.
class Sampler {
 public:
  Sampler(Lanes& lanes, const Plan& plan, Device& device, const SessionRule& rule, const Watch& watch,
          const Surroundings& beside, StageTimes& times)
      : device_(device),
        rule_(rule),
        watch_(watch),
        quiet_watch_{
            .now_s =
                [this] { return watch_.now_s() - times_.disturbed_s - (speed_ != nullptr ? probed_s_ : 0); },
            .interrupted = watch.interrupted},
        one_lane_(lanes.count() == 1),
        probe_(beside.probe),
        counters_(beside.counters),
        speed_(rule.stop.quiet_wait_seconds > 0 ? beside.speed : nullptr),
        passes_(lanes, plan, watch, times.next_pass),
        times_(times),
        blocks_(passes_.series().size()) {
    times_.clocked = times_.clocked || passes_.clocked();
  }

  void warm_up(const PassTimes& first) {
    for (const auto& draws : first.seconds) pass_s_ = std::accumulate(draws.begin(), draws.end(), pass_s_);
    WarmUp warm_up(rule_.stop, watch_);
    std::vector<double> alone = medians_of(first);
    std::erase(alone, 0);                                     // stages outside the pass
    bool warm = one_lane_ && warm_up.done(std::move(alone));  // one lane says nothing of several
    while (!warm && !watch_.stopped()) {
      std::vector<double> medians;
      for (const auto& draws : passes_.take().draws) medians.push_back(draws.empty() ? 0 : median(draws));
      if (one_lane_) medians.pop_back();  // the pass is the sum of its stages
      warm = warm_up.done(std::move(medians));
    }
    times_.settled = times_.settled && warm_up.settled();
  }

  void run(const std::function<void(std::int64_t, double)>& on_block) {
    StopJudge judge(rule_.stop, quiet_watch_, rule_.min_blocks);
    started_s_ = watch_.now_s();
    take_probe();
    for (;;) {
      if (const auto end = judge.end(blocks_)) {
        if (*end != SamplingEnd::interrupted && (drop_disturbed() || drop_throttled())) {
          judge.look_again();
          continue;
        }
        times_.end = *end;
        break;
      }
      take_block();
      if (on_block) on_block(std::ssize(taken_), quiet_watch_.now_s() - started_s_);
      take_probe();
    }
    keep();
  }

 private:
  struct Taken {
    double clock_hz, speed;  // NaN: unknown
    double seconds;
  };

  void take_block() {
    const double speed_before = wait_for_quiet(), began_s = watch_.now_s();
    device_.resume_telemetry();
    const HostCounters before = counters();
    BlockOfDraws block = passes_.take();
    times_.machine.add(before, counters());
    device_.pause_telemetry();
    if (!block.whole) return;  // cut short: not the same work as the others
    times_.late_blocks += block.late;
    const double slower = std::min(speed_before, speed());
    taken_.push_back({block.clock_hz.value_or(NAN), slower, watch_.now_s() - began_s});
    for (std::size_t s = 0; s < blocks_.size(); ++s) blocks_[s].blocks.push_back(std::move(block.draws[s]));
  }

  HostCounters counters() const { return counters_ ? counters_() : HostCounters{}; }

  double speed() { return speed_ != nullptr ? speed_->take() : NAN; }
  bool disturbed(double speed) const { return speed_ != nullptr && is_disturbed(speed, speed_->best()); }
  /// What earlier sessions left of their wait is for this one.
  bool waits() const {
    const std::size_t held = times_.series.empty() ? 0 : times_.series.begin()->second.sessions.size();
    return times_.disturbed_s < rule_.stop.quiet_wait_seconds * static_cast<double>(held + 1);
  }

  /// The speed that a block may begin at.
  double wait_for_quiet() {
    double now = speed();
    while (disturbed(now) && waits() && !watch_.stopped()) {
      const double began_s = watch_.now_s();
      now = speed();
      times_.disturbed_s += watch_.now_s() - began_s;
    }
    return now;
  }

  /// Unless the probes so far took more than their share of the time.
  void take_probe() {
    if (probe_ == nullptr || watch_.stopped()) return;
    const double now_s = watch_.now_s();
    if (probed_s_ > kProbeShare * (now_s - started_s_)) return;
    const PeakDraw draw = probe_->take();
    // It left the caches full of its own: a short pass would not be what those after it are. Of several lanes
    // the first passes are not timed anyway.
    if (one_lane_ && pass_s_ < watch_.now_s() - now_s) passes_.take();
    probed_s_ += watch_.now_s() - now_s;
    if (draw.bytes_per_s) peaks_[std::string(name(Path::memory))].blocks.push_back({*draw.bytes_per_s});
    for (const auto& [dtype, rate] : draw.flops_per_s)
      peaks_[std::string(name(dtype))].blocks.push_back({rate});
  }

  bool slow(double clock_hz, double session_hz) const { return clock_hz < kThrottledClock * session_hz; }

  /// Takes blocks of a low clock out, as far as the limit allows; whether any was.
  bool drop_throttled() {
    std::vector<double> known;
    for (const Taken& block : taken_)
      if (std::isfinite(block.clock_hz)) known.push_back(block.clock_hz);
    if (known.empty()) return false;
    const double session_hz = median(known);
    const auto limit = static_cast<std::int64_t>(kRetakenShare * static_cast<double>(taken_.size()));
    std::int64_t dropped = 0;
    slow_ = 0;
    for (std::size_t b = taken_.size(); b-- > 0;) {
      if (!slow(taken_[b].clock_hz, session_hz)) continue;
      if (retaken_ >= limit) {
        ++slow_;
        continue;
      }
      drop(b);
      ++retaken_;
      ++dropped;
    }
    return dropped > 0;
  }

  /// Takes blocks out beside which others used the device, while the rule waits; whether any was.
  bool drop_disturbed() {
    if (!waits()) return false;
    bool dropped = false;
    for (std::size_t b = taken_.size(); b-- > 0;) {
      if (!disturbed(taken_[b].speed)) continue;
      times_.disturbed_s += taken_[b].seconds;
      drop(b);
      ++times_.disturbed_blocks;
      dropped = true;
    }
    return dropped;
  }

  void drop(std::size_t block) {
    const auto at = static_cast<std::ptrdiff_t>(block);
    taken_.erase(taken_.begin() + at);
    for (BlockedSeries& series : blocks_) series.blocks.erase(series.blocks.begin() + at);
  }

  void keep() {
    for (const Taken& block : taken_) times_.speeds.push_back(block.speed);
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
  const Watch quiet_watch_;  // of the time that counts
  const bool one_lane_;
  PeakProbe* probe_;
  const std::function<HostCounters()> counters_;
  SpeedMeter* speed_;
  BlocksOfPasses passes_;
  StageTimes& times_;
  std::vector<BlockedSeries> blocks_;  // a series of passes_
  std::map<std::string, BlockedSeries> peaks_;
  std::vector<Taken> taken_;  // blocks
  std::int64_t retaken_ = 0, slow_ = 0;
  double started_s_ = 0, probed_s_ = 0;
  double pass_s_ = 0;  // of the first pass
};

template <class T>
void take_out(std::vector<T>& all, const std::vector<bool>& out) {
  std::vector<T> stay;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!out[i]) stay.push_back(std::move(all[i]));
  all = std::move(stay);
}

}  // namespace

SessionRule rule_of_a_session(const StopRule& rule) {
  SessionRule one{.stop = rule, .min_blocks = kMinBlocks};
  if (rule.sessions <= 1) return one;
  const auto sessions = static_cast<double>(rule.sessions);
  for (double* seconds : {&one.stop.min_seconds, &one.stop.max_seconds, &one.stop.give_up_seconds,
                          &one.stop.quiet_wait_seconds})
    *seconds /= sessions;
  one.stop.max_samples = std::max<std::int64_t>(1, rule.max_samples / rule.sessions);
  one.stop.sessions = 1;
  // Where sessions are few, the spread within them is to be told from that between them.
  one.min_blocks = rule.sessions >= kMinBlocks ? 1 : std::max<std::int64_t>(2, kMinBlocks / rule.sessions);
  return one;
}

std::int64_t drop_unquiet(StageTimes& times, double best_speed, std::int64_t min_blocks, bool whole) {
  if (times.series.empty()) return 0;
  const std::vector<std::int64_t> sessions = times.series.begin()->second.sessions;
  std::vector<std::int64_t> stay;  // blocks of a session
  std::vector<bool> out;           // a block
  times.unquiet_blocks = 0;
  for (const std::int64_t all : sessions) {
    const auto speeds = std::span(times.speeds).subspan(out.size(), static_cast<std::size_t>(all));
    const std::int64_t unquiet =
        std::ranges::count_if(speeds, [&](double speed) { return is_disturbed(speed, best_speed); });
    const bool too_few = all - unquiet < std::clamp<std::int64_t>(all, 1, min_blocks);
    for (const double speed : speeds) out.push_back(too_few ? whole : is_disturbed(speed, best_speed));
    if (too_few && whole) continue;
    stay.push_back(too_few ? all : all - unquiet);
    if (too_few) times.unquiet_blocks += unquiet;
  }
  times.disturbed_blocks += std::ranges::count(out, true);
  take_out(times.speeds, out);
  for (auto& [name, series] : times.series) {
    take_out(series.blocks, out);
    series.sessions = stay;
  }
  return std::ssize(sessions) - std::ssize(stay);
}

void time_session(Lanes& lanes, const Plan& plan, Device& device, const PassTimes& first,
                  const SessionRule& rule, const Watch& watch, const Surroundings& beside, StageTimes& times,
                  const std::function<void(std::int64_t, double)>& on_block) {
  Sampler sampler(lanes, plan, device, rule, watch, beside, times);
  sampler.warm_up(first);
  sampler.run(on_block);
}

}  // namespace assay
