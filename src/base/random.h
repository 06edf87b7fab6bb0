// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: element i of a named tensor is a pure function of (seed, name, i), so the CPU
// and every GPU make the same bits with no traffic between them. Philox4x32-10 of Salmon et al., "Parallel
// Random Numbers: As Easy as 1, 2, 3" (SC'11). Included by host C++ and by CUDA.
//
// The normal values are an Irwin-Hall sum of four 16-bit uniforms: integers until one last multiplication and
// one fma, because log() and cos() of Box-Muller round differently on different devices. It reaches +-3.46
// standard deviations.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/host_device.h"

namespace assay {

struct PhiloxBlock {
  std::uint32_t word[4];
};

/// Ten rounds on a 128-bit counter of which we use 64 bits, with a 64-bit key.
ASSAY_HOST_DEVICE constexpr PhiloxBlock philox(std::uint64_t key, std::uint64_t counter) {
  std::uint32_t c0 = static_cast<std::uint32_t>(counter), c1 = static_cast<std::uint32_t>(counter >> 32);
  std::uint32_t c2 = 0, c3 = 0;
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2;
    const std::uint32_t n0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    const std::uint32_t n2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<std::uint32_t>(p1);
    c3 = static_cast<std::uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

/// The key of a named tensor under a seed: FNV-1a of the name, mixed with the seed.
constexpr std::uint64_t random_key(std::uint64_t seed, std::string_view tensor_name) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : tensor_name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash ^ (seed * 0x9E3779B97F4A7C15ull);
}

/// Two words -> about N(0, 1) before scaling: the centred sum of four 16-bit uniforms, an integer.
ASSAY_HOST_DEVICE inline std::int32_t irwin_hall(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t sum = (a & 0xffffu) + (a >> 16) + (b & 0xffffu) + (b >> 16);
  return static_cast<std::int32_t>(sum) - 131070;
}

/// Variance of the integer above: 4 (2^32 - 1) / 12. `normal_scale(std)` times it has standard deviation
/// `std`.
inline float normal_scale(double standard_deviation) {
  return static_cast<float>(standard_deviation / std::sqrt(4.0 * 4294967295.0 / 12.0));
}

/// Element `index` of a normal tensor. The fma is explicit: a compiler that contracts and one that does not
/// agree.
ASSAY_HOST_DEVICE inline float normal_element(std::uint64_t key, std::uint64_t index, float mean,
                                              float scale) {
  const PhiloxBlock block = philox(key, index / 2);
  const std::uint32_t* pair = block.word + 2 * (index % 2);
  return fmaf(static_cast<float>(irwin_hall(pair[0], pair[1])), scale, mean);
}

/// Element `index` of a uniform integer tensor in [0, limit), limit <= 2^31: multiply-shift, bias below
/// 2^-32.
ASSAY_HOST_DEVICE inline std::int32_t index_element(std::uint64_t key, std::uint64_t index,
                                                    std::int64_t limit) {
  const PhiloxBlock block = philox(key, index / 4);
  return static_cast<std::int32_t>(
      (std::uint64_t{block.word[index % 4]} * static_cast<std::uint64_t>(limit)) >> 32);
}

/// Uniform in [0, 1) with 24 bits, for sampling from a distribution.
ASSAY_HOST_DEVICE inline float uniform_element(std::uint64_t key, std::uint64_t index) {
  const PhiloxBlock block = philox(key, index / 4);
  return static_cast<float>(block.word[index % 4] >> 8) * 0x1p-24f;
}

/// Element `index` of a permutation of [0, count): i -> (i * stride + shift) mod count, stride coprime to
/// count.
struct Permutation {
  std::uint64_t stride, shift, count;
};
constexpr Permutation permutation_of(std::uint64_t key, std::uint64_t count) {
  const auto gcd = [](std::uint64_t a, std::uint64_t b) {
    while (b != 0) {
      const std::uint64_t r = a % b;
      a = b;
      b = r;
    }
    return a;
  };
  std::uint64_t stride = count * 2 / 3 + key % (count / 4 + 1) + 1;
  while (gcd(stride, count) != 1) ++stride;
  return {stride % count, (key >> 20) % count, count};
}
ASSAY_HOST_DEVICE inline std::int32_t permutation_element(const Permutation& p, std::uint64_t index) {
  return static_cast<std::int32_t>((index * p.stride + p.shift) % p.count);
}

/// A bijection of [0, limit), limit <= 2^31, that leaves no neighbours together: multiplications and shifts
/// that can be undone on the next power of two, again and again until the value is below the limit (it comes
/// back to where it began at the latest). Fewer than two rounds on average.
struct Scatter {
  std::uint32_t limit = 1, mask = 0, shift = 1, first = 1, second = 1, add = 0;
};
constexpr Scatter scatter_of(std::uint64_t key, std::int64_t limit) {
  Scatter s{.limit = static_cast<std::uint32_t>(limit)};
  std::uint32_t bits = 0;
  while ((std::int64_t{1} << bits) < limit) ++bits;
  s.mask = (std::uint32_t{1} << bits) - 1;
  s.shift = bits / 2 + 1;
  const PhiloxBlock random = philox(key, 0);
  s.first = random.word[0] | 1;
  s.second = random.word[1] | 1;
  s.add = random.word[2];
  return s;
}
ASSAY_HOST_DEVICE inline std::uint32_t scattered_once(const Scatter& s, std::uint32_t x) {
  x = ((x ^ (x >> s.shift)) * s.first + s.add) & s.mask;
  x = ((x ^ (x >> s.shift)) * s.second) & s.mask;
  return x ^ (x >> s.shift);
}
ASSAY_HOST_DEVICE inline std::uint32_t scattered(const Scatter& s, std::uint32_t x) {
  do x = scattered_once(s, x);
  while (x >= s.limit);
  return x;
}

}  // namespace assay
