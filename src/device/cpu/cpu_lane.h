// SPDX-License-Identifier: Apache-2.0
// The CPU's cores, or one of several equal shares of them that are used at once, with an OpenMP team of the
// thread that makes it. Alone it is made by the thread that opened the device.
#pragma once

#include <memory>
#include <optional>

#include "device/cpu/threads.h"
#include "device/device.h"

namespace assay {

class CpuLane final : public Lane {
 public:
  CpuLane(Device& device, LaneShare share);

  Device& device() override { return device_; }
  Stream& stream() override { return stream_; }
  void write(Buffer to, const void* from, std::int64_t bytes) override;
  void read(void* to, Buffer from, std::int64_t bytes) override;
  void copy(Buffer to, Buffer from, std::int64_t bytes) override;
  void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) override;
  void poison(Buffer to) override;
  std::uint64_t checksum(Buffer of) override;
  void synchronize() override {}  // launch() runs the work
  std::unique_ptr<Marks> marks(std::size_t count) override;
  std::unique_ptr<Program> record(std::function<void(Stream&)> work) override;
  void flush_cache() override;

 private:
  Device& device_;
  std::optional<BoundTeam> team_;  // of a lane among several
  Stream stream_;
  std::unique_ptr<Memory> flush_;  // made at the first flush
};

}  // namespace assay
