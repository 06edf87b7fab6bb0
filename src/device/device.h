// SPDX-License-Identifier: Apache-2.0
// A device: memory, a stream, a clock. Narrow on purpose: few ways to cheat a clock, and easy to fake in
// tests.
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

/// Timestamps in a stream. CPU: steady_clock; CUDA: events.
class Marks {
 public:
  virtual ~Marks() = default;
  virtual void record(std::size_t mark, Stream& stream) = 0;
  /// Seconds from one mark to another. Call after synchronize().
  virtual double seconds(std::size_t from, std::size_t to) = 0;
};

/// Recorded work that replays with one call: a CUDA graph; on the CPU the work itself.
class Program {
 public:
  virtual ~Program() = default;
  virtual void launch(Stream& stream) = 0;
};

/// The rate of the device's own clock over a stretch of a stream, from its own counters.
class ClockMeter {
 public:
  virtual ~ClockMeter() = default;
  virtual void begin(Stream& stream) = 0;
  virtual void end(Stream& stream) = 0;
  /// Of the last stretch; call after synchronize(). Empty: it cannot be told (too short).
  virtual std::optional<double> hz() = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual const DeviceInfo& info() const = 0;

  virtual std::int64_t free_bytes() = 0;
  /// At least 256-byte aligned, contents undefined. Error(device_failed) names bytes wanted and free.
  virtual std::unique_ptr<Memory> allocate(std::int64_t bytes) = 0;
  virtual void write(Buffer to, const void* from, std::int64_t bytes) = 0;  // from host; returns when done
  virtual void read(void* to, Buffer from, std::int64_t bytes) = 0;         // to host; returns when done
  virtual void copy(Buffer to, Buffer from, std::int64_t bytes) = 0;  // within the device, in stream order
  /// Fills with the spec's Fill, the same bits on every device. `key` is random_key(seed, name).
  virtual void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) = 0;
  /// All bits one: a NaN in every floating dtype, -1 in i32. What nobody wrote shows.
  virtual void poison(Buffer to) = 0;

  virtual Stream& stream() = 0;
  /// Holds back what is enqueued from now on until release(), so that the device's clock does not see how
  /// fast the host enqueues. At most kHeldLaunches may be enqueued meanwhile: a full queue would wait for
  /// ever.
  static constexpr std::size_t kHeldLaunches = 256;
  virtual void hold() {}
  /// False where the hold ended by itself before (it has a time-out): the work may have waited for the host.
  virtual bool release() { return true; }
  virtual void synchronize() = 0;  // also where asynchronous failures surface, as Error(device_failed)
  virtual std::unique_ptr<Marks> marks(std::size_t count) = 0;
  virtual std::unique_ptr<Program> record(std::function<void(Stream&)> work) = 0;
  /// Evicts the last-level cache (reads or writes a buffer larger than it), in stream order.
  virtual void flush_cache() = 0;

  /// Datasheet ceilings if the device is known, and probes run now for the given dtypes (a few 100 ms).
  virtual Peaks measure_peaks(std::span<const DType> dtypes) = 0;

  /// Probes of `dtypes` and of memory; nothing where the device has none. Holds its buffers while it lives.
  virtual std::unique_ptr<PeakProbe> peak_probe(std::span<const DType>) { return nullptr; }
  /// Nothing where the device cannot tell.
  virtual std::unique_ptr<ClockMeter> clock_meter() { return nullptr; }
  /// Bytes of the device's memory that this process holds now, as the system counts them (CPU: the resident
  /// set; CUDA: what the driver has given out). Nothing where it cannot be asked.
  virtual std::optional<std::int64_t> used_bytes() { return std::nullopt; }
  /// As after opening: what a process keeps by chance (threads and where they run) is made anew.
  virtual void renew() {}

  /// Telemetry is of the timed work alone: it is paused between blocks.
  virtual void start_telemetry() = 0;
  virtual void pause_telemetry() {}
  virtual void resume_telemetry() {}
  virtual std::optional<Telemetry> stop_telemetry() = 0;
};

}  // namespace assay
