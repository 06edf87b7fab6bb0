// SPDX-License-Identifier: Apache-2.0
// One way to use a GPU: a non-blocking stream, events, graphs, and a workspace for cuBLASLt that calls on
// this stream share.
//
// Every call here makes this GPU the calling thread's current one, stream() included: whoever takes the
// stream may launch on it until another device is called.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <cuda_runtime.h>

#include "base/zipf.h"
#include "device/cuda/cuda_device.h"
#include "device/cuda/cuda_handle.h"
#include "device/cuda/gate.h"
#include "device/cuda/lt_context.h"
#include "plan/fill_element.h"

namespace assay {

class CudaLane final : public Lane {
 public:
  explicit CudaLane(CudaDevice& device);
  ~CudaLane() override;

  CudaDevice& device() override { return device_; }
  Stream& stream() override;
  void write(Buffer to, const void* from, std::int64_t bytes) override;
  void read(void* to, Buffer from, std::int64_t bytes) override;
  void copy(Buffer to, Buffer from, std::int64_t bytes) override;
  void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) override;
  void poison(Buffer to) override;
  std::uint64_t checksum(Buffer of) override;
  void hold() override;
  bool release() override;
  bool overlaps_launches() const override { return true; }
  void synchronize() override;
  std::unique_ptr<Marks> marks(std::size_t count) override;
  std::unique_ptr<Program> record(std::function<void(Stream&)> work) override;
  void flush_cache() override;
  std::unique_ptr<ClockMeter> clock_meter() override;

  /// For kernel factories: cuBLASLt with its workspace, made when first asked for.
  LtContext& lt();
  /// cuDNN's handle (cudnnHandle_t), likewise: its work goes to this stream.
  std::shared_ptr<void> cudnn();
  const DeviceInfo& info() const { return device_.info(); }
  std::unique_ptr<Memory> allocate(std::int64_t bytes) { return device_.allocate(bytes); }

 private:
  /// Where the table of a zipf fill is in the device's memory.
  const ZipfTable* on_device(std::int64_t limit, double skew, const ZipfTable& table);
  const FillSegment* on_device(const std::shared_ptr<const FillSegments>& segments);

  CudaDevice& device_;
  CudaHandle<cudaStream_t, cudaStreamDestroy> queue_;
  Stream stream_;
  std::optional<Gate> gate_;
  std::unique_ptr<Memory> workspace_, sum_;
  std::unique_ptr<LtContext> lt_;
  std::shared_ptr<void> cudnn_;
  std::map<std::pair<std::int64_t, double>, std::unique_ptr<Memory>> zipf_tables_;  // of limit and skew
  std::map<std::shared_ptr<const FillSegments>, std::unique_ptr<Memory>> segments_;
};

/// The lane given to a factory of this backend.
CudaLane& cuda_lane(Lane& lane);

}  // namespace assay
