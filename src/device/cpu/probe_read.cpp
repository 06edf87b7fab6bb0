// SPDX-License-Identifier: Apache-2.0
// Memory read bandwidth.
#include <omp.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "device/cpu/isa.h"
#include "device/cpu/probe.h"
#include "device/cpu/read_line.h"

namespace assay {
namespace {

/// Reads `lines` cache lines of each of `kStreams` streams that lie `stride` bytes apart. The hardware
/// fetches ahead: prefetch instructions made every variant slower.
template <int kStreams, bool kWide>
void read_streams(const char* from, std::int64_t stride, std::int64_t lines) {
  for (std::int64_t line = 0; line < lines; ++line, from += kLine) {
    for (int s = 0; s < kStreams; ++s) read_line<kWide>(from + s * stride);
  }
  end_lines<kWide>();
}

template <bool kWide>
void read_block(const char* from, std::int64_t bytes, int streams) {
  const std::int64_t stride = bytes / streams / kLine * kLine;
  switch (streams) {
    case 1: return read_streams<1, kWide>(from, stride, stride / kLine);
    case 2: return read_streams<2, kWide>(from, stride, stride / kLine);
    case 4: return read_streams<4, kWide>(from, stride, stride / kLine);
    case 8: return read_streams<8, kWide>(from, stride, stride / kLine);
    default: throw std::logic_error("read_rate: streams");
  }
}

void read_block(const char* from, std::int64_t bytes, int streams, bool wide) {
  wide ? read_block<true>(from, bytes, streams) : read_block<false>(from, bytes, streams);
}

}  // namespace

Buffer part_of(Buffer buffer, int thread, int threads) {
  const std::int64_t bytes = buffer.bytes / threads / kLine * kLine;
  return {static_cast<char*>(buffer.data) + thread * bytes, bytes};
}

double read_rate(Buffer buffer, int streams, double seconds, std::int64_t& resume) {
  constexpr std::int64_t kBlock = 1 << 20;  // bytes between looks at the clock
  static const bool wide = detect_isa().avx2;
  const std::int64_t first = resume;
  std::int64_t reached = first;
  std::vector<ThreadShare> shares(static_cast<std::size_t>(omp_get_max_threads()));
#pragma omp parallel num_threads(static_cast <int>(shares.size())) reduction(max : reached)
  {
    const Buffer part = part_of(buffer, omp_get_thread_num(), omp_get_num_threads());
    const std::int64_t blocks = std::max<std::int64_t>(1, part.bytes / kBlock);
    const std::int64_t bytes = std::min(kBlock, part.bytes);
    std::int64_t block = first;
#pragma omp barrier
    shares[static_cast<std::size_t>(omp_get_thread_num())] = work_for(seconds, [&] {
      read_block(static_cast<const char*>(part.data) + block++ % blocks * kBlock, bytes, streams, wide);
      return static_cast<double>(bytes);
    });
    reached = std::max(reached, block);
  }
  resume = reached;
  return joint_rate(shares);
}

void read_once(Buffer buffer) {
  static const bool wide = detect_isa().avx2;
#pragma omp parallel
  {
    const Buffer part = part_of(buffer, omp_get_thread_num(), omp_get_num_threads());
    read_block(static_cast<const char*>(part.data), part.bytes, 4, wide);
  }
}

}  // namespace assay
