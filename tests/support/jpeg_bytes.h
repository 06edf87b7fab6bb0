// SPDX-License-Identifier: Apache-2.0
// What tests do to JPEG files.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "images/jpeg_file.h"
#include "images/jpeg_markers.h"

namespace assay::test {

using JpegBytes = std::vector<std::uint8_t>;

/// With room for `capacity` bytes of pixels, and not one more.
inline std::pair<DecodedJpeg, JpegBytes> decoded(const JpegBytes& file, std::int64_t capacity = 1 << 20) {
  JpegBytes pixels(static_cast<std::size_t>(capacity)), row(static_cast<std::size_t>(kJpegRowBytes));
  const DecodedJpeg result = decode_jpeg(file, pixels, std::span<std::uint8_t, kJpegRowBytes>(row));
  pixels.resize(static_cast<std::size_t>(result.size.rgb_bytes()));
  return {result, pixels};
}

/// Where the segment's marker stands.
inline std::size_t segment_at(const JpegBytes& file, int marker) {
  jpeg::Segments segments(file);
  for (std::size_t at = segments.at(); const auto segment = segments.next(); at = segments.at())
    if (segment->marker == marker) return at;
  throw std::logic_error("no such segment");
}

/// With an Exif segment behind the start, in either order of bytes.
inline JpegBytes with_orientation(JpegBytes file, int orientation, bool little) {
  JpegBytes exif = {0xff, 0xe1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
  const auto number = [&](unsigned value, int width) {
    for (int i = 0; i < width; ++i)
      exif.push_back(static_cast<std::uint8_t>(value >> 8 * (little ? i : width - 1 - i)));
  };
  exif.insert(exif.end(), 2, little ? 'I' : 'M');
  number(42, 2);
  number(8, 4);       // the folder
  number(2, 2);       // its entries
  number(0x0100, 2);  // one that we do not ask for
  number(4, 2);
  number(1, 4);
  number(99, 4);
  number(0x0112, 2);
  number(3, 2);
  number(1, 4);
  number(static_cast<unsigned>(orientation), 2);
  number(0, 2);
  number(0, 4);  // no folder behind it
  exif[3] = static_cast<std::uint8_t>(exif.size() - 2);
  file.insert(file.begin() + 2, exif.begin(), exif.end());
  return file;
}

}  // namespace assay::test
