// SPDX-License-Identifier: Apache-2.0
#include "measure/turn_order.h"

#include <random>

#include <fmt/format.h>

#include "base/random.h"

namespace assay {

std::vector<std::string> turn_order(std::uint64_t seed, std::int64_t sessions) {
  const std::uint64_t key = random_key(seed, "order of turns");
  std::vector<std::string> blocks;
  for (std::int64_t b = 0; b < sessions / kTurnsOfASide; ++b)
    blocks.emplace_back(philox(key, static_cast<std::uint64_t>(b)).word[0] % 2 == 0 ? "abba" : "baab");
  return blocks;
}

std::string turns_id(const std::string& started_at, std::uint64_t seed) {
  return fmt::format("{}/{}/{:08x}", started_at, seed, std::random_device{}());
}

}  // namespace assay
