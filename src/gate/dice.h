// SPDX-License-Identifier: Apache-2.0
// Whole numbers drawn below a bound, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace assay {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  /// `count` at least 1.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(philox(seed_, next_++).word[0] % count);
  }

 private:
  std::uint64_t seed_, next_ = 0;
};

}  // namespace assay
