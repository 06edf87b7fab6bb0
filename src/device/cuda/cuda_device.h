// SPDX-License-Identifier: Apache-2.0
// One GPU: plain cudaMalloc memory, one non-blocking stream, events, graphs.
//
// Every call here makes this GPU the calling thread's current one, stream() included: whoever takes the
// stream may launch on it until another device is called.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <cuda_runtime.h>

#include "device/cuda/cuda_handle.h"
#include "device/cuda/lt_context.h"
#include "device/cuda/nvml.h"
#include "device/cuda/telemetry_sampler.h"
#include "device/device.h"

namespace assay {

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index);
  ~CudaDevice() override;

  const DeviceInfo& info() const override { return info_; }
  std::int64_t free_bytes() override;
  std::unique_ptr<Memory> allocate(std::int64_t bytes) override;
  void write(Buffer to, const void* from, std::int64_t bytes) override;
  void read(void* to, Buffer from, std::int64_t bytes) override;
  void copy(Buffer to, Buffer from, std::int64_t bytes) override;
  void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) override;
  void poison(Buffer to) override;

  Stream& stream() override;
  void synchronize() override;
  std::unique_ptr<Marks> marks(std::size_t count) override;
  std::unique_ptr<Program> record(std::function<void(Stream&)> work) override;
  void flush_cache() override;

  Peaks measure_peaks(std::span<const DType> dtypes) override;
  void start_telemetry() override { telemetry_.start(); }
  std::optional<Telemetry> stop_telemetry() override { return telemetry_.stop(); }

  /// For kernel factories: cuBLASLt with its workspace, made when first asked for.
  LtContext& lt();
  /// What tuning found on this device: the fastest way, by kernel and shape.
  std::map<std::string, std::size_t>& tuned() { return tuned_; }
  /// 90 for compute capability 9.0.
  int compute_capability() const { return compute_capability_; }

 private:
  const int index_;
  const Nvml nvml_;
  const DeviceInfo info_;
  int compute_capability_ = 0;
  CudaHandle<cudaStream_t, cudaStreamDestroy> queue_;
  Stream stream_;
  std::unique_ptr<Memory> flush_, flush_sink_, workspace_;
  std::unique_ptr<LtContext> lt_;
  std::map<std::string, std::size_t> tuned_;
  TelemetrySampler telemetry_;
};

/// The device given to a factory of this backend.
CudaDevice& cuda_device(Device& device);

}  // namespace assay
