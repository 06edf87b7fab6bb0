// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace assay {

/// The orientation that an APP1 segment's Exif says, 1 to 8 (Exif 2.32, tag 0x0112: which side of the picture
/// the first stored row and the first stored column are); 1 where it says none, or something else.
int exif_orientation(std::span<const std::uint8_t> app1);

/// Where pixel (y, x) of what is stored is shown: as a place in the picture that is shown.
struct ExifTurn {
  std::int64_t first, row, column;  // first + y * row + x * column, in pixels
};
ExifTurn turn_of(int orientation, std::int64_t stored_height, std::int64_t stored_width);

}  // namespace assay
