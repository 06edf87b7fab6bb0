// SPDX-License-Identifier: Apache-2.0
// Random reads: what a gather of rows reaches at best. A thread knows its places ahead, as a gather knows its
// indices, and asks for rows some time before it reads them; how long before is tried out by the caller.
#include <omp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "device/cpu/isa.h"
#include "device/cpu/probe.h"
#include "device/cpu/read_line.h"
#include "device/random_place.h"

namespace assay {
namespace {

constexpr int kMostAhead = 256;  // rows; a power of two
// The second level takes more requests at once than the first: on a Zen 4 core twice the rows of 64 bytes.
constexpr int kIntoL2 = 2;        // locality of __builtin_prefetch: prefetcht1
constexpr int kRowsAPiece = 512;  // between looks at the clock

/// Reads rows of kLines cache lines, each at a place of its own.
template <int kLines, bool kWide>
class Reader {
 public:
  Reader(Buffer buffer, int rows_ahead, std::uint32_t first)
      : data_(static_cast<const char*>(buffer.data)),
        rows_(static_cast<std::uint32_t>(buffer.bytes / kRowBytes)),
        mask_(static_cast<std::uint32_t>(rows_ahead - 1)),
        counter_(first) {
    for (int i = 0; i < rows_ahead; ++i) ahead_[static_cast<std::size_t>(i)] = next();
  }
  double read_piece() {
    for (int i = 0; i < kRowsAPiece; ++i) {
      const char*& place = ahead_[counter_ & mask_];
      for (int line = 0; line < kLines; ++line) read_line<kWide>(place + line * kLine);
      place = next();
    }
    end_lines<kWide>();
    return static_cast<double>(kRowsAPiece * kRowBytes);
  }

 private:
  static constexpr std::int64_t kRowBytes = kLines * kLine;
  const char* next() {
    const char* const at = data_ + static_cast<std::int64_t>(random_place(counter_++, rows_)) * kRowBytes;
    for (int line = 0; line < kLines; ++line) __builtin_prefetch(at + line * kLine, 0, kIntoL2);
    return at;
  }

  const char* const data_;
  const std::uint32_t rows_, mask_;
  std::uint32_t counter_;
  std::array<const char*, kMostAhead> ahead_{};
};

template <int kLines>
ThreadShare read_rows(Buffer buffer, int rows_ahead, double seconds, std::uint32_t first, bool wide) {
  const auto with = [&](auto reader) { return work_for(seconds, [&] { return reader.read_piece(); }); };
  return wide ? with(Reader<kLines, true>(buffer, rows_ahead, first))
              : with(Reader<kLines, false>(buffer, rows_ahead, first));
}

ThreadShare read_rows(Buffer buffer, std::int64_t row_bytes, int rows_ahead, double seconds,
                      std::uint32_t first, bool wide) {
  switch (row_bytes) {
    case 64: return read_rows<1>(buffer, rows_ahead, seconds, first, wide);
    case 128: return read_rows<2>(buffer, rows_ahead, seconds, first, wide);
    case 256: return read_rows<4>(buffer, rows_ahead, seconds, first, wide);
    case 512: return read_rows<8>(buffer, rows_ahead, seconds, first, wide);
    default: return {};  // no such row is asked for
  }
}

}  // namespace

double random_read_rate(Buffer buffer, std::int64_t row_bytes, int rows_ahead, double seconds,
                        std::uint32_t seed) {
  static const bool wide = detect_isa().avx2;
  // Before the threads: what one of them threw would end the program.
  if (std::ranges::find(kRandomRowBytes, row_bytes) == std::end(kRandomRowBytes))
    throw std::logic_error("random_read_rate: bytes of a row");
  if (rows_ahead < 1 || rows_ahead > kMostAhead || (rows_ahead & (rows_ahead - 1)) != 0)
    throw std::logic_error("random_read_rate: rows ahead");
  std::vector<ThreadShare> shares(static_cast<std::size_t>(omp_get_max_threads()));
  // Threads begin as far from each other as their number allows: none reads what another just read.
  const auto apart = static_cast<std::uint32_t>((std::uint64_t{1} << 32) / shares.size());
#pragma omp parallel num_threads(static_cast <int>(shares.size()))
  {
    const auto thread = static_cast<std::uint32_t>(omp_get_thread_num());
    const std::uint32_t first = thread * apart + seed * 0x9E3779B9u;
#pragma omp barrier
    shares[thread] = read_rows(buffer, row_bytes, rows_ahead, seconds, first, wide);
  }
  return joint_rate(shares);
}

}  // namespace assay
