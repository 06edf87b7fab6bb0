// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cuda_device.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "device/cuda/clock_meter.h"
#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_objects.h"
#include "device/cuda/device_info.h"
#include "device/cuda/fill.h"
#include "device/cuda/peaks.h"
#include "device/cuda/probes.h"
#include "plan/fill_function.h"

namespace assay {
namespace {

// A cache that does not evict strictly the oldest lines is not empty after its own size was read once.
constexpr std::int64_t kFlushCaches = 3;
constexpr std::int64_t kUnknownCache = std::int64_t{32} << 20;  // bytes

void require_within(Buffer buffer, std::int64_t bytes, const char* what) {
  if (bytes < 0 || bytes > buffer.bytes)
    throw std::logic_error(std::string(what) + " of " + std::to_string(bytes) + " bytes in a buffer of " +
                           std::to_string(buffer.bytes));
}

}  // namespace

CudaDevice::CudaDevice(int index)
    : index_(index), nvml_(pci_bus_id_of(index)), info_(describe_device(index, nvml_)), telemetry_(nvml_) {
  ASSAY_CUDA(cudaSetDevice(index_));
  int major = 0, minor = 0;
  ASSAY_CUDA(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index_));
  ASSAY_CUDA(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index_));
  compute_capability_ = 10 * major + minor;
  ASSAY_CUDA(cudaStreamCreateWithFlags(queue_.out(), cudaStreamNonBlocking));
  stream_.handle = queue_.get();
  gate_.emplace();
  free_at_opening_ = free_bytes();
  // Taken now rather than at the first flush, which may come while the device is full or a graph is captured.
  flush_ = allocate(kFlushCaches * (info_.cache_bytes > 0 ? info_.cache_bytes : kUnknownCache));
  flush_sink_ = allocate(sizeof(unsigned));
  ASSAY_CUDA(cudaMemsetAsync(flush_->buffer().data, 0, static_cast<std::size_t>(flush_->buffer().bytes),
                             queue_.get()));
  synchronize();
}

CudaDevice::~CudaDevice() {
  telemetry_.stop();
  static_cast<void>(cudaSetDevice(index_));
  if (gate_) gate_->open();
  static_cast<void>(cudaStreamSynchronize(queue_.get()));
}

std::int64_t CudaDevice::free_bytes() {
  ASSAY_CUDA(cudaSetDevice(index_));
  std::size_t free = 0, total = 0;
  ASSAY_CUDA(cudaMemGetInfo(&free, &total));
  return static_cast<std::int64_t>(free);
}

std::unique_ptr<Memory> CudaDevice::allocate(std::int64_t bytes) {
  return allocate_cuda(index_, info_.id, bytes);
}

void CudaDevice::write(Buffer to, const void* from, std::int64_t bytes) {
  require_within(to, bytes, "write");
  ASSAY_CUDA(cudaSetDevice(index_));
  ASSAY_CUDA(
      cudaMemcpyAsync(to.data, from, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice, queue_.get()));
  ASSAY_CUDA(cudaStreamSynchronize(queue_.get()));
}

void CudaDevice::read(void* to, Buffer from, std::int64_t bytes) {
  require_within(from, bytes, "read");
  ASSAY_CUDA(cudaSetDevice(index_));
  ASSAY_CUDA(
      cudaMemcpyAsync(to, from.data, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost, queue_.get()));
  ASSAY_CUDA(cudaStreamSynchronize(queue_.get()));
}

void CudaDevice::copy(Buffer to, Buffer from, std::int64_t bytes) {
  require_within(to, bytes, "copy");
  require_within(from, bytes, "copy");
  ASSAY_CUDA(cudaSetDevice(index_));
  ASSAY_CUDA(cudaMemcpyAsync(to.data, from.data, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice,
                             queue_.get()));
}

