// SPDX-License-Identifier: Apache-2.0
// One GPU: plain cudaMalloc memory, pinned memory of the host, and what is true of all its lanes.
#pragma once

#include <memory>
#include <optional>

#include <cuda_runtime.h>

#include "device/cuda/cuda_handle.h"
#include "device/cuda/nvml.h"
#include "device/cuda/peak_probe.h"
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
  std::unique_ptr<Memory> allocate_host(std::int64_t bytes) override;
  std::unique_ptr<Lane> lane(LaneShare share) override;

  Peaks measure_peaks(std::span<const DType> dtypes) override;
  std::unique_ptr<PeakProbe> peak_probe(std::span<const DType> dtypes) override;
  /// NVML's figure of this process. Where NVML does not see it (no NVML, or a container that numbers
  /// processes by itself), what has become less free since the device was opened: without CUDA's own context,
  /// and with what others took meanwhile.
  std::optional<std::int64_t> used_bytes() override;
  /// The next lane has another stream, and memory is given out from another place on.
  void renew() override;

  void start_telemetry() override { telemetry_.start(); }
  void pause_telemetry() override { telemetry_.pause(); }
  void resume_telemetry() override { telemetry_.resume(); }
  std::optional<Telemetry> stop_telemetry() override { return telemetry_.stop(); }

  int index() const { return index_; }
  void make_current() const;  // of the calling thread
  /// What a flush of the cache reads, and where it puts what it found.
  const Memory& flushed() const { return *flush_; }
  const Memory& flush_sink() const { return *flush_sink_; }
  ProbeSizes& probe_sizes() { return probe_sizes_; }
  const Nvml& nvml() const { return nvml_; }
  /// 90 for compute capability 9.0.
  int compute_capability() const { return compute_capability_; }

 private:
  const int index_;
  const Nvml nvml_;
  const DeviceInfo info_;
  int compute_capability_ = 0;
  CudaHandle<cudaStream_t, cudaStreamDestroy> pad_stream_;
  std::int64_t free_at_opening_ = 0;
  std::unique_ptr<Memory> flush_, flush_sink_, pad_;
  ProbeSizes probe_sizes_;
  int renewals_ = 0;
  TelemetrySampler telemetry_;
};

}  // namespace assay
