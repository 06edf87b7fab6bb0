// SPDX-License-Identifier: Apache-2.0
#include "images/exif.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace assay {
namespace {

constexpr std::array<std::uint8_t, 6> kName = {'E', 'x', 'i', 'f', 0, 0};
constexpr std::int64_t kOrientation = 0x0112, kShort = 3;
constexpr std::size_t kEntry = 12;  // tag, type, count, value

/// Numbers of a TIFF file in its byte order; -1 beyond its end.
struct Tiff {
  std::span<const std::uint8_t> bytes;
  bool little;
  std::int64_t number(std::size_t at, std::size_t width) const {
    if (at > bytes.size() || width > bytes.size() - at) return -1;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | bytes[at + (little ? width - 1 - i : i)];
    return value;
  }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> app1) {
  if (app1.size() < kName.size() + 8 || !std::equal(kName.begin(), kName.end(), app1.begin())) return 1;
  Tiff tiff{app1.subspan(kName.size()), false};
  if (tiff.number(0, 2) == 0x4949)
    tiff.little = true;
  else if (tiff.number(0, 2) != 0x4d4d)
    return 1;
  const std::int64_t folder = tiff.number(4, 4);
  const std::int64_t entries = tiff.number(static_cast<std::size_t>(folder), 2);
  for (std::int64_t e = 0; e < entries; ++e) {
    const std::size_t at = static_cast<std::size_t>(folder) + 2 + static_cast<std::size_t>(e) * kEntry;
    const std::int64_t tag = tiff.number(at, 2);
    if (tag < 0) return 1;
    if (tag != kOrientation) continue;
    const std::int64_t value = tiff.number(at + 8, 2);
    return tiff.number(at + 2, 2) == kShort && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

ExifTurn turn_of(int orientation, std::int64_t stored_height, std::int64_t stored_width) {
  const std::int64_t h = stored_height, w = stored_width;
  switch (orientation) {
    case 2: return {w - 1, w, -1};        // mirrored
    case 3: return {h * w - 1, -w, -1};   // by half a turn
    case 4: return {(h - 1) * w, -w, 1};  // upside down
    case 5: return {0, 1, h};             // rows are columns
    case 6: return {h - 1, -1, h};        // a quarter turn clockwise
    case 7: return {h * w - 1, -1, -h};   // rows are columns, by half a turn
    case 8: return {(w - 1) * h, 1, -h};  // a quarter turn the other way
    default: return {0, w, 1};
  }
}

}  // namespace assay
