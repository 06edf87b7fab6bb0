// SPDX-License-Identifier: Apache-2.0
// A device: what it is, its memory, and what it reaches. Work is done on its lanes. Narrow on purpose: few
// ways to cheat a clock, and easy to fake in tests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "device/lane.h"
#include "device/speed_meter.h"
#include "plan/kernel.h"
#include "plan/op.h"
#include "result/device_info.h"

namespace assay {

/// What the device reaches right now. Empty: not probed.
struct PeakDraw {
  std::optional<double> bytes_per_s;
  std::map<DType, double> flops_per_s;
};

/// Short probes of the peaks, taken beside the blocks of a measurement: a machine of today moves, and a share
/// of a peak is of the peak at that time.
class PeakProbe {
 public:
  virtual ~PeakProbe() = default;
  virtual PeakDraw take() = 0;  // some 10 ms; the device is idle before and after
};

/// What the device did while samples were taken. Empty fields: not known here.
struct Telemetry {
  std::optional<double> power_w, energy_j, clock_mhz, temperature_max_c;
  std::vector<std::string> throttle_reasons;
};

/// Owned device memory.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual Buffer buffer() const = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual const DeviceInfo& info() const = 0;

  virtual std::int64_t free_bytes() = 0;
  /// At least 256-byte aligned, contents undefined. Error(device_failed) names bytes wanted and free.
  virtual std::unique_ptr<Memory> allocate(std::int64_t bytes) = 0;
  /// Memory of the host that the device moves from and to at its link's full rate (pinned), and reaches as
  /// its own. As allocate().
  virtual std::unique_ptr<Memory> allocate_host(std::int64_t bytes) { return allocate(bytes); }
  /// For the calling thread, which alone uses it, and while it lives: the device outlives it.
  virtual std::unique_ptr<Lane> lane(LaneShare share) = 0;

  /// Datasheet ceilings if the device is known, and probes run now for the given dtypes (a few 100 ms).
  virtual Peaks measure_peaks(std::span<const DType> dtypes) = 0;

  /// Probes of `dtypes` and of memory; nothing where the device has none. Holds its buffers while it lives.
  virtual std::unique_ptr<PeakProbe> peak_probe(std::span<const DType>) { return nullptr; }
  /// Null where lanes have a clock meter, which tells more.
  virtual SpeedMeter* speed_meter() { return nullptr; }
  /// Bytes of the device's memory that this process holds now, as the system counts them (CPU: the resident
  /// set; CUDA: what the driver has given out). Nothing where it cannot be asked.
  virtual std::optional<std::int64_t> used_bytes() { return std::nullopt; }
  /// As after opening: what a process keeps by chance (threads and where they run) is made anew. No lane is
  /// there meanwhile.
  virtual void renew() {}

  /// Telemetry is of the timed work alone: it is paused between blocks.
  virtual void start_telemetry() = 0;
  virtual void pause_telemetry() {}
  virtual void resume_telemetry() {}
  virtual std::optional<Telemetry> stop_telemetry() = 0;
};

}  // namespace assay
