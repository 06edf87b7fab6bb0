// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace assay {
namespace {

/// Power of ten of the first digit, after rounding to `digits`: 999.6 at three digits has 3.
int exponent_of(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::atoi(text.c_str() + text.find('e') + 1);
}

/// Floor division, for negative exponents too.
int thousands_of(int exponent) {
  return exponent >= 0 ? exponent / 3 : -((2 - exponent) / 3);
}

std::string with_separators(std::string text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t end = std::min(text.find('.'), text.size()); end > first + 3; end -= 3)
    text.insert(end - 3, ",");
  return text;
}

}  // namespace

std::string number_text(double value, int digits) {
  if (!std::isfinite(value)) return std::string(kUnknown);
  if (value == 0) return "0";
  const int exponent = exponent_of(value, digits);
  if (exponent < -4 || exponent > 14) return fmt::format("{:.{}g}", value, digits);
  if (exponent >= digits) {
    const double step = std::pow(10.0, exponent - digits + 1);
    value = std::round(value / step) * step;
  }
  return with_separators(fmt::format("{:.{}f}", value, std::max(0, digits - 1 - exponent)));
}

std::string count_text(std::int64_t value) {
  return with_separators(std::to_string(value));
}

std::string si_text(double value, std::string_view unit) {
  static constexpr std::array<std::string_view, 12> kPrefixes = {"p", "n", "µ", "m", "",  "k",
                                                                 "M", "G", "T", "P", "E", "Z"};
  constexpr int kNone = 4;  // index of the empty prefix
  if (!std::isfinite(value)) return std::string(kUnknown);
  if (value == 0) return fmt::format("0 {}", unit);
  const int largest = unit == "s" ? 0 : static_cast<int>(kPrefixes.size()) - 1 - kNone;
  const int prefix = std::clamp(thousands_of(exponent_of(value, 3)), -kNone, largest);
  return fmt::format("{} {}{}", number_text(value / std::pow(1000.0, prefix)),
                     kPrefixes[static_cast<std::size_t>(prefix + kNone)], unit);
}

std::string bytes_text(double bytes) {
  static constexpr std::array<std::string_view, 6> kPrefixes = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  if (!std::isfinite(bytes)) return std::string(kUnknown);
  std::size_t prefix = 0;
  while (std::fabs(bytes) >= 1024 && prefix + 1 < kPrefixes.size()) {
    bytes /= 1024;
    ++prefix;
  }
  // Below 1024 every digit of a whole number stands: 1,023 MiB, not 1,020 MiB.
  return fmt::format("{} {}", std::fabs(bytes) >= 999.5 ? number_text(bytes, 4) : number_text(bytes),
                     kPrefixes[prefix]);
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return std::string(kUnknown);
  const auto whole = static_cast<std::int64_t>(std::round(seconds));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string percent_text(double share) {
  const double percent = 100 * share;
  if (!std::isfinite(percent)) return std::string(kUnknown);
  if (percent == 0) return "0 %";
  if (std::fabs(percent) < 0.05) return percent < 0 ? ">-0.1 %" : "<0.1 %";
  if (std::fabs(percent) >= 99.95) return with_separators(fmt::format("{:.0f}", percent)) + " %";
  return fmt::format("{:.1f} %", percent);
}

std::string change_text(double change) {
  if (!std::isfinite(change)) return std::string(kUnknown);
  return fmt::format("{:+.1f} %", 100 * change + 0.0);
}

std::string ratio_text(double ratio) {
  return std::isfinite(ratio) ? number_text(ratio) + "x" : std::string(kUnknown);
}

std::string quantity_text(double value, std::string_view unit) {
  static constexpr std::array<std::string_view, 8> kScaled = {"s",      "B", "B/s", "FLOP",
                                                              "FLOP/s", "W", "J",   "Hz"};
  if (!std::isfinite(value)) return std::string(kUnknown);
  if (unit == "1") return percent_text(value);
  if (std::find(kScaled.begin(), kScaled.end(), unit) != kScaled.end()) return si_text(value, unit);
  if (unit == "1/s") unit = "/s";
  return unit.empty() ? number_text(value) : fmt::format("{} {}", number_text(value), unit);
}

std::string quantity_text(const std::optional<double>& value, std::string_view unit) {
  return value ? quantity_text(*value, unit) : std::string(kUnknown);
}

std::string percent_text(const std::optional<double>& share) {
  return share ? percent_text(*share) : std::string(kUnknown);
}

std::string bytes_text(const std::optional<std::int64_t>& bytes) {
  return bytes ? bytes_text(static_cast<double>(*bytes)) : std::string(kUnknown);
}

}  // namespace assay
