// SPDX-License-Identifier: Apache-2.0
#include "plan/philox_words.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace assay::philox_words_tests {
namespace {

// Every number of blocks up to some vectors, and counters whose low half overflows on the way.
TEST(PhiloxWords, AreThoseOfEachBlockByItself) {
  constexpr std::uint64_t kKey = 0x9876543210fedcba;
  constexpr std::uint32_t kUntouched = 0xabcdef01;
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{0xffffffffu} - 7, ~std::uint64_t{0} - 40})
    for (std::size_t blocks = 0; blocks <= 40; ++blocks) {
      std::vector<std::uint32_t> words(4 * blocks + 1, kUntouched);
      philox_words(kKey, first, blocks, words.data());
      for (std::size_t i = 0; i < blocks; ++i) {
        const PhiloxBlock block = philox(kKey, first + i);
        for (std::size_t w = 0; w < 4; ++w) ASSERT_EQ(words[4 * i + w], block.word[w]) << first << " " << i;
      }
      EXPECT_EQ(words.back(), kUntouched);
    }
}

}  // namespace
}  // namespace assay::philox_words_tests
