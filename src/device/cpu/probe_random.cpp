// SPDX-License-Identifier: Apache-2.0
// Random reads: what a gather of rows reaches at best. A thread knows its places ahead, as a gather knows its
// indices, and asks for rows some time before it reads them; how long before is tried out by the caller.
#include <omp.h>

#include <algorithm>
#include <array>
#include <numeric>
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

/// Reads rows that touch kLines cache lines, each at a place of its own.
template <int kLines, bool kWide>
class Reader {
 public:
  Reader(Buffer buffer, std::int64_t row_bytes, int rows_ahead, std::uint32_t first)
      : data_(static_cast<const char*>(buffer.data)),
        row_bytes_(row_bytes),
        rows_(static_cast<std::uint32_t>(buffer.bytes / kLine * kLine / row_bytes)),
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
    return static_cast<double>(kRowsAPiece * row_bytes_);
  }

 private:
  const char* next() {
    const std::int64_t begin = static_cast<std::int64_t>(random_place(counter_++, rows_)) * row_bytes_;
    const char* const at = data_ + begin / kLine * kLine;
    for (int line = 0; line < kLines; ++line) __builtin_prefetch(at + line * kLine, 0, kIntoL2);
    return at;
  }

  const char* const data_;
  const std::int64_t row_bytes_;
  const std::uint32_t rows_, mask_;
  std::uint32_t counter_;
  std::array<const char*, kMostAhead> ahead_{};
};

template <int kLines>
ThreadShare read_rows(Buffer buffer, std::int64_t row_bytes, int rows_ahead, double seconds,
                      std::uint32_t first, bool wide) {
  const auto with = [&](auto reader) { return work_for(seconds, [&] { return reader.read_piece(); }); };
  return wide ? with(Reader<kLines, true>(buffer, row_bytes, rows_ahead, first))
              : with(Reader<kLines, false>(buffer, row_bytes, rows_ahead, first));
}

using ReadRows = ThreadShare (*)(Buffer, std::int64_t, int, double, std::uint32_t, bool);
/// Null where no reader has as many lines as such rows touch, or not all of them touch as many. Rows begin at
/// multiples of what their length has in common with a line, and the last of these places touches most.
ReadRows reader_of(std::int64_t row_bytes) {
  if (row_bytes < 1) return nullptr;
  const std::int64_t last_place = kLine - std::gcd(row_bytes, kLine);
  const std::int64_t least = (row_bytes + kLine - 1) / kLine,
                     most = (last_place + row_bytes + kLine - 1) / kLine;
  if (least != most) return nullptr;
  switch (most) {
    case 1: return read_rows<1>;
    case 2: return read_rows<2>;
    case 3: return read_rows<3>;
    case 4: return read_rows<4>;
    case 8: return read_rows<8>;
    default: return nullptr;
  }
}

}  // namespace

double random_read_rate(Buffer buffer, std::int64_t row_bytes, int rows_ahead, double seconds,
                        std::uint32_t seed) {
  static const bool wide = detect_isa().avx2;
  // Before the threads: what one of them threw would end the program.
  const ReadRows read = reader_of(row_bytes);
  if (read == nullptr) throw std::logic_error("random_read_rate: bytes of a row");
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
    shares[thread] = read(buffer, row_bytes, rows_ahead, seconds, first, wide);
  }
  return joint_rate(shares);
}

}  // namespace assay
