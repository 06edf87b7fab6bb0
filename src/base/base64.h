// SPDX-License-Identifier: Apache-2.0
// Bytes as text (RFC 4648, section 4), for pictures in files of text.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace assay {

inline std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t three = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                (left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0) |
                                (left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0);
    for (std::size_t digit = 0; digit < 4; ++digit)
      text += digit <= left ? kDigits[three >> (18 - 6 * digit) & 63] : '=';
  }
  return text;
}

}  // namespace assay
