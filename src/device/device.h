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

namespace assay {

/// A ceiling as sold and as reached by a probe on this machine. Unknown is empty, never 0.
struct Ceiling {
  std::optional<double> datasheet, measured;
  std::string source;  // of the datasheet figure
};

struct Peaks {
  std::map<DType, Ceiling> flops_per_s;  // dense
  Ceiling bytes_per_s;                   // device memory, read-dominated
  std::optional<double>
      launch_s;  // the shortest useful launch, back to back; a kernel near it is launch-bound
};

struct DeviceInfo {
  std::string id;    // "cpu", "cuda:0"
  std::string kind;  // "cpu", "cuda"
  std::string name;  // "AMD EPYC 7B13", "NVIDIA H100 80GB HBM3"
  std::int64_t memory_bytes = 0;
  std::int64_t cache_bytes = 0;  // last level; 0 unknown
  int units = 0;                 // cores used, multiprocessors
  std::vector<std::pair<std::string, std::string>>
      properties;  // driver, ISA, compute capability, threads ...
};

/// What the device did while samples were taken. Empty fields: not known here.
struct Telemetry {
  std::optional<double> power_w, energy_j, sm_clock_mhz, temperature_c;
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
  virtual void synchronize() = 0;  // also where asynchronous failures surface, as Error(device_failed)
  virtual std::unique_ptr<Marks> marks(std::size_t count) = 0;
  virtual std::unique_ptr<Program> record(std::function<void(Stream&)> work) = 0;
  /// Evicts the last-level cache (reads or writes a buffer larger than it), in stream order.
  virtual void flush_cache() = 0;

  /// Datasheet ceilings if the device is known, and probes run now for the given dtypes (a few 100 ms).
  virtual Peaks measure_peaks(std::span<const DType> dtypes) = 0;

  virtual void start_telemetry() = 0;
  virtual std::optional<Telemetry> stop_telemetry() = 0;
};

}  // namespace assay
