// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>

#include "device/cpu/probe.h"
#include "device/machine.h"

namespace assay {
namespace {

bool native(FmaKind kind, DType dtype) {
  const bool bf16_kind = kind == FmaKind::avx512_bf16 || kind == FmaKind::amx_bf16;
  return dtype == DType::f32 || (dtype == DType::bf16 && bf16_kind);
}

/// So many times the cache that what a replacement policy keeps of the last pass is a small share of the
/// next. Nothing where a quarter of the free memory is not even twice the cache.
std::optional<std::int64_t> read_buffer_bytes(std::int64_t cache_bytes, std::int64_t free_bytes) {
  constexpr std::int64_t kLeast = 256 << 20, kMost = std::int64_t{4} << 30, kUnknownCache = 32 << 20;
  const std::int64_t bytes = std::min(std::clamp(8 * cache_bytes, kLeast, kMost), free_bytes / 4);
  if (bytes < 2 * (cache_bytes > 0 ? cache_bytes : kUnknownCache)) return std::nullopt;
  return bytes;
}

}  // namespace

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
  const std::string threads = " on " + std::to_string(omp_get_max_threads()) + " threads";
  Peaks peaks;
  for (const auto& [dtype, kind] : kinds_) {
    std::string source = "no datasheet figure; measured: " + std::string(name(kind)) + " probe" + threads;
    if (!native(kind, dtype))
      source += ": values of " + std::string(name(dtype)) + " are widened, so the f32 rate is the ceiling";
    peaks.flops_per_s[dtype].source = std::move(source);
  }
  peaks.bytes_per_s.source =
      block_ ? "no datasheet figure; measured: read probe" + threads + ", " +
                   std::to_string(block_->buffer().bytes >> 20) + " MiB"
             : std::string("no datasheet figure; too little free memory to read more than the cache holds");
  const auto raise = [](Ceiling& ceiling, std::optional<double> rate) {
    ceiling.measured = std::max(ceiling.measured, rate);
  };
  for (int i = 0; i < takes; ++i) {
    const PeakDraw draw = take();
    raise(peaks.bytes_per_s, draw.bytes_per_s);
    for (const auto& [dtype, rate] : draw.flops_per_s) raise(peaks.flops_per_s[dtype], rate);
  }
  return peaks;
}

}  // namespace assay
