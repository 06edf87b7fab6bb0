// SPDX-License-Identifier: Apache-2.0
// What this CPU reaches at best, right now: multiply-adds from registers, reads from memory. These are the
// ceilings that kernels are measured against, so they are written to be beaten by nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "device/device.h"

namespace assay {

/// Loops of independent multiply-adds whose operands stay in registers (in AMX tiles).
enum class FmaKind : std::uint8_t { sse2_f32, avx2_f32, avx512_f32, avx512_bf16, amx_bf16 };
std::string_view name(FmaKind kind);

/// FLOP/s of all threads together: the best of `repeats` runs of about `seconds` each.
double probe_fma(FmaKind kind, double seconds = 0.02, int repeats = 3);

/// The kind whose rate bounds what any kernel can do with this dtype on this CPU; dtypes the CPU has no
/// arithmetic for are widened to f32.
FmaKind fma_kind_for(DType dtype);

/// Bytes/s that all threads together read from `buffer`, each a contiguous part through so many streams at
/// once, in about `seconds`. Starts at block `resume`, and leaves there where it stopped: a run does not find
/// the data of the last one in the cache.
inline constexpr int kReadStreams[] = {1, 2, 4, 8};
double read_rate(Buffer buffer, int streams, double seconds, std::int64_t& resume);
/// The best of `repeats` passes over all numbers of streams.
double probe_read(Buffer buffer, int repeats = 3);
/// Reads every byte of the buffer once, by all threads.
void read_once(Buffer buffer);

/// Both, for Device::measure_peaks(); in a buffer of its own, far larger than `cache_bytes`.
Peaks probe_peaks(std::span<const DType> dtypes, std::int64_t cache_bytes);

}  // namespace assay
