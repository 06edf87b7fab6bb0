// SPDX-License-Identifier: Apache-2.0
// What every experiment has at hand: the GPU, a clock, and the record. A replay is what stands between two
// marks; the stream always has work in front of it, so that the device's clock does not see the host.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "device/backend.h"
#include "experiments/record.h"

namespace assay::experiments {

/// How often something is timed, and in which state it finds the device.
struct Replays {
  std::int64_t most = 30, fewest = 5;
  double most_s = 0.2;                       // about, of timed work
  std::function<void(Stream&)> before = {};  // each, and not timed: a flush of the cache
  bool watched = true;                       // with clock and power, which takes some ms
};

struct Timing {
  std::vector<double> seconds;  // a replay
  Conditions conditions;
};

/// The experiment's time is up: the cases that are left get no figure.
struct OutOfTime : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Bench {
 public:
  Bench(OpenDevice gpu, Record& record);
  ~Bench();

  Device& device() { return *gpu_.device; }
  Lane& lane() { return *lane_; }
  int multiprocessors() const { return static_cast<int>(gpu_.device->info().units); }
  /// As much as the cache flush reads: beyond it nothing of what was touched before is left.
  std::int64_t beyond_cache_bytes() const { return 3 * gpu_.device->info().cache_bytes; }
  /// Unsupported where the backend's table does not have it.
  const KernelEntry& kernel(std::string_view op, std::string_view name) const;
  std::vector<KernelEntry> kernels_of(std::string_view op) const;

  /// A TensorSpec's worth of random bf16 numbers.
  std::unique_ptr<Memory> random_bytes(std::int64_t bytes);

  void begin_experiment(double limit_s);
  double left_s() const;
  /// Runs a case; what it throws becomes a row.
  void attempt(const std::string& case_name, const std::function<void()>& work);

  /// `work` is run once before, to load its code.
  Timing time(const std::function<void(Stream&)>& work, const Replays& how = {});
  /// The clock by the device's own counters, power and limits by NVML, while `work` runs; it ends
  /// synchronised.
  Conditions watch(const std::function<void()>& work);

  /// Microseconds of one of `parts` that a replay is made of.
  void add_us(const std::string& case_name, const Timing& timing, double parts = 1,
              const std::string& note = {});
  /// `amount` a replay, in units of 1e9 ("GB/s") or as `scale` says.
  void add_rate(const std::string& case_name, const Timing& timing, double amount, const std::string& unit,
                double scale = 1e-9, const std::string& note = {});
  Record& record() { return record_; }

 private:
  OpenDevice gpu_;
  Record& record_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Marks> marks_;
  std::unique_ptr<ClockMeter> meter_;
  double deadline_s_ = 0;
};

double now_s();

}  // namespace assay::experiments
