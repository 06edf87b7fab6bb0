// SPDX-License-Identifier: Apache-2.0
// A JPEG decoder in float64, to judge others by: sequential and progressive Huffman files of 8 bits, written
// from T.81, with what T.81 leaves open as libjpeg's documentation has it. Nothing is rounded between
// coefficients and pixels; samples are only kept within 0 to 255, as they are wherever they are bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "images/jpeg_file.h"

namespace assay {

struct ReferencePicture {
  JpegStatus status = JpegStatus::decoded;
  PictureSize size = {};    // as shown
  std::vector<double> rgb;  // [height, width, 3], 0 to 255
};
/// `capacity`: bytes of RGB that there is room for.
ReferencePicture reference_decode(std::span<const std::uint8_t> file, std::int64_t capacity);

}  // namespace assay
