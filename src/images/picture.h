// SPDX-License-Identifier: Apache-2.0
// A picture in memory: 8 bits a channel, rows one behind the other with nothing between them.
#pragma once

#include <cstdint>
#include <vector>

namespace assay {

struct PictureSize {
  std::int64_t height = 0, width = 0;
  std::int64_t pixels() const { return height * width; }
  std::int64_t rgb_bytes() const { return 3 * pixels(); }
  bool operator==(const PictureSize&) const = default;
};

struct Picture {
  PictureSize size;
  std::vector<std::uint8_t> rgb;  // [height, width, 3]
};

/// JPEG's sides have 16 bits; libjpeg takes 65500 of them (JPEG_MAX_DIMENSION), and so do we.
inline constexpr std::int64_t kMostJpegSide = 65500;

}  // namespace assay
