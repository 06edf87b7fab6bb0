// SPDX-License-Identifier: Apache-2.0
#include "analyse/turns_of.h"

namespace assay {
namespace {

/// The block of each turn of a side, in their order.
std::vector<std::size_t> blocks_of(const Interleaving& interleaving) {
  std::vector<std::size_t> blocks;
  for (std::size_t block = 0; block < interleaving.blocks.size(); ++block)
    for (const char turn : interleaving.blocks[block])
      if (std::string(1, turn) == interleaving.side) blocks.push_back(block);
  return blocks;
}

}  // namespace

Turns turns_of(const Result& base, const Result& other) {
  const auto &a = base.interleaving, &b = other.interleaving;
  if (!a || !b || a->id != b->id || a->side == b->side || a->blocks != b->blocks) return {};
  return {blocks_of(*a), blocks_of(*b)};
}

}  // namespace assay
