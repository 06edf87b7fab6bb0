// SPDX-License-Identifier: Apache-2.0
// A copy by all threads, which on this device is what crosses between host and device: both are one memory.
#include <emmintrin.h>
#include <omp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "device/cpu/probe.h"
#include "device/cpu/read_line.h"

namespace assay {
namespace {

constexpr std::int64_t kPiece = 256 << 10;  // bytes between looks at the clock

/// Past the caches: what is written is not read first.
void copy_streaming(char* to, const char* from, std::int64_t bytes) {
  for (std::int64_t at = 0; at < bytes; at += kLine)
    for (std::int64_t i = at; i < at + kLine; i += 16)
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + i),
                       _mm_load_si128(reinterpret_cast<const __m128i*>(from + i)));
  _mm_sfence();
}

}  // namespace

double copy_rate(Buffer to, Buffer from, bool streaming, double seconds, std::int64_t& resume) {
  const std::int64_t first = resume;
  std::int64_t reached = first;
  std::vector<ThreadShare> shares(static_cast<std::size_t>(omp_get_max_threads()));
#pragma omp parallel num_threads(static_cast <int>(shares.size())) reduction(max : reached)
  {
    const int thread = omp_get_thread_num(), threads = omp_get_num_threads();
    const Buffer target = part_of(to, thread, threads), source = part_of(from, thread, threads);
    const std::int64_t bytes = std::min({kPiece, target.bytes, source.bytes});
    const std::int64_t pieces = std::max<std::int64_t>(1, std::min(target.bytes, source.bytes) / kPiece);
    std::int64_t piece = first;
#pragma omp barrier
    shares[static_cast<std::size_t>(thread)] = work_for(seconds, [&] {
      const std::int64_t at = piece++ % pieces * kPiece;
      char* const there = static_cast<char*>(target.data) + at;
      const char* const here = static_cast<const char*>(source.data) + at;
      if (streaming)
        copy_streaming(there, here, bytes);
      else
        std::memcpy(there, here, static_cast<std::size_t>(bytes));
      return static_cast<double>(bytes);
    });
    reached = std::max(reached, piece);
  }
  resume = reached;
  return joint_rate(shares);
}

}  // namespace assay
