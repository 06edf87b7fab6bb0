// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/probes.h"

#include <algorithm>
#include <stdexcept>

#include "device/cuda/launch.cuh"
#include "device/random_place.h"

namespace assay {
namespace {

constexpr int kThreads = 512;
constexpr int kBlocksPerMultiprocessor = 4;  // 2048 threads: all that a multiprocessor holds (1536 on some)
constexpr int kInFlight = 8;                 // 16-byte loads a thread issues before it uses the first

__global__ void __launch_bounds__(kThreads)
    read_words(const uint4* __restrict__ data, std::int64_t count, unsigned* __restrict__ sink) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  unsigned mix = 0;
  for (; i + (kInFlight - 1) * stride < count; i += kInFlight * stride) {
    uint4 word[kInFlight];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) word[j] = data[i + j * stride];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) mix += word[j].x ^ word[j].y ^ word[j].z ^ word[j].w;
  }
  for (; i < count; i += stride) {
    const uint4 word = data[i];
    mix += word.x ^ word.y ^ word.z ^ word.w;
  }
  // The loads stay because the data decides about this store; on random data it hardly ever happens.
  if (mix == 0x9E3779B9u) *sink = mix;
}

/// kLanes threads read a row, 16 bytes each; each has kInFlight rows on their way before it uses the first.
template <int kLanes>
__global__ void __launch_bounds__(kThreads)
    read_random_rows(const uint4* __restrict__ data, std::uint32_t rows, std::uint32_t steps,
                     std::uint32_t first, unsigned* __restrict__ sink) {
  const std::uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x, lane = thread % kLanes;
  std::uint32_t counter = first + thread / kLanes * steps * kInFlight;
  unsigned mix = 0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    uint4 word[kInFlight];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j)
      word[j] = data[std::int64_t{random_place(counter++, rows)} * kLanes + lane];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) mix += word[j].x ^ word[j].y ^ word[j].z ^ word[j].w;
  }
  if (mix == 0x9E3779B9u) *sink = mix;  // as above
}

template <int kLanes>
std::int64_t read_random(Buffer data, std::uint32_t seed, Buffer sink, int multiprocessors,
                         const Stream& stream) {
  constexpr std::int64_t kRowBytes = kLanes * 16;
  const std::int64_t rows = data.bytes / kRowBytes;
  const std::int64_t blocks = std::int64_t{multiprocessors} * kBlocksPerMultiprocessor;
  const std::int64_t groups = blocks * kThreads / kLanes;
  const std::int64_t steps = std::max<std::int64_t>(1, rows / (groups * kInFlight));
  launch(read_random_rows<kLanes>, dim3(static_cast<unsigned>(blocks)), kThreads, 0, stream,
         static_cast<const uint4*>(data.data), static_cast<std::uint32_t>(rows),
         static_cast<std::uint32_t>(steps), seed * 0x9E3779B9u, static_cast<unsigned*>(sink.data));
  return groups * steps * kInFlight * kRowBytes;
}

__global__ void nothing() {}

}  // namespace

// Each row of blocks is a pass: it follows the one before block by block, without waiting for all of it.
void read_memory(Buffer data, int passes, Buffer sink, int multiprocessors, const Stream& stream) {
  launch(
      read_words,
      dim3(static_cast<unsigned>(multiprocessors * kBlocksPerMultiprocessor), static_cast<unsigned>(passes)),
      kThreads, 0, stream, static_cast<const uint4*>(data.data), data.bytes / 16,
      static_cast<unsigned*>(sink.data));
}

std::int64_t read_rows(Buffer data, std::int64_t row_bytes, std::uint32_t seed, Buffer sink,
                       int multiprocessors, const Stream& stream) {
  switch (row_bytes) {
    case 64: return read_random<4>(data, seed, sink, multiprocessors, stream);
    case 128: return read_random<8>(data, seed, sink, multiprocessors, stream);
    case 256: return read_random<16>(data, seed, sink, multiprocessors, stream);
    case 512: return read_random<32>(data, seed, sink, multiprocessors, stream);
    default: throw std::logic_error("read_rows: bytes of a row");
  }
}

void launch_nothing(const Stream& stream) {
  launch(nothing, 1, 32, 0, stream);
}

}  // namespace assay
