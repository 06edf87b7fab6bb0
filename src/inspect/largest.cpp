// SPDX-License-Identifier: Apache-2.0
#include "inspect/largest.h"

#include <algorithm>
#include <bit>

namespace assay {
namespace {

struct Point {
  std::int64_t value, bytes;
};

/// Where the line through both reaches `room`; nothing where it does not rise.
std::optional<std::int64_t> reaches(const Point& a, const Point& b, std::int64_t room) {
  const auto run = static_cast<double>(b.value - a.value), rise = static_cast<double>(b.bytes - a.bytes);
  if (run == 0 || rise / run <= 0) return std::nullopt;
  const double steps = static_cast<double>(room - a.bytes) * run / rise;
  constexpr double kMost = 0x1p53;
  return a.value + static_cast<std::int64_t>(std::clamp(steps, -kMost, kMost));
}

}  // namespace

std::int64_t largest_that_fits(const BytesAt& bytes_at, const ValueRange& range, std::int64_t fixed,
                               std::int64_t room) {
  Point fits{range.least - 1, fixed}, other = fits;
  if (fixed > room) return fits.value;
  std::int64_t beyond = range.most + 1, ask = std::clamp(range.start, range.least, range.most);
  constexpr int kByLine = 6;  // questions, after which every other one halves what is left
  for (int asked = 1; beyond - fits.value > 1; ++asked) {
    const std::optional<std::int64_t> bytes = bytes_at(ask);
    const bool is_in = bytes && *bytes <= room;
    if (is_in) other = fits;
    if (bytes) (is_in ? fits : other) = Point{ask, *bytes};
    if (!is_in) beyond = ask;
    const bool halve = asked >= kByLine && asked % 2 == 0;
    const std::int64_t middle = fits.value + (beyond - fits.value) / 2;
    ask = halve ? middle : reaches(fits, other, room).value_or(middle);
    ask = std::clamp(ask, std::min(fits.value + 1, beyond - 1), beyond - 1);
  }
  return fits.value;
}

std::int64_t largest_accepted(const std::function<bool(std::int64_t)>& accepted, std::int64_t most) {
  if (most < 1) return 0;
  if (accepted(most)) return most;
  std::int64_t value = 0;
  for (auto bit = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(most))); bit > 0;
       bit /= 2)
    if (value + bit < most && accepted(value + bit)) value += bit;
  return value;
}

}  // namespace assay
