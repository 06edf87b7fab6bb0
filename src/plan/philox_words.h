// SPDX-License-Identifier: Apache-2.0
// Philox for whole stretches of a tensor: the words of philox() in base/random.h, some blocks at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay {

/// to[4 * blocks]: the words of blocks first, first + 1 ... under this key.
void philox_words(std::uint64_t key, std::uint64_t first, std::size_t blocks, std::uint32_t* to);

}  // namespace assay
