// SPDX-License-Identifier: Apache-2.0
// One GPU: plain cudaMalloc memory, one non-blocking stream, events, graphs.
//
// Every call here makes this GPU the calling thread's current one, stream() included: whoever takes the
// stream may launch on it until another device is called.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <cuda_runtime.h>

#include "device/cuda/cuda_handle.h"
#include "device/cuda/gate.h"
#include "device/cuda/lt_context.h"
#include "device/cuda/nvml.h"
#include "device/cuda/peak_probe.h"
#include "device/cuda/telemetry_sampler.h"
#include "device/device.h"
#include "plan/fill_element.h"

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
  void hold() override;
  bool release() override;
  void synchronize() override;
  std::unique_ptr<Marks> marks(std::size_t count) override;
  std::unique_ptr<Program> record(std::function<void(Stream&)> work) override;
  void flush_cache() override;

  Peaks measure_peaks(std::span<const DType> dtypes) override;
  std::unique_ptr<PeakProbe> peak_probe(std::span<const DType> dtypes) override;
  std::unique_ptr<ClockMeter> clock_meter() override;
  /// NVML's figure of this process. Where NVML does not see it (no NVML, or a container that numbers
  /// processes by itself), what has become less free since the device was opened: without CUDA's own context,
  /// and with what others took meanwhile.
  std::optional<std::int64_t> used_bytes() override;
  /// Another stream, and memory that is given out from another place on. Programs and kernels stay good.
  void renew() override;

  void start_telemetry() override { telemetry_.start(); }
  void pause_telemetry() override { telemetry_.pause(); }
  void resume_telemetry() override { telemetry_.resume(); }
  std::optional<Telemetry> stop_telemetry() override { return telemetry_.stop(); }

  /// For kernel factories: cuBLASLt with its workspace, made when first asked for.
  LtContext& lt();
  ProbeSizes& probe_sizes() { return probe_sizes_; }
  /// 90 for compute capability 9.0.
  int compute_capability() const { return compute_capability_; }

 private:
  /// A copy that stays as long as the device is open: a fill of every pass may want it.
  const ZipfTable* on_device(const Fill& fill, const ZipfTable& table);

  const int index_;
  const Nvml nvml_;
  const DeviceInfo info_;
  int compute_capability_ = 0;
  CudaHandle<cudaStream_t, cudaStreamDestroy> queue_;
  Stream stream_;
  std::optional<Gate> gate_;
  std::int64_t free_at_opening_ = 0;
  std::unique_ptr<Memory> flush_, flush_sink_, workspace_, pad_;
  std::unique_ptr<LtContext> lt_;
  std::map<std::pair<std::int64_t, double>, std::unique_ptr<Memory>> zipf_tables_;  // of limit and skew
  ProbeSizes probe_sizes_;
  int renewals_ = 0;
  TelemetrySampler telemetry_;
};

/// The device given to a factory of this backend.
CudaDevice& cuda_device(Device& device);

}  // namespace assay
