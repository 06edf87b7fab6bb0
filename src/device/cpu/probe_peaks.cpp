// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <map>

#include "device/cpu/cpu_memory.h"
#include "device/cpu/probe.h"
#include "device/machine.h"

namespace assay {
namespace {

bool native(FmaKind kind, DType dtype) {
  const bool bf16_kind = kind == FmaKind::avx512_bf16 || kind == FmaKind::amx_bf16;
  return dtype == DType::f32 || (dtype == DType::bf16 && bf16_kind);
}

/// So many times the cache that what a replacement policy keeps of the last pass is a small share of the
/// next.
std::int64_t read_buffer_bytes(std::int64_t cache_bytes) {
  constexpr std::int64_t kLeast = 256 << 20, kMost = std::int64_t{4} << 30;
  const std::int64_t wanted = std::clamp(8 * cache_bytes, kLeast, kMost);
  return std::clamp<std::int64_t>(read_memory().free_bytes / 4, HugeBlock::kAlignment, wanted);
}

}  // namespace

Peaks probe_peaks(std::span<const DType> dtypes, std::int64_t cache_bytes) {
  const std::string threads = " on " + std::to_string(omp_get_max_threads()) + " threads";
  Peaks peaks;
  std::map<FmaKind, double> rates;  // dtypes that share a kind share its probe
  for (const DType dtype : dtypes) {
    // tf32 and fp8 have no CPU kernels here, and integers no ceiling in FLOP/s.
    if (dtype != DType::f32 && dtype != DType::bf16 && dtype != DType::f16) continue;
    const FmaKind kind = fma_kind_for(dtype);
    if (!rates.contains(kind)) rates[kind] = probe_fma(kind);
    std::string source = "no datasheet figure; measured: " + std::string(name(kind)) + " probe" + threads;
    if (!native(kind, dtype))
      source += ": values of " + std::string(name(dtype)) + " are widened, so the f32 rate is the ceiling";
    peaks.flops_per_s[dtype] = {.datasheet = {}, .measured = rates[kind], .source = std::move(source)};
  }

  const HugeBlock block(read_buffer_bytes(cache_bytes));
  parallel_set(block.buffer().data, 0x5A, block.buffer().bytes);
  peaks.bytes_per_s = {.datasheet = {},
                       .measured = probe_read(block.buffer()),
                       .source = "no datasheet figure; measured: read probe" + threads + ", " +
                                 std::to_string(block.buffer().bytes >> 20) + " MiB"};
  return peaks;
}

}  // namespace assay