void CudaDevice::fill(Buffer to, const TensorSpec& spec, std::uint64_t key) {
  require_within(to, spec.bytes(), "fill");
  const FillFunction fill(spec.fill, spec.elements(), key);
  if (spec.fill.kind != Fill::Kind::values) {
    FillRule rule = fill.rule();
    if (rule.popularity != nullptr) rule.popularity = on_device(spec.fill, *rule.popularity);
    ASSAY_CUDA(cudaSetDevice(index_));
    fill_on_device(to.data, spec.dtype, spec.elements(), rule, stream_);
    return;
  }
  std::vector<std::byte> packed(static_cast<std::size_t>(spec.bytes()));
  for (std::int64_t i = 0; i < spec.elements(); ++i) store_element(spec.dtype, packed.data(), i, fill(i));
  write(to, packed.data(), spec.bytes());
}

const ZipfTable* CudaDevice::on_device(const Fill& fill, const ZipfTable& table) {
  std::unique_ptr<Memory>& kept = zipf_tables_[{fill.limit, fill.skew}];
  if (kept == nullptr) {
    auto memory = allocate(sizeof table);
    write(memory->buffer(), &table, sizeof table);
    kept = std::move(memory);
  }
  return static_cast<const ZipfTable*>(kept->buffer().data);
}

void CudaDevice::poison(Buffer to) {
  ASSAY_CUDA(cudaSetDevice(index_));
  ASSAY_CUDA(cudaMemsetAsync(to.data, 0xff, static_cast<std::size_t>(to.bytes), queue_.get()));
}

Stream& CudaDevice::stream() {
  ASSAY_CUDA(cudaSetDevice(index_));
  return stream_;
}

void CudaDevice::hold() {
  gate_->close(stream());
}

bool CudaDevice::release() {
  return gate_->open();
}

void CudaDevice::synchronize() {
  ASSAY_CUDA(cudaSetDevice(index_));
  ASSAY_CUDA(cudaStreamSynchronize(queue_.get()));
}

std::unique_ptr<Marks> CudaDevice::marks(std::size_t count) {
  return make_cuda_marks(index_, count);
}

std::unique_ptr<Program> CudaDevice::record(std::function<void(Stream&)> work) {
  ASSAY_CUDA(cudaSetDevice(index_));
  return record_graph(index_, stream_, work);
}

// By reading: after a flush by writing, the cache would be full of dirty lines, and the kernel under the
// clock would pay for writing them back.
void CudaDevice::flush_cache() {
  ASSAY_CUDA(cudaSetDevice(index_));
  read_memory(flush_->buffer(), 1, flush_sink_->buffer(), info_.units, stream_);
}

Peaks CudaDevice::measure_peaks(std::span<const DType> dtypes) {
  return measure_cuda_peaks(*this, dtypes);
}

std::unique_ptr<PeakProbe> CudaDevice::peak_probe(std::span<const DType> dtypes) {
  return make_cuda_peak_probe(*this, dtypes);
}

std::unique_ptr<ClockMeter> CudaDevice::clock_meter() {
  return make_clock_meter(*this);
}

std::optional<std::int64_t> CudaDevice::used_bytes() {
  if (const auto bytes = nvml_.process_bytes(static_cast<unsigned>(getpid()))) return bytes;
  return std::max<std::int64_t>(0, free_at_opening_ - free_bytes());
}

void CudaDevice::renew() {
  constexpr std::int64_t kStep = std::int64_t{2} << 20, kSteps = 8;  // bytes: the driver's pages
  synchronize();
  CudaHandle<cudaStream_t, cudaStreamDestroy> next;  // made while the old one is there: not the same again
  ASSAY_CUDA(cudaStreamCreateWithFlags(next.out(), cudaStreamNonBlocking));
  queue_ = std::move(next);
  stream_.handle = queue_.get();
  pad_.reset();
  const std::int64_t bytes = kStep * (1 + renewals_++ % kSteps);
  if (bytes < free_bytes()) pad_ = allocate(bytes);
}

LtContext& CudaDevice::lt() {
  if (lt_ == nullptr) {
    workspace_ = allocate(LtContext::kWorkspaceBytes);
    lt_ = std::make_unique<LtContext>(workspace_->buffer());
  }
  return *lt_;
}

CudaDevice& cuda_device(Device& device) {
  if (auto* cuda = dynamic_cast<CudaDevice*>(&device)) return *cuda;
  throw std::logic_error("a CUDA kernel was asked for on " + device.info().id);
}

}  // namespace assay
