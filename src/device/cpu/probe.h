// SPDX-License-Identifier: Apache-2.0
// What this CPU reaches at best, right now: multiply-adds from registers, reads from memory. These are the
// ceilings that kernels are measured against, so they are written to be beaten by nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/cpu/cpu_memory.h"
#include "device/device.h"

namespace assay {

/// Loops of independent multiply-adds whose operands stay in registers (in AMX tiles).
enum class FmaKind : std::uint8_t { sse2_f32, avx2_f32, avx512_f32, avx512_bf16, amx_bf16 };
std::string_view name(FmaKind kind);

/// What a thread did in a probe, and when, by the steady clock.
struct ThreadShare {
  double amount = 0, begin_s = 0, end_s = 0;
};
/// All of it over the time from the first begin to the last end. Rates of threads must not be added up: one
/// that is held up works on when the others have ended, with the memory and perhaps a core to itself.
double joint_rate(std::span<const ThreadShare> shares);

/// What the calling thread does when it calls `piece`, which returns an amount, until `seconds` are over.
template <class Piece>
ThreadShare work_for(double seconds, const Piece& piece) {
  const auto now_s = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  ThreadShare share{.amount = 0, .begin_s = now_s()};
  do {
    share.amount += piece();
    share.end_s = now_s();
  } while (share.end_s - share.begin_s < seconds);
  return share;
}

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
/// The part of a buffer that a thread touched first (see parallel_set), in whole lines.
Buffer part_of(Buffer buffer, int thread, int threads);

/// Bytes/s that all threads together read in rows of kRandomRowBytes at random places of `buffer`, each row
/// asked for so many rows before it is read (a power of two up to 256), in about `seconds`. Other lengths too
/// where all rows, one behind the other, touch as many lines: of 136 bytes (128 of 8 bits, scale and bias)
/// three each, of which the bytes of the row count.
double random_read_rate(Buffer buffer, std::int64_t row_bytes, int rows_ahead, double seconds,
                        std::uint32_t seed);

/// Bytes/s that all threads together copy, each a contiguous part, in about `seconds`: each byte counts once.
/// `streaming`: with stores past the caches, else memcpy(). `resume` as above.
double copy_rate(Buffer to, Buffer from, bool streaming, double seconds, std::int64_t& resume);

/// Random reads, and the link between host and device; nothing where free memory is too little for a buffer
/// of which the cache holds a small share.
void add_bulk_peaks(Peaks& peaks, std::int64_t cache_bytes, std::int64_t free_bytes);

/// Bytes/s of the slowest of all threads, each in steps y += a x over vectors of its own in the first cache:
/// bound by what a core issues, which a neighbour on its other hardware thread halves. (Multiply-adds from
/// registers leave the neighbour most of what it needs, and hardly slow down.)
class CpuSpeedMeter final : public SpeedMeter {
  double measure() override;
};

/// Seconds of an empty parallel region of all threads, right after another: the shortest piece of work that
/// can be shared among them. Medians, the best of several: a neighbour may hold up any of them. Kernels do
/// not share what takes less than that (see kParallelBytes in kernels/elements_cpu.h): one thread does it.
double fork_join_s();

/// A read of memory, and multiply-adds of each kind that some dtypes need, in some 10 ms each.
class CpuPeakProbe final : public PeakProbe {
 public:
  /// Finds out which number of streams reads fastest, in a buffer far larger than `cache_bytes`; where
  /// `free_bytes` leave no room for one that is larger at all, reading is not probed.
  CpuPeakProbe(std::span<const DType> dtypes, std::int64_t cache_bytes, std::int64_t free_bytes);

  PeakDraw take() override;

  /// The best of `takes`, and how it was reached.
  Peaks peaks(int takes);

 private:
  static constexpr double kReadSeconds = 0.012, kFmaSeconds = 0.006, kChoiceSeconds = 0.006;
  std::map<DType, FmaKind> kinds_;
  double read(double seconds, int streams) { return read_rate(block_->buffer(), streams, seconds, resume_); }

  std::optional<HugeBlock> block_;
  std::int64_t resume_ = 0;
  int streams_ = 1;
};

}  // namespace assay
