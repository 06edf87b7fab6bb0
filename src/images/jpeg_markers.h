// SPDX-License-Identifier: Apache-2.0
// The segments of a JPEG file up to its first scan (T.81, Annex B), for those who read headers: every read is
// within the file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace assay {

namespace jpeg {
inline constexpr int kSoi = 0xd8, kEoi = 0xd9, kSos = 0xda, kDqt = 0xdb, kDht = 0xc4, kDri = 0xdd,
                     kDac = 0xcc, kJpg = 0xc8, kApp0 = 0xe0, kApp1 = 0xe1, kApp14 = 0xee;

/// Start of a frame, of whatever kind.
constexpr bool is_frame(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != kDht && marker != kJpg && marker != kDac;
}

inline int word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

struct Segment {
  int marker = 0;
  std::span<const std::uint8_t> body;  // behind the length
};

/// Segment after segment. Nothing where no whole one follows: then `at()` is where it should have begun.
class Segments {
 public:
  explicit Segments(std::span<const std::uint8_t> file, std::size_t at = 2) : file_(file), at_(at) {}

  std::optional<Segment> next() {
    std::size_t at = at_;
    if (at >= file_.size() || file_[at] != 0xff) return std::nullopt;
    while (at < file_.size() && file_[at] == 0xff) ++at;  // fill bytes
    if (at >= file_.size() || file_[at] == 0) return std::nullopt;
    const int marker = file_[at++];
    if (marker == kSoi || marker == kEoi || (marker >= 0xd0 && marker < kSoi) || marker == 1) {
      at_ = at;
      return Segment{marker, {}};
    }
    if (at + 2 > file_.size()) return std::nullopt;
    const auto length = static_cast<std::size_t>(word_at(file_, at));
    if (length < 2 || at + length > file_.size()) return std::nullopt;
    at_ = at + length;
    return Segment{marker, file_.subspan(at + 2, length - 2)};
  }
  std::size_t at() const { return at_; }

 private:
  std::span<const std::uint8_t> file_;
  std::size_t at_;
};
}  // namespace jpeg

}  // namespace assay
