// SPDX-License-Identifier: Apache-2.0
// What the cleaners of results ask of characters and words: of ASCII alone, in every locale.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace assay {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace assay
