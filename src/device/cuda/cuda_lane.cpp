// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cuda_lane.h"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "device/cuda/checksum.h"
#include "device/cuda/clock_meter.h"
#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_objects.h"
#include "device/cuda/cudnn_library.h"
#include "device/cuda/fill.h"
#include "device/cuda/probes.h"
#include "plan/fill_function.h"
#include "plan/fill_segments.h"

namespace assay {
namespace {

void require_within(Buffer buffer, std::int64_t bytes, const char* what) {
  if (bytes < 0 || bytes > buffer.bytes)
    throw std::logic_error(std::string(what) + " of " + std::to_string(bytes) + " bytes in a buffer of " +
                           std::to_string(buffer.bytes));
}

}  // namespace

CudaLane::CudaLane(CudaDevice& device) : device_(device) {
  device_.make_current();
  ASSAY_CUDA(cudaStreamCreateWithFlags(queue_.out(), cudaStreamNonBlocking));
  stream_.handle = queue_.get();
  gate_.emplace();
}

CudaLane::~CudaLane() {
  static_cast<void>(cudaSetDevice(device_.index()));
  if (gate_) gate_->open();
  static_cast<void>(cudaStreamSynchronize(queue_.get()));
}

// Either side may be pinned memory of the host, which the device reaches as its own.
void CudaLane::write(Buffer to, const void* from, std::int64_t bytes) {
  require_within(to, bytes, "write");
  device_.make_current();
  ASSAY_CUDA(
      cudaMemcpyAsync(to.data, from, static_cast<std::size_t>(bytes), cudaMemcpyDefault, queue_.get()));
  ASSAY_CUDA(cudaStreamSynchronize(queue_.get()));
}

void CudaLane::read(void* to, Buffer from, std::int64_t bytes) {
  require_within(from, bytes, "read");
  device_.make_current();
  ASSAY_CUDA(
      cudaMemcpyAsync(to, from.data, static_cast<std::size_t>(bytes), cudaMemcpyDefault, queue_.get()));
  ASSAY_CUDA(cudaStreamSynchronize(queue_.get()));
}

void CudaLane::copy(Buffer to, Buffer from, std::int64_t bytes) {
  require_within(to, bytes, "copy");
  require_within(from, bytes, "copy");
  device_.make_current();
  ASSAY_CUDA(cudaMemcpyAsync(to.data, from.data, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice,
                             queue_.get()));
}

void CudaLane::fill(Buffer to, const TensorSpec& spec, std::uint64_t key) {
  require_within(to, spec.bytes(), "fill");
  const FillFunction fill(spec.fill, spec.elements(), key);
  if (!is_listed(spec.fill.kind)) {
    FillRule rule = fill.rule();
    if (rule.popularity != nullptr)
      rule.popularity = on_device(spec.fill.limit, spec.fill.skew, *rule.popularity);
    if (rule.segments != nullptr) rule.segments = on_device(spec.fill.parts);
    device_.make_current();
    fill_on_device(to.data, spec.dtype, spec.elements(), rule, stream_);
    return;
  }
  if (spec.fill.kind == Fill::Kind::bytes && spec.dtype == DType::u8)
    return write(to, spec.fill.file->data(), spec.bytes());
  std::vector<std::byte> packed(static_cast<std::size_t>(spec.bytes()));
  for (std::int64_t i = 0; i < spec.elements(); ++i) store_element(spec.dtype, packed.data(), i, fill(i));
  write(to, packed.data(), spec.bytes());
}

const ZipfTable* CudaLane::on_device(std::int64_t limit, double skew, const ZipfTable& table) {
  std::unique_ptr<Memory>& kept = zipf_tables_[{limit, skew}];
  if (kept == nullptr) {
    auto memory = allocate(sizeof table);
    write(memory->buffer(), &table, sizeof table);
    kept = std::move(memory);
  }
  return static_cast<const ZipfTable*>(kept->buffer().data);
}

const FillSegment* CudaLane::on_device(const std::shared_ptr<const FillSegments>& segments) {
  std::unique_ptr<Memory>& kept = segments_[segments];
  if (kept == nullptr) {
    std::vector<FillSegment> rules = segments->rules();
    std::size_t next = 0;
    for (const Fill::Segment& part : segments->parts()) {
      if (part.count == 0) continue;
      FillSegment& rule = rules[next++];
      rule.popularity = on_device(part.limit, part.skew, *rule.popularity);
    }
    const auto bytes = static_cast<std::int64_t>(rules.size() * sizeof(FillSegment));
    auto memory = allocate(bytes);
    write(memory->buffer(), rules.data(), bytes);
    kept = std::move(memory);
  }
  return static_cast<const FillSegment*>(kept->buffer().data);
}

void CudaLane::poison(Buffer to) {
  device_.make_current();
  ASSAY_CUDA(cudaMemsetAsync(to.data, 0xff, static_cast<std::size_t>(to.bytes), queue_.get()));
}

std::uint64_t CudaLane::checksum(Buffer of) {
  const std::int64_t rest = of.bytes % static_cast<std::int64_t>(sizeof(std::uint64_t));
  std::uint64_t sum = 0;
  if (sum_ == nullptr) sum_ = allocate(sizeof sum);
  device_.make_current();
  ASSAY_CUDA(cudaMemsetAsync(sum_->buffer().data, 0, sizeof sum, queue_.get()));
  add_checksum_of_words(of, sum_->buffer(), stream_);
  std::byte last[sizeof sum] = {};
  if (rest > 0) read(last, {static_cast<std::byte*>(of.data) + of.bytes - rest, rest}, rest);
  read(&sum, sum_->buffer(), sizeof sum);
  return sum + checksum_of_rest(last, static_cast<std::uint64_t>(of.bytes));
}

Stream& CudaLane::stream() {
  device_.make_current();
  return stream_;
}

void CudaLane::hold() {
  gate_->close(stream());
}

bool CudaLane::release() {
  return gate_->open();
}

void CudaLane::synchronize() {
  device_.make_current();
  ASSAY_CUDA(cudaStreamSynchronize(queue_.get()));
}

std::unique_ptr<Marks> CudaLane::marks(std::size_t count) {
  return make_cuda_marks(device_.index(), count);
}

std::unique_ptr<Program> CudaLane::record(std::function<void(Stream&)> work) {
  device_.make_current();
  return record_graph(device_.index(), stream_, work);
}

// By reading: after a flush by writing, the cache would be full of dirty lines, and the kernel under the
// clock would pay for writing them back.
void CudaLane::flush_cache() {
  read_memory(device_.flushed().buffer(), 1, device_.flush_sink().buffer(), info().units, stream());
}

std::unique_ptr<ClockMeter> CudaLane::clock_meter() {
  return make_clock_meter(*this);
}

LtContext& CudaLane::lt() {
  if (lt_ == nullptr) {
    workspace_ = allocate(LtContext::kWorkspaceBytes);
    lt_ = std::make_unique<LtContext>(workspace_->buffer());
  }
  return *lt_;
}

std::shared_ptr<void> CudaLane::cudnn() {
  if (cudnn_ == nullptr) cudnn_ = make_cudnn_handle(stream().handle);
  return cudnn_;
}

CudaLane& cuda_lane(Lane& lane) {
  if (auto* cuda = dynamic_cast<CudaLane*>(&lane)) return *cuda;
  throw std::logic_error("a CUDA kernel was asked for on " + lane.device().info().id);
}

}  // namespace assay
