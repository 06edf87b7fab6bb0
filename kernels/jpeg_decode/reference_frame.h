// SPDX-License-Identifier: Apache-2.0
// A file of T.81's Huffman modes as coefficients: what its markers and scans say, nothing yet of pixels.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "images/jpeg_markers.h"
#include "kernels/jpeg_decode/reference_bits.h"

namespace assay::jpeg_reference {

using Block = std::array<int, 64>;  // coefficients, [v][u]

/// Place of coefficient k in zigzag order (T.81, figure A.6).
extern const std::array<std::size_t, 64> kZigzag;

struct Component {
  int id = 0, across = 1, down = 1, table = 0;    // sampling factors; of quantisation
  std::int64_t width = 0, height = 0;             // samples that are meant
  std::int64_t blocks_wide = 0, blocks_high = 0;  // and those that are stored, to whole groups of blocks
  std::vector<Block> blocks;
  std::optional<std::array<int, 64>> steps;  // of quantisation, [v][u]; as they were at its first scan
  Block& block(std::int64_t row, std::int64_t column) {
    return blocks[static_cast<std::size_t>(row * blocks_wide + column)];
  }
};

struct Frame {
  std::int64_t width = 0, height = 0;
  bool progressive = false;
  int most_across = 1, most_down = 1;
  std::vector<Component> components;
  std::optional<int> adobe_transform;
  bool jfif = false;
};

/// What scans are read with, until other tables come.
struct Tables {
  std::array<std::optional<std::array<int, 64>>, 4> steps;
  std::array<std::optional<Codes>, 4> dc, ac;
  int restart_interval = 0;
};

/// Of a scan's header.
struct Scan {
  struct Part {
    Component* component;
    int dc_table, ac_table;
  };
  std::vector<Part> parts;
  int first = 0, last = 63;  // coefficients in zigzag order
  int high = 0, low = 0;     // bit positions, of successive approximation
};

/// Reads the entropy-coded data of a scan from byte `at` on; where what follows begins.
std::size_t read_scan(std::span<const std::uint8_t> file, std::size_t at, Frame& frame, const Tables& tables,
                      const Scan& scan);

/// Every scan of a file that look_at_jpeg() has nothing against. Throws Damaged.
Frame read_frame(std::span<const std::uint8_t> file);

}  // namespace assay::jpeg_reference
