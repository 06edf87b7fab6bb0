// SPDX-License-Identifier: Apache-2.0
// A device in host memory whose clock moves only when a test's kernel says so: no hardware, no waiting. It is
// its own lane, and several may use it at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "device/device.h"
#include "plan/fill_function.h"

namespace assay {

class FakeDevice : public Device, public Lane {
 public:
  /// One of several; all they do, the device does.
  class FakeLane final : public Lane {
   public:
    explicit FakeLane(FakeDevice& device) : device_(device) {}
    Device& device() override { return device_; }
    Stream& stream() override { return device_.stream(); }
    void write(Buffer to, const void* from, std::int64_t bytes) override { device_.write(to, from, bytes); }
    void read(void* to, Buffer from, std::int64_t bytes) override { device_.read(to, from, bytes); }
    void copy(Buffer to, Buffer from, std::int64_t bytes) override { device_.copy(to, from, bytes); }
    void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) override { device_.fill(to, spec, key); }
    void poison(Buffer to) override { device_.poison(to); }
    std::uint64_t checksum(Buffer of) override { return device_.checksum(of); }
    void hold() override { device_.hold(); }
    bool release() override { return device_.release(); }
    bool overlaps_launches() const override { return device_.overlaps_launches(); }
    void synchronize() override { device_.synchronize(); }
    std::unique_ptr<Marks> marks(std::size_t count) override { return device_.marks(count); }
    std::unique_ptr<Program> record(std::function<void(Stream&)> work) override {
      return device_.record(std::move(work));
    }
    void flush_cache() override { device_.flush_cache(); }
    std::unique_ptr<ClockMeter> clock_meter() override { return device_.clock_meter(); }

   private:
    FakeDevice& device_;
  };

  FakeDevice() {
    info_.id = "fake:0";
    info_.kind = "fake";
    info_.name = "Fake device";
  }

  double now_s = 0;                       // marks read this; kernels of tests advance it
  std::int64_t capacity_bytes = 1 << 30;  // of which `allocated_bytes` are taken
  std::atomic<std::int64_t> allocated_bytes = 0, most_allocated_bytes = 0;
  std::atomic<int> flushes = 0, synchronisations = 0, fills = 0, renewals = 0;
  std::optional<Telemetry> telemetry;
  bool lost = false;  // cannot be probed any more
  std::atomic<int> holds = 0, releases = 0;
  bool hold_lasts = true;  // false: each ends by its time-out
  SpeedMeter* speed = nullptr;
  std::function<std::unique_ptr<ClockMeter>()> make_clock;  // empty: it has none
  Peaks peaks;
  std::function<PeakDraw(int)> probe;  // of the take's number, from 0 over all probes; empty: it has none
  int probe_takes = 0, probes_alive = 0;
  bool overlaps = false;           // launches
  bool counts_used_bytes = false;  // as allocated_bytes
  double observed_s = 0;           // that the clock moved while telemetry ran

