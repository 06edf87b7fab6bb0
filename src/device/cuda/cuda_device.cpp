// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cuda_device.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_lane.h"
#include "device/cuda/cuda_objects.h"
#include "device/cuda/device_info.h"
#include "device/cuda/peaks.h"

namespace assay {
namespace {

// A cache that does not evict strictly the oldest lines is not empty after its own size was read once.
constexpr std::int64_t kFlushCaches = 3;
constexpr std::int64_t kUnknownCache = std::int64_t{32} << 20;  // bytes

}  // namespace

CudaDevice::CudaDevice(int index)
    : index_(index), nvml_(pci_bus_id_of(index)), info_(describe_device(index, nvml_)), telemetry_(nvml_) {
  make_current();
  int major = 0, minor = 0;
  ASSAY_CUDA(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index_));
  ASSAY_CUDA(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index_));
  compute_capability_ = 10 * major + minor;
  free_at_opening_ = free_bytes();
  // Taken now rather than at the first flush, which may come while the device is full or a graph is captured.
  flush_ = allocate(kFlushCaches * (info_.cache_bytes > 0 ? info_.cache_bytes : kUnknownCache));
  flush_sink_ = allocate(sizeof(unsigned));
  ASSAY_CUDA(cudaMemset(flush_->buffer().data, 0, static_cast<std::size_t>(flush_->buffer().bytes)));
  ASSAY_CUDA(cudaDeviceSynchronize());
}

CudaDevice::~CudaDevice() {
  telemetry_.stop();
  static_cast<void>(cudaSetDevice(index_));
}

std::int64_t CudaDevice::free_bytes() {
  make_current();
  std::size_t free = 0, total = 0;
  ASSAY_CUDA(cudaMemGetInfo(&free, &total));
  return static_cast<std::int64_t>(free);
}

std::unique_ptr<Memory> CudaDevice::allocate(std::int64_t bytes) {
  return allocate_cuda(index_, info_.id, bytes);
}

std::unique_ptr<Memory> CudaDevice::allocate_host(std::int64_t bytes) {
  return allocate_pinned(index_, info_.id, bytes);
}

std::unique_ptr<Lane> CudaDevice::lane(LaneShare) {
  return std::make_unique<CudaLane>(*this);
}

void CudaDevice::make_current() const {
  ASSAY_CUDA(cudaSetDevice(index_));
}

Peaks CudaDevice::measure_peaks(std::span<const DType> dtypes) {
  return measure_cuda_peaks(*this, dtypes);
}

std::unique_ptr<PeakProbe> CudaDevice::peak_probe(std::span<const DType> dtypes) {
  return make_cuda_peak_probe(*this, dtypes);
}

std::optional<std::int64_t> CudaDevice::used_bytes() {
  if (const auto bytes = nvml_.process_bytes(static_cast<unsigned>(getpid()))) return bytes;
  return std::max<std::int64_t>(0, free_at_opening_ - free_bytes());
}

void CudaDevice::renew() {
  constexpr std::int64_t kStep = std::int64_t{2} << 20, kSteps = 8;  // bytes: the driver's pages
  make_current();
  // Kept while the next lane makes its own, which would else be the same again.
  CudaHandle<cudaStream_t, cudaStreamDestroy> next;
  ASSAY_CUDA(cudaStreamCreateWithFlags(next.out(), cudaStreamNonBlocking));
  pad_stream_ = std::move(next);
  pad_.reset();
  const std::int64_t bytes = kStep * (1 + renewals_++ % kSteps);
  if (bytes < free_bytes()) pad_ = allocate(bytes);
}

}  // namespace assay
