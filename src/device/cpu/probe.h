// SPDX-License-Identifier: Apache-2.0
// What this CPU reaches at best, right now: multiply-adds from registers, reads from memory. These are the
// ceilings that kernels are measured against, so they are written to be beaten by nothing.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "device/cpu/cpu_memory.h"
#include "device/device.h"

namespace assay {

/// Loops of independent multiply-adds whose operands stay in registers (in AMX tiles).
enum class FmaKind : std::uint8_t { sse2_f32, avx2_f32, avx512_f32, avx512_bf16, amx_bf16 };
std::string_view name(FmaKind kind);

/// FLOP/s of all threads together, over about `seconds`.
double fma_rate(FmaKind kind, double seconds);

/// The kind whose rate bounds what any kernel can do with this dtype on this CPU; dtypes the CPU has no
/// arithmetic for are widened to f32.
FmaKind fma_kind_for(DType dtype);

/// Bytes/s that all threads together read from `buffer`, each a contiguous part through so many streams at
/// once, in about `seconds`. Starts at block `resume`, and leaves there where it stopped: a run does not find
/// the data of the last one in the cache.
inline constexpr int kReadStreams[] = {1, 2, 4, 8};
double read_rate(Buffer buffer, int streams, double seconds, std::int64_t& resume);
/// Reads every byte of the buffer once, by all threads.
void read_once(Buffer buffer);

/// A read of memory, and multiply-adds of each kind that some dtypes need, in some 10 ms each.
class CpuPeakProbe final : public PeakProbe {
 public:
  /// Its buffer is far larger than `cache_bytes`. Finds out which number of streams reads fastest.
  CpuPeakProbe(std::span<const DType> dtypes, std::int64_t cache_bytes);

  PeakDraw take() override;

  /// The best of `takes`, and how it was reached.
  Peaks peaks(int takes);

 private:
  double read(int streams) { return read_rate(block_.buffer(), streams, kReadSeconds, resume_); }

  static constexpr double kReadSeconds = 0.012, kFmaSeconds = 0.006;
  std::map<DType, FmaKind> kinds_;
  HugeBlock block_;
  std::int64_t resume_ = 0;
  int streams_ = 1;
};

}  // namespace assay
