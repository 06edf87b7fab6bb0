// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>

#include "device/cpu/probe.h"
#include "device/machine.h"

namespace assay {
namespace {

constexpr std::int64_t kUnknownCache = 32 << 20;  // bytes
constexpr std::int64_t kCopyAlignment = 128;      // bytes: halves of whole cache lines

std::string on_threads() {
  return " on " + std::to_string(omp_get_max_threads()) + " threads";
}

void raise(Ceiling& ceiling, const std::optional<double>& rate) {
  ceiling.measured = std::max(ceiling.measured, rate);
}

bool native(FmaKind kind, DType dtype) {
  const bool bf16_kind = kind == FmaKind::avx512_bf16 || kind == FmaKind::amx_bf16;
  return dtype == DType::f32 || (dtype == DType::bf16 && bf16_kind);
}

/// So many times the cache that what a replacement policy keeps of the last pass is a small share of the
/// next. Nothing where a quarter of the free memory is not even twice the cache.
std::optional<std::int64_t> read_buffer_bytes(std::int64_t cache_bytes, std::int64_t free_bytes) {
  constexpr std::int64_t kLeast = 256 << 20, kMost = std::int64_t{4} << 30;
  const std::int64_t bytes = std::min(std::clamp(8 * cache_bytes, kLeast, kMost), free_bytes / 4);
  if (bytes < 2 * (cache_bytes > 0 ? cache_bytes : kUnknownCache)) return std::nullopt;
  return bytes;
}

/// Of a buffer that is read at random the cache holds its own share, whatever it replaces: a sixteenth where
/// there is room, and never more than an eighth.
std::optional<std::int64_t> bulk_buffer_bytes(std::int64_t cache_bytes, std::int64_t free_bytes) {
  constexpr std::int64_t kLeast = 512 << 20, kMost = std::int64_t{8} << 30;
  const std::int64_t bytes = std::min(std::clamp(16 * cache_bytes, kLeast, kMost), free_bytes / 4);
  if (bytes < 8 * (cache_bytes > 0 ? cache_bytes : kUnknownCache)) return std::nullopt;
  return bytes / kCopyAlignment * kCopyAlignment;
}

/// Once at least, and then so often as it may; not again once it took long: on a busy machine threads wait
/// for each other.
template <class Round>
void repeat(int times, const Round& round) {
  constexpr double kEnoughSeconds = 0.1;
  double taken_s = 0;
  for (int i = 0; i < times && taken_s < kEnoughSeconds; ++i) {
    const ThreadShare share = work_for(0, [&] { return round(), 1.0; });
    taken_s += share.end_s - share.begin_s;
  }
}

// The best of all tries: these are ceilings, and how far ahead to ask depends on the CPU.
Ceiling probe_random_reads(Buffer buffer, std::int64_t row_bytes) {
  constexpr double kSeconds = 0.005;
  constexpr int kTries = 2, kMostRows = 256;
  constexpr int kLinesAhead[] = {16, 64, 128, 256};
  Ceiling best;
  std::uint32_t seed = static_cast<std::uint32_t>(row_bytes);
  repeat(kTries, [&] {
    for (const int lines : kLinesAhead) {
      const int rows = std::clamp(static_cast<int>(lines * 64 / row_bytes), 1, kMostRows);
      raise(best, random_read_rate(buffer, row_bytes, rows, kSeconds, seed++));
    }
  });
  best.source = "no datasheet figure; measured: random reads" + on_threads() + " in " +
                std::to_string(buffer.bytes >> 20) + " MiB";
  return best;
}

Ceiling probe_copies(Buffer buffer) {
  constexpr double kSeconds = 0.006;
  constexpr int kTries = 5;
  const std::int64_t half = buffer.bytes / 2;
  const Buffer from{buffer.data, half}, to{static_cast<char*>(buffer.data) + half, half};
  std::int64_t resume = 0;
  Ceiling best;
  repeat(kTries, [&] {
    for (const bool streaming : {false, true}) raise(best, copy_rate(to, from, streaming, kSeconds, resume));
  });
  best.source = "host and device are one memory; measured: a copy" + on_threads();
  return best;
}

}  // namespace

void add_bulk_peaks(Peaks& peaks, std::int64_t cache_bytes, std::int64_t free_bytes) {
  const auto bytes = bulk_buffer_bytes(cache_bytes, free_bytes);
  if (!bytes) return;
  const HugeBlock block(*bytes);
  parallel_set(block.buffer().data, 0x5A, *bytes);
  std::optional<double> shorter;  // a row can be read as several shorter ones: its ceiling is no lower
  for (const std::int64_t row_bytes : kRandomRowBytes) {
    Ceiling& ceiling = peaks.random_read_bytes_per_s[row_bytes];
    ceiling = probe_random_reads(block.buffer(), row_bytes);
    raise(ceiling, shorter);
    shorter = ceiling.measured;
  }
  const Ceiling copies = probe_copies(block.buffer());
  peaks.set_host_link(copies, copies);
}

CpuPeakProbe::CpuPeakProbe(std::span<const DType> dtypes, std::int64_t cache_bytes, std::int64_t free_bytes) {
  for (const DType dtype : dtypes)
    // tf32 and fp8 have no CPU kernels here, and integers no ceiling in FLOP/s.
    if (dtype == DType::f32 || dtype == DType::bf16 || dtype == DType::f16)
      kinds_[dtype] = fma_kind_for(dtype);

  const auto bytes = read_buffer_bytes(cache_bytes, free_bytes);
  if (!bytes) return;
  block_.emplace(*bytes);
  parallel_set(block_->buffer().data, 0x5A, *bytes);
  // By medians, in turns: the luckiest try of a number of streams says little of the next.
  constexpr std::size_t kTries = 5;
  std::map<int, std::vector<double>> rates;
  for (std::size_t i = 0; i < kTries; ++i)
    for (const int streams : kReadStreams) rates[streams].push_back(read(kChoiceSeconds, streams));
  double best = 0;
  for (auto& [streams, tries] : rates) {
    std::ranges::sort(tries);
    if (tries[kTries / 2] <= best) continue;
    best = tries[kTries / 2];
    streams_ = streams;
  }
}

PeakDraw CpuPeakProbe::take() {
  PeakDraw draw;
  if (block_) draw.bytes_per_s = read(kReadSeconds, streams_);
  std::map<FmaKind, double> rates;  // dtypes that share a kind share its probe
  for (const auto& [dtype, kind] : kinds_) {
    if (!rates.contains(kind)) rates[kind] = fma_rate(kind, kFmaSeconds);
    draw.flops_per_s[dtype] = rates[kind];
  }
  return draw;
}

Peaks CpuPeakProbe::peaks(int takes) {
  const std::string threads = on_threads();
  Peaks peaks;
  for (const auto& [dtype, kind] : kinds_) {
    std::string source = "no datasheet figure; measured: " + std::string(name(kind)) + " probe" + threads;
    if (!native(kind, dtype))
      source += ": values of " + std::string(name(dtype)) + " are widened, so the f32 rate is the ceiling";
    peaks.flops_per_s[dtype].source = std::move(source);
  }
  Ceiling& memory = peaks.bytes_per_s[Path::memory];
  memory.source =
      block_ ? "no datasheet figure; measured: read probe" + threads + ", " +
                   std::to_string(block_->buffer().bytes >> 20) + " MiB"
             : std::string("no datasheet figure; too little free memory to read more than the cache holds");
  for (int i = 0; i < takes; ++i) {
    const PeakDraw draw = take();
    raise(memory, draw.bytes_per_s);
    for (const auto& [dtype, rate] : draw.flops_per_s) raise(peaks.flops_per_s[dtype], rate);
  }
  return peaks;
}

}  // namespace assay
