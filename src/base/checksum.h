// SPDX-License-Identifier: Apache-2.0
// Tells contents apart; not made to resist anybody. A sum over words, each mixed with its place, so that a
// device may add them up in any order. Included by host C++ and by CUDA.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/random.h"

namespace assay {

/// The share of one word. The finalizer of splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom
/// Number Generators", 2014): it can be undone, so that one word that changed always shows.
ASSAY_HOST_DEVICE inline std::uint64_t checksum_of_word(std::uint64_t word, std::uint64_t index) {
  std::uint64_t x = word + (index + 1) * 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// The share of what stands behind the last whole word of `size` bytes, and of their number.
inline std::uint64_t checksum_of_rest(const std::byte* rest, std::uint64_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, rest, size % sizeof word);
  return checksum_of_word(word, size / sizeof word) + checksum_of_word(size, ~std::uint64_t{0} - 1);
}

inline std::uint64_t checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = checksum_of_rest(bytes.data() + bytes.size() / 8 * 8, bytes.size());
  for (std::size_t i = 0; i < bytes.size() / sizeof sum; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i * sizeof word, sizeof word);
    sum += checksum_of_word(word, i);
  }
  return sum;
}

}  // namespace assay
