// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/cpu_lane.h"

#include <chrono>
#include <stdexcept>

#include "base/checksum.h"
#include "device/cpu/cpu_memory.h"
#include "device/cpu/fill.h"
#include "device/cpu/probe.h"

namespace assay {
namespace {

class CpuMarks final : public Marks {
 public:
  explicit CpuMarks(std::size_t count) : times_(count) {}
  void record(std::size_t mark, Stream&) override { times_.at(mark) = std::chrono::steady_clock::now(); }
  double seconds(std::size_t from, std::size_t to) override {
    return std::chrono::duration<double>(times_.at(to) - times_.at(from)).count();
  }

 private:
  std::vector<std::chrono::steady_clock::time_point> times_;
};

class CpuProgram final : public Program {
 public:
  explicit CpuProgram(std::function<void(Stream&)> work) : work_(std::move(work)) {}
  void launch(Stream& stream) override { work_(stream); }

 private:
  std::function<void(Stream&)> work_;
};

void check_fits(Buffer buffer, std::int64_t bytes, const char* what) {
  if (bytes < 0 || bytes > buffer.bytes)
    throw std::logic_error(std::string(what) + ": more bytes than the buffer has");
}

}  // namespace

CpuLane::CpuLane(Device& device, LaneShare share) : device_(device) {
  if (share.count > 1) team_.emplace(static_cast<int>(device.info().units), share.index, share.count);
}

void CpuLane::write(Buffer to, const void* from, std::int64_t bytes) {
  check_fits(to, bytes, "write");
  parallel_copy(to.data, from, bytes);
}

void CpuLane::read(void* to, Buffer from, std::int64_t bytes) {
  check_fits(from, bytes, "read");
  parallel_copy(to, from.data, bytes);
}

void CpuLane::copy(Buffer to, Buffer from, std::int64_t bytes) {
  check_fits(to, bytes, "copy");
  check_fits(from, bytes, "copy");
  parallel_copy(to.data, from.data, bytes);
}

void CpuLane::fill(Buffer to, const TensorSpec& spec, std::uint64_t key) {
  fill_on_cpu(to, spec, key);
}

void CpuLane::poison(Buffer to) {
  parallel_set(to.data, 0xFF, to.bytes);
}

std::uint64_t CpuLane::checksum(Buffer of) {
  const auto words = of.as<const std::uint64_t>();
  std::uint64_t sum = checksum_of_rest(reinterpret_cast<const std::byte*>(words.data() + words.size()),
                                       static_cast<std::uint64_t>(of.bytes));
  constexpr std::size_t kWorthThreads = 1 << 16;
#pragma omp parallel for schedule(static) reduction(+ : sum) if (words.size() > kWorthThreads)
  for (std::size_t i = 0; i < words.size(); ++i) sum += checksum_of_word(words[i], i);
  return sum;
}

std::unique_ptr<Marks> CpuLane::marks(std::size_t count) {
  return std::make_unique<CpuMarks>(count);
}

std::unique_ptr<Program> CpuLane::record(std::function<void(Stream&)> work) {
  return std::make_unique<CpuProgram>(std::move(work));
}

void CpuLane::flush_cache() {
  if (!flush_) {
    // Twice the cache: replacement is not strictly by age.
    constexpr std::int64_t kUnknownCache = 64 << 20;
    const std::int64_t cache = device_.info().cache_bytes;
    flush_ = device_.allocate(2 * (cache > 0 ? cache : kUnknownCache));
    parallel_set(flush_->buffer().data, 0x5A, flush_->buffer().bytes);
  }
  read_once(flush_->buffer());
}

}  // namespace assay