  const DeviceInfo& info() const override { return info_; }
  std::int64_t free_bytes() override { return capacity_bytes - allocated_bytes; }
  std::unique_ptr<Memory> allocate(std::int64_t bytes) override {
    if (bytes > free_bytes()) throw Error(ExitCode::device_failed, "fake device is full");
    return std::make_unique<HostMemory>(*this, bytes);
  }
  void write(Buffer to, const void* from, std::int64_t bytes) override {
    std::memcpy(to.data, from, static_cast<std::size_t>(bytes));
  }
  void read(void* to, Buffer from, std::int64_t bytes) override {
    std::memcpy(to, from.data, static_cast<std::size_t>(bytes));
  }
  void copy(Buffer to, Buffer from, std::int64_t bytes) override {
    std::memcpy(to.data, from.data, static_cast<std::size_t>(bytes));
  }
  void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) override {
    ++fills;
    const FillFunction element(spec.fill, spec.elements(), key);
    for (std::int64_t i = 0; i < spec.elements(); ++i) store_element(spec.dtype, to.data, i, element(i));
  }
  void poison(Buffer to) override { std::memset(to.data, 0xff, static_cast<std::size_t>(to.bytes)); }

  std::uint64_t checksum(Buffer of) override {
    return assay::checksum({static_cast<const std::byte*>(of.data), static_cast<std::size_t>(of.bytes)});
  }
  std::unique_ptr<Lane> lane(LaneShare) override { return std::make_unique<FakeLane>(*this); }
  Device& device() override { return *this; }
  Stream& stream() override { return stream_; }
  void synchronize() override { ++synchronisations; }
  std::unique_ptr<Marks> marks(std::size_t count) override {
    return std::make_unique<FakeMarks>(*this, count);
  }
  std::unique_ptr<Program> record(std::function<void(Stream&)> work) override {
    return std::make_unique<Replay>(std::move(work));
  }
  void hold() override { ++holds; }
  bool release() override {
    ++releases;
    return hold_lasts;
  }
  std::unique_ptr<ClockMeter> clock_meter() override { return make_clock ? make_clock() : nullptr; }
  bool overlaps_launches() const override { return overlaps; }
  void flush_cache() override { ++flushes; }
  void renew() override { ++renewals; }
  SpeedMeter* speed_meter() override { return speed; }
  Peaks measure_peaks(std::span<const DType>) override {
    if (lost) throw Error(ExitCode::device_failed, "the fake device is lost");
    return peaks;
  }
  std::unique_ptr<PeakProbe> peak_probe(std::span<const DType>) override {
    return probe ? std::make_unique<FakeProbe>(*this) : nullptr;
  }
  std::optional<std::int64_t> used_bytes() override {
    return counts_used_bytes ? std::optional<std::int64_t>(allocated_bytes) : std::nullopt;
  }
  void start_telemetry() override {
    observed_s = 0;
    resume_telemetry();
  }
  void pause_telemetry() override {
    if (observed_since_s_) observed_s += now_s - *observed_since_s_;
    observed_since_s_.reset();
  }
  void resume_telemetry() override {
    if (!observed_since_s_) observed_since_s_ = now_s;
  }
  std::optional<Telemetry> stop_telemetry() override {
    pause_telemetry();
    return telemetry;
  }

 private:
  class HostMemory final : public Memory {
   public:
    HostMemory(FakeDevice& device, std::int64_t bytes)
        : device_(device), bytes_(bytes), data_(std::aligned_alloc(256, rounded(bytes))) {
      device_.allocated_bytes += bytes_;
      device_.most_allocated_bytes =
          std::max(device_.most_allocated_bytes.load(), device_.allocated_bytes.load());
    }
    ~HostMemory() override {
      device_.allocated_bytes -= bytes_;
      std::free(data_);
    }
    HostMemory(const HostMemory&) = delete;
    HostMemory& operator=(const HostMemory&) = delete;
    Buffer buffer() const override { return {data_, bytes_}; }

   private:
    static std::size_t rounded(std::int64_t bytes) {
      return static_cast<std::size_t>((bytes + 256) / 256 * 256);
    }
    FakeDevice& device_;
    std::int64_t bytes_;
    void* data_;
  };

  class FakeMarks final : public Marks {
   public:
    FakeMarks(const FakeDevice& device, std::size_t count) : device_(device), at_s_(count) {}
    void record(std::size_t mark, Stream&) override { at_s_.at(mark) = device_.now_s; }
    /// In whole nanoseconds, as clocks have them: the rounding of long sums is no noise of a machine.
    double seconds(std::size_t from, std::size_t to) override {
      return std::round((at_s_.at(to) - at_s_.at(from)) * 1e9) * 1e-9;
    }

   private:
    const FakeDevice& device_;
    std::vector<double> at_s_;
  };

  class Replay final : public Program {
   public:
    explicit Replay(std::function<void(Stream&)> work) : work_(std::move(work)) {}
    void launch(Stream& stream) override { work_(stream); }

   private:
    std::function<void(Stream&)> work_;
  };

  class FakeProbe final : public PeakProbe {
   public:
    explicit FakeProbe(FakeDevice& device) : device_(device) { ++device_.probes_alive; }
    ~FakeProbe() override { --device_.probes_alive; }
    FakeProbe(const FakeProbe&) = delete;
    FakeProbe& operator=(const FakeProbe&) = delete;
    PeakDraw take() override { return device_.probe(device_.probe_takes++); }

   private:
    FakeDevice& device_;
  };

  DeviceInfo info_;
  Stream stream_;
  std::optional<double> observed_since_s_;  // telemetry runs
};

}  // namespace assay
