// SPDX-License-Identifier: Apache-2.0
// Scans of the sequential (T.81, F.2) and of the progressive mode (G.1.2, G.2).
#include "kernels/jpeg_decode/reference_frame.h"

namespace assay::jpeg_reference {
namespace {

/// Bytes behind the last block that libjpeg, which reads some ahead, drops without a warning.
constexpr std::size_t kUnseen = 8;

constexpr int kEndOfBlock = 0, kSixteenZeros = 0xf0;

class ScanReader {
 public:
  ScanReader(std::span<const std::uint8_t> file, std::size_t at, const Frame& frame, const Tables& tables,
             const Scan& scan)
      : bits_(file, at), frame_(frame), tables_(tables), scan_(scan), last_dc_(scan.parts.size()) {}

  std::size_t read() {
    if (scan_.parts.size() == 1)
      read_blocks_of_one();
    else
      read_groups();
    return bits_.end(kUnseen);
  }

 private:
  const Codes& dc(std::size_t part) const {
    return present(tables_.dc[static_cast<std::size_t>(scan_.parts[part].dc_table)]);
  }
  const Codes& ac(std::size_t part) const {
    return present(tables_.ac[static_cast<std::size_t>(scan_.parts[part].ac_table)]);
  }
  static const Codes& present(const std::optional<Codes>& codes) {
    if (!codes) throw Damaged("no table of codes");
    return *codes;
  }

  /// A component alone: the blocks that hold what is meant of it, row by row (A.2.2).
  void read_blocks_of_one() {
    Component& c = *scan_.parts[0].component;
    for (std::int64_t row = 0; row < (c.height + 7) / 8; ++row)
      for (std::int64_t column = 0; column < (c.width + 7) / 8; ++column) {
        begin_group();
        read_block(0, c.block(row, column));
      }
  }

  /// Several: of each as many blocks as its sampling factors say (A.2.3).
  void read_groups() {
    const std::int64_t across = (frame_.width + 8 * frame_.most_across - 1) / (8 * frame_.most_across),
                       down = (frame_.height + 8 * frame_.most_down - 1) / (8 * frame_.most_down);
    for (std::int64_t group = 0; group < across * down; ++group) {
      begin_group();
      for (std::size_t part = 0; part < scan_.parts.size(); ++part) {
        Component& c = *scan_.parts[part].component;
        for (int y = 0; y < c.down; ++y)
          for (int x = 0; x < c.across; ++x)
            read_block(part, c.block(group / across * c.down + y, group % across * c.across + x));
      }
    }
  }

  void begin_group() {
    if (tables_.restart_interval > 0 && groups_ > 0 && groups_ % tables_.restart_interval == 0) {
      bits_.restart(static_cast<int>((groups_ / tables_.restart_interval - 1) % 8));
      last_dc_.assign(last_dc_.size(), 0);
      blocks_to_skip_ = 0;
    }
    ++groups_;
  }

  void read_block(std::size_t part, Block& block) {
    if (scan_.first == 0) read_dc(part, block);
    if (scan_.last == 0) return;
    if (scan_.high == 0)
      read_ac(part, block);
    else
      refine_ac(part, block);
  }

  void read_dc(std::size_t part, Block& block) {
    if (scan_.high != 0) {
      if (bits_.bit() != 0) block[0] |= 1 << scan_.low;
      return;
    }
    const int size = dc(part).next(bits_);
    if (size > 15) throw Damaged("a difference of more than 15 bits");
    last_dc_[part] += bits_.signed_bits(size);
    block[0] = last_dc_[part] * (1 << scan_.low);
  }

  void read_ac(std::size_t part, Block& block) {
    if (blocks_to_skip_ > 0) {
      --blocks_to_skip_;
      return;
    }
    for (int k = std::max(1, scan_.first); k <= scan_.last; ++k) {
      const int symbol = ac(part).next(bits_), zeros = symbol >> 4, size = symbol & 15;
      if (size == 0 && symbol != kSixteenZeros) {
        if (symbol != kEndOfBlock && !frame_.progressive)
          throw Damaged("a run of blocks in a sequential scan");
        blocks_to_skip_ = (1 << zeros) - 1 + bits_.bits(zeros);
        return;
      }
      k += zeros;
      if (size == 0) continue;
      if (k > scan_.last) throw Damaged("a coefficient behind the last");
      block[kZigzag[static_cast<std::size_t>(k)]] = bits_.signed_bits(size) * (1 << scan_.low);
    }
  }

  /// G.1.2.3: a bit more of every coefficient that is not 0 so far, and between them those that become +-1.
  void refine_ac(std::size_t part, Block& block) {
    const int one = 1 << scan_.low;
    const auto refine = [&](int& coefficient) {
      if (bits_.bit() != 0) coefficient += coefficient > 0 ? one : -one;
    };
    int k = scan_.first;
    if (blocks_to_skip_ == 0) {
      for (; k <= scan_.last; ++k) {
        const int symbol = ac(part).next(bits_);
        int zeros = symbol >> 4, becomes = 0;
        if ((symbol & 15) == 1)
          becomes = bits_.bit() != 0 ? one : -one;
        else if ((symbol & 15) != 0)
          throw Damaged("a refinement by more than a bit");
        else if (symbol != kSixteenZeros) {
          blocks_to_skip_ = (1 << zeros) + bits_.bits(zeros);
          break;
        }
        for (; k <= scan_.last; ++k) {
          int& coefficient = block[kZigzag[static_cast<std::size_t>(k)]];
          if (coefficient != 0)
            refine(coefficient);
          else if (zeros-- == 0)
            break;
        }
        if (becomes == 0) continue;
        if (k > scan_.last) throw Damaged("a coefficient behind the last");
        block[kZigzag[static_cast<std::size_t>(k)]] = becomes;
      }
      if (blocks_to_skip_ == 0) return;
    }
    for (; k <= scan_.last; ++k)
      if (int& coefficient = block[kZigzag[static_cast<std::size_t>(k)]]; coefficient != 0)
        refine(coefficient);
    --blocks_to_skip_;
  }

  Bits bits_;
  const Frame& frame_;
  const Tables& tables_;
  const Scan& scan_;
  std::vector<int> last_dc_;  // a part
  std::int64_t groups_ = 0;
  int blocks_to_skip_ = 0;
};

}  // namespace

std::size_t read_scan(std::span<const std::uint8_t> file, std::size_t at, Frame& frame, const Tables& tables,
                      const Scan& scan) {
  return ScanReader(file, at, frame, tables, scan).read();
}

}  // namespace assay::jpeg_reference
