// SPDX-License-Identifier: Apache-2.0
// Where the probes of random reads look: the same few instructions on CPU and GPU, so that finding a place
// costs next to nothing beside reading what stands there.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace assay {

/// One of `places`, a function of the counter. The finaliser of MurmurHash3 (Austin Appleby, public domain)
/// maps 32 bits one to one onto 32 bits, each of which depends on all; their product with `places` divides
/// that range evenly (Lemire, "Fast Random Integer Generation in an Interval", 2019).
ASSAY_HOST_DEVICE inline std::uint32_t random_place(std::uint32_t counter, std::uint32_t places) {
  std::uint32_t h = counter;
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  h ^= h >> 16;
  return static_cast<std::uint32_t>((std::uint64_t{h} * places) >> 32);
}

}  // namespace assay
