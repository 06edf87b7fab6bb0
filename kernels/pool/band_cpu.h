// SPDX-License-Identifier: Apache-2.0
// How windows are shared among threads.
#pragma once

#include <cstdint>

namespace assay::cpu {

/// Rows [first, end) of y, of one image, in some of its channels.
struct PoolBand {
  std::int64_t image, first, end, channel, channels;
};

inline constexpr std::int64_t kPoolChannels = 128;  // a band at most: whole pairs of the widest vectors

}  // namespace assay::cpu
