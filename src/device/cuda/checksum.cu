// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/checksum.h"

#include <algorithm>

#include "base/checksum.h"
#include "device/cuda/launch.cuh"

namespace assay {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 1024;  // beyond it a thread takes several words

__global__ void sum_words(const unsigned long long* words, std::int64_t count, unsigned long long* sum) {
  unsigned long long mine = 0;
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride)
    mine += checksum_of_word(words[i], static_cast<std::uint64_t>(i));
  atomicAdd(sum, mine);
}

}  // namespace

void add_checksum_of_words(Buffer of, Buffer sum, const Stream& stream) {
  const std::int64_t count = of.bytes / static_cast<std::int64_t>(sizeof(std::uint64_t));
  if (count == 0) return;
  const std::int64_t most = std::min(count, kMostBlocks * kThreads);
  launch(sum_words, blocks_for(most, kThreads), kThreads, 0, stream,
         static_cast<const unsigned long long*>(of.data), count, static_cast<unsigned long long*>(sum.data));
}

}  // namespace assay
