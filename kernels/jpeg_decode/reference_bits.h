// SPDX-License-Identifier: Apache-2.0
// Entropy-coded data as bits (T.81, F.2.2.5), and the codes that they are made of (Annex C, F.2.2.3). Plain:
// a bit at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace assay::jpeg_reference {

/// Data that T.81 does not allow. It does not leave reference_decode().
struct Damaged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Bits {
 public:
  Bits(std::span<const std::uint8_t> file, std::size_t at) : file_(file), at_(at) {}

  int bit() {
    if (left_ == 0) {
      if (at_ >= file_.size()) throw Damaged("it ends within a scan");
      byte_ = file_[at_++];
      left_ = 8;
      if (byte_ == 0xff && (at_ >= file_.size() || file_[at_++] != 0))
        throw Damaged("a marker within a block");
    }
    return byte_ >> --left_ & 1;
  }
  int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  /// A value of `size` bits, as F.2.2.1 EXTEND.
  int signed_bits(int size) {
    const int value = bits(size);
    return size == 0 || value >> (size - 1) != 0 ? value : value - (1 << size) + 1;
  }

  /// Where what follows the scan begins: what is left of the last byte is padding, and so are up to `unseen`
  /// bytes before the next marker.
  std::size_t end(std::size_t unseen) const {
    for (std::size_t at = at_; at < file_.size() && at <= at_ + unseen; ++at)
      if (file_[at] == 0xff) return at;
    return at_;
  }
  void restart(int number) {
    left_ = 0;
    while (at_ + 1 < file_.size() && file_[at_] == 0xff && file_[at_ + 1] == 0xff) ++at_;
    if (at_ + 2 > file_.size() || file_[at_] != 0xff || file_[at_ + 1] != 0xd0 + number)
      throw Damaged("no restart where one belongs");
    at_ += 2;
  }

 private:
  std::span<const std::uint8_t> file_;
  std::size_t at_;
  int byte_ = 0, left_ = 0;
};

/// Code words of a length are consecutive numbers, and those of the next length begin behind twice the last.
class Codes {
 public:
  /// `counts`: of code words by length, 1 to 16; `symbols` in the order of their code words.
  Codes(std::span<const std::uint8_t> counts, std::span<const std::uint8_t> symbols)
      : symbols_(symbols.begin(), symbols.end()) {
    int code = 0, symbol = 0;
    for (std::size_t length = 0; length < kLengths; ++length, code *= 2) {
      first_[length] = code;
      symbol_[length] = symbol;
      count_[length] = counts[length];
      code += counts[length];
      symbol += counts[length];
      if (code > 1 << (length + 1)) throw Damaged("more codes than there are");
    }
  }

  int next(Bits& bits) const {
    int code = 0;
    for (std::size_t length = 0; length < kLengths; ++length) {
      code = code << 1 | bits.bit();
      if (const int at = code - first_[length]; at < count_[length])
        return symbols_[static_cast<std::size_t>(symbol_[length] + at)];
    }
    throw Damaged("a code that no table has");
  }

 private:
  static constexpr std::size_t kLengths = 16;
  std::vector<std::uint8_t> symbols_;
  std::array<int, kLengths> first_, symbol_, count_;
};

}  // namespace assay::jpeg_reference
