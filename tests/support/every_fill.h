// SPDX-License-Identifier: Apache-2.0
// Fills of every kind, at the edges of what they may make.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "plan/fill.h"

namespace assay {

/// For a tensor of `count` elements.
inline std::vector<Fill> every_fill(std::int64_t count) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min(),
                         kMost = std::numeric_limits<std::int32_t>::max();
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i - count / 2) / 4);
  std::vector<std::int32_t> listed;
  for (std::int64_t i = 0; i < count; ++i)
    listed.push_back(static_cast<std::int32_t>(i % 2 == 0 ? kMost - i / 4 : kLeast + i));
  auto bytes = std::make_shared<std::vector<std::uint8_t>>();
  for (std::int64_t i = 0; i < count; ++i) bytes->push_back(static_cast<std::uint8_t>(i * 7 % 256));
  return {Fill::normal(0.02),
          Fill::normal(60, 100),
          Fill::index(32000),
          Fill::index(kMost + 1),
          Fill::permutation(),
          Fill::cycle(17, 3, -2),
          Fill::cycle(5000, kMost, -858993),  // all of i32, nothing of which a float holds
          Fill::cycle(7, kLeast - 3, 1),      // leaves it
          Fill::constant(1),
          Fill::constant(kMost - 1),
          Fill::values(values),
          Fill::zipf(10, 0),
          Fill::zipf(1000, 1.05, 7),
          Fill::zipf(10'000'000, 0.5),
          Fill::zipf(kMost + 1, 2),
          Fill::integers(listed),
          Fill::bytes(bytes),
          Fill::segments(
              {{count / 3, 1000, 1.05, 7}, {0, 0}, {1, 1}, {0, 5}, {count - count / 3 - 1, kMost + 1}}),
          Fill::rows_u8(1),
          Fill::rows_u8(128)};
}

}  // namespace assay
