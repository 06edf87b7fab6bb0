// SPDX-License-Identifier: Apache-2.0
// An ordered way to use a device: a queue of work, with what fills, moves and times in its order. Several may
// be used at once, each by the thread that made it: on a CPU each has cores and a team of threads of its own,
// on a GPU a stream and a workspace. What a kernel keeps between launches belongs to the lane it was made on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "plan/kernel.h"
#include "plan/op.h"

namespace assay {

class Device;

/// Which of how many lanes that are used at once.
struct LaneShare {
  int index = 0, count = 1;
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

class Lane {
 public:
  virtual ~Lane() = default;
  virtual Device& device() = 0;
  virtual Stream& stream() = 0;

  virtual void write(Buffer to, const void* from, std::int64_t bytes) = 0;  // from host; returns when done
  virtual void read(void* to, Buffer from, std::int64_t bytes) = 0;         // to host; returns when done
  virtual void copy(Buffer to, Buffer from, std::int64_t bytes) = 0;  // within the device, in stream order
  /// Fills with the spec's Fill, the same bits on every device. `key` is random_key(seed, name).
  virtual void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) = 0;
  /// All bits one: a NaN in every floating dtype, -1 in signed integers. What nobody wrote shows.
  virtual void poison(Buffer to) = 0;

  /// Of base/checksum.h, made where the bytes are; done when it returns. `of` is aligned to 8 bytes.
  virtual std::uint64_t checksum(Buffer of) = 0;

  /// Holds back what is enqueued from now on until release(), so that the device's clock does not see how
  /// fast the host enqueues. At most kHeldLaunches may be enqueued meanwhile: a full queue would wait for
  /// ever.
  static constexpr std::size_t kHeldLaunches = 256;
  virtual void hold() {}
  /// False where the hold ended by itself before (it has a time-out): the work may have waited for the host.
  virtual bool release() { return true; }
  /// Whether a launch may begin while the one before it ends: then a kernel takes less in a row than alone.
  virtual bool overlaps_launches() const { return false; }
  virtual void synchronize() = 0;  // also where asynchronous failures surface, as Error(device_failed)
  virtual std::unique_ptr<Marks> marks(std::size_t count) = 0;
  virtual std::unique_ptr<Program> record(std::function<void(Stream&)> work) = 0;
  /// Evicts the last-level cache (reads or writes a buffer larger than it), in stream order.
  virtual void flush_cache() = 0;
  /// Nothing where the device cannot tell.
  virtual std::unique_ptr<ClockMeter> clock_meter() { return nullptr; }
};

}  // namespace assay
