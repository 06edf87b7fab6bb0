// SPDX-License-Identifier: Apache-2.0
// Baseline JPEG files of coefficients that a test has chosen (T.81, Annex B and F.1): any sampling factors,
// three or four components or one, with or without Adobe's marker. The code tables are plain ones that hold
// every symbol.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/random.h"
#include "images/picture.h"

namespace assay::test {

/// Coefficients [v][u] and steps of quantisation in the same order.
using JpegBlock = std::array<int, 64>;

struct JpegComponent {
  int id = 1, across = 1, down = 1;  // sampling factors
  JpegBlock steps = {};
  std::int64_t blocks_wide = 0, blocks_high = 0;  // to whole groups of blocks
  std::vector<JpegBlock> blocks = {};
};

struct JpegCoefficients {
  PictureSize size;
  std::vector<JpegComponent> components;
  std::optional<int> adobe_transform = {};
  int restart_interval = 0;
  std::int64_t groups_wide() const {
    return (size.width + 8 * most(&JpegComponent::across) - 1) / (8 * most(&JpegComponent::across));
  }
  std::int64_t groups_high() const {
    return (size.height + 8 * most(&JpegComponent::down) - 1) / (8 * most(&JpegComponent::down));
  }
  int most(int JpegComponent::*factor) const {
    int largest = 1;
    for (const JpegComponent& c : components) largest = std::max(largest, c.*factor);
    return largest;
  }
};

class JpegWriter {
 public:
  static std::vector<std::uint8_t> file_of(const JpegCoefficients& picture) {
    JpegWriter w;
    w.marker(0xd8);
    if (picture.adobe_transform) {
      w.segment(0xee, {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0,
                       static_cast<std::uint8_t>(*picture.adobe_transform)});
    }
    w.tables(picture);
    w.frame(picture);
    w.scan(picture);
    w.marker(0xd9);
    return std::move(w.out_);
  }

 private:
  /// In zigzag order: place of coefficient k.
  static std::size_t place(std::size_t k) {
    std::size_t at = 0;
    for (std::size_t diagonal = 0; diagonal < 15; ++diagonal)
      for (std::size_t i = 0; i <= diagonal; ++i) {
        const std::size_t u = diagonal % 2 == 0 ? i : diagonal - i, v = diagonal - u;
        if (u > 7 || v > 7) continue;
        if (at++ == k) return 8 * v + u;
      }
    return 0;
  }

  void byte(int value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void word(std::int64_t value) {
    byte(static_cast<int>(value >> 8));
    byte(static_cast<int>(value & 255));
  }
  void marker(int code) {
    byte(0xff);
    byte(code);
  }
  void segment(int code, const std::vector<std::uint8_t>& body) {
    marker(code);
    word(static_cast<std::int64_t>(body.size()) + 2);
    out_.insert(out_.end(), body.begin(), body.end());
  }

  void tables(const JpegCoefficients& picture) {
    for (std::size_t c = 0; c < picture.components.size(); ++c) {
      marker(0xdb);
      word(2 + 1 + 128);
      byte(0x10 | static_cast<int>(c));  // of 16 bits
      for (std::size_t k = 0; k < 64; ++k) word(picture.components[c].steps[place(k)]);
    }
    // Sizes 0 to 11 with codes of 4 bits; of runs and sizes the first 4 with 4 bits, the others with 9.
    std::vector<std::uint8_t> dc = {0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int size = 0; size < 12; ++size) dc.push_back(static_cast<std::uint8_t>(size));
    segment(0xc4, dc);
    const std::vector<std::uint8_t> symbols = ac_symbols();
    std::vector<std::uint8_t> ac = {
        0x10, 0, 0, 0, 4, 0, 0, 0, 0, static_cast<std::uint8_t>(symbols.size() - 4), 0, 0, 0, 0, 0, 0, 0};
    ac.insert(ac.end(), symbols.begin(), symbols.end());
    segment(0xc4, ac);
    if (picture.restart_interval > 0) {
      marker(0xdd);
      word(4);
      word(picture.restart_interval);
    }
  }
  static std::vector<std::uint8_t> ac_symbols() {
    std::vector<std::uint8_t> symbols = {0x00, 0x01, 0x02, 0xf0};
    for (int run = 0; run < 16; ++run)
      for (int size = 1; size <= 10; ++size)
        if (run > 0 || size > 2) symbols.push_back(static_cast<std::uint8_t>(run << 4 | size));
    return symbols;
  }

  void frame(const JpegCoefficients& picture) {
    marker(0xc0);
    word(8 + 3 * static_cast<std::int64_t>(picture.components.size()));
    byte(8);
    word(picture.size.height);
    word(picture.size.width);
    byte(static_cast<int>(picture.components.size()));
    for (std::size_t c = 0; c < picture.components.size(); ++c) {
      byte(picture.components[c].id);
      byte(picture.components[c].across << 4 | picture.components[c].down);
      byte(static_cast<int>(c));
    }
  }

  void bits(int value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      held_ = held_ << 1 | (value >> i & 1);
      if (++held_bits_ < 8) continue;
      byte(held_);
      if (held_ == 255) byte(0);
      held_ = held_bits_ = 0;
    }
  }
  static int size_of(int value) {
    int size = 0;
    for (int rest = std::abs(value); rest > 0; rest /= 2) ++size;
    return size;
  }
  void signed_bits(int value, int size) { bits(value < 0 ? value + (1 << size) - 1 : value, size); }
  void ac_code(int symbol) {
    static const std::vector<std::uint8_t> symbols = ac_symbols();
    int at = 0;
    while (symbols[static_cast<std::size_t>(at)] != symbol) ++at;
    at < 4 ? bits(at, 4) : bits((4 << 5) + at - 4, 9);
  }

