// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/cpu_device.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>

#include "device/cpu/cpu_memory.h"
#include "device/cpu/fill.h"
#include "device/cpu/probe.h"
#include "device/machine.h"

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

std::string gib(std::int64_t bytes) {
  const auto hundredths = static_cast<std::int64_t>(static_cast<double>(bytes) / (1 << 30) * 100 + 0.5);
  const std::string fraction = std::to_string(100 + hundredths % 100).substr(1);
  return std::to_string(hundredths / 100) + "." + fraction + " GiB";
}

void check_fits(Buffer buffer, std::int64_t bytes, const char* what) {
  if (bytes < 0 || bytes > buffer.bytes)
    throw std::logic_error(std::string(what) + ": more bytes than the buffer has");
}

/// Cores are taken in the order of their cpus (OMP_PROC_BIND=close).
std::vector<int> cpus_of_threads(int threads) {
  std::vector<int> cpus = one_cpu_a_core(process_cpus());
  cpus.resize(std::min(cpus.size(), static_cast<std::size_t>(threads)));
  return cpus;
}

}  // namespace

CpuDevice::CpuDevice() : info_(describe_cpu()), telemetry_(cpus_of_threads(info_.units)) {
  omp_set_num_threads(info_.units);
}

std::int64_t CpuDevice::free_bytes() {
  return read_memory().free_bytes;
}

std::unique_ptr<Memory> CpuDevice::allocate(std::int64_t bytes) {
  if (bytes < 0) throw std::logic_error("allocate: negative size");
  const std::int64_t free = free_bytes();
  const auto refuse = [&]() -> Error {
    return {ExitCode::device_failed,
            "cpu: " + std::to_string(bytes) + " bytes (" + gib(bytes) + ") wanted, " + std::to_string(free) +
                " bytes (" + gib(free) + ") free",
            "use a smaller model, batch or context, or free memory (control group limits count)"};
  };
  // Linux grants addresses freely and kills whoever touches too many: ask before.
  if (bytes > free) throw refuse();
  try {
    return std::make_unique<HugeBlock>(bytes);
  } catch (const std::bad_alloc&) {
    throw refuse();
  }
}

void CpuDevice::write(Buffer to, const void* from, std::int64_t bytes) {
  check_fits(to, bytes, "write");
  parallel_copy(to.data, from, bytes);
}

void CpuDevice::read(void* to, Buffer from, std::int64_t bytes) {
  check_fits(from, bytes, "read");
  parallel_copy(to, from.data, bytes);
}

void CpuDevice::copy(Buffer to, Buffer from, std::int64_t bytes) {
  check_fits(to, bytes, "copy");
  check_fits(from, bytes, "copy");
  parallel_copy(to.data, from.data, bytes);
}

void CpuDevice::fill(Buffer to, const TensorSpec& spec, std::uint64_t key) {
  fill_on_cpu(to, spec, key);
}

void CpuDevice::poison(Buffer to) {
  parallel_set(to.data, 0xFF, to.bytes);
}

std::unique_ptr<Marks> CpuDevice::marks(std::size_t count) {
  return std::make_unique<CpuMarks>(count);
}

std::unique_ptr<Program> CpuDevice::record(std::function<void(Stream&)> work) {
  return std::make_unique<CpuProgram>(std::move(work));
}

void CpuDevice::flush_cache() {
  if (!flush_) {
    // Twice the cache: replacement is not strictly by age.
    constexpr std::int64_t kUnknownCache = 64 << 20;
    flush_ = allocate(2 * (info_.cache_bytes > 0 ? info_.cache_bytes : kUnknownCache));
    parallel_set(flush_->buffer().data, 0x5A, flush_->buffer().bytes);
  }
  read_once(flush_->buffer());
}

void CpuDevice::renew() {
  flush_.reset();
  renew_threads();
}

Peaks CpuDevice::measure_peaks(std::span<const DType> dtypes) {
  constexpr int kTakes = 10;
  Peaks peaks = CpuPeakProbe(dtypes, info_.cache_bytes, free_bytes()).peaks(kTakes);
  add_bulk_peaks(peaks, info_.cache_bytes, free_bytes());
  peaks.launch_s = fork_join_s();
  return peaks;
}

std::unique_ptr<PeakProbe> CpuDevice::peak_probe(std::span<const DType> dtypes) {
  return std::make_unique<CpuPeakProbe>(dtypes, info_.cache_bytes, free_bytes());
}

}  // namespace assay