  void block(const JpegBlock& block, int& last_dc) {
    const int difference = block[0] - last_dc, size = size_of(difference);
    last_dc = block[0];
    bits(size, 4);
    signed_bits(difference, size);
    int zeros = 0;
    for (std::size_t k = 1; k < 64; ++k) {
      const int value = block[place(k)];
      if (value == 0) {
        ++zeros;
        continue;
      }
      for (; zeros > 15; zeros -= 16) ac_code(0xf0);
      ac_code(zeros << 4 | size_of(value));
      signed_bits(value, size_of(value));
      zeros = 0;
    }
    if (zeros > 0) ac_code(0);
  }
  void padding() {
    if (held_bits_ > 0) bits(0x7f, 8 - held_bits_);
  }

  void scan(const JpegCoefficients& picture) {
    const auto parts = static_cast<int>(picture.components.size());
    marker(0xda);
    word(6 + 2 * parts);
    byte(parts);
    for (const JpegComponent& c : picture.components) {
      byte(c.id);
      byte(0);
    }
    byte(0);
    byte(63);
    byte(0);
    std::vector<int> last_dc(picture.components.size());
    // One component alone comes row by row; then its factors do not matter (A.2.2).
    const bool alone = parts == 1;
    const std::int64_t wide = alone ? (picture.size.width + 7) / 8 : picture.groups_wide(),
                       high = alone ? (picture.size.height + 7) / 8 : picture.groups_high();
    for (std::int64_t group = 0; group < wide * high; ++group) {
      if (picture.restart_interval > 0 && group > 0 && group % picture.restart_interval == 0) {
        padding();
        marker(0xd0 + static_cast<int>((group / picture.restart_interval - 1) % 8));
        last_dc.assign(last_dc.size(), 0);
      }
      for (std::size_t c = 0; c < picture.components.size(); ++c) {
        const JpegComponent& part = picture.components[c];
        const int down = alone ? 1 : part.down, across = alone ? 1 : part.across;
        for (int y = 0; y < down; ++y)
          for (int x = 0; x < across; ++x)
            block(part.blocks[static_cast<std::size_t>((group / wide * down + y) * part.blocks_wide +
                                                       group % wide * across + x)],
                  last_dc[c]);
      }
    }
    padding();
  }

  std::vector<std::uint8_t> out_;
  int held_ = 0, held_bits_ = 0;
};

/// Coefficients at random: mean grey to the full range, and of ever fewer and smaller waves.
inline JpegCoefficients random_coefficients(std::uint64_t seed, PictureSize size,
                                            std::vector<std::pair<int, int>> factors) {
  JpegCoefficients picture{size, {}};
  std::uint64_t next = 0;
  const auto draw = [&](int limit) { return index_element(seed, next++, limit); };
  for (const auto& [across, down] : factors) {
    JpegComponent c{.id = static_cast<int>(picture.components.size()) + 1, .across = across, .down = down};
    for (std::size_t k = 0; k < 64; ++k) c.steps[k] = 1 + draw(24);
    picture.components.push_back(c);
  }
  for (JpegComponent& c : picture.components) {
    c.blocks_wide = picture.groups_wide() * c.across;
    c.blocks_high = picture.groups_high() * c.down;
    for (std::int64_t b = 0; b < c.blocks_wide * c.blocks_high; ++b) {
      JpegBlock block{};
      block[0] = (draw(1600) - 800) / c.steps[0];
      for (std::size_t k = 1; k < 64; ++k) {
        const int waves = static_cast<int>(k % 8 + k / 8);
        if (draw(2 + waves) == 0) block[k] = (draw(400) - 200) / (1 + waves) / c.steps[k];
      }
      c.blocks.push_back(block);
    }
  }
  return picture;
}

}  // namespace assay::test
