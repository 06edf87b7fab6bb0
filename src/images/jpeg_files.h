// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

namespace assay {

/// JPEG files one behind the other, as a batch of them is decoded.
struct JpegFiles {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> offsets = {0};  // [count + 1]: where each begins, and where the last one ends

  void add(std::span<const std::uint8_t> file) {
    if (bytes.size() + file.size() > std::numeric_limits<std::int32_t>::max())
      throw std::logic_error("a batch of JPEG files of more than 2 GiB");
    bytes.insert(bytes.end(), file.begin(), file.end());
    offsets.push_back(static_cast<std::int32_t>(bytes.size()));
  }
  std::int64_t count() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  std::span<const std::uint8_t> file(std::int64_t i) const {
    const auto begin = static_cast<std::size_t>(offsets[static_cast<std::size_t>(i)]),
               end = static_cast<std::size_t>(offsets[static_cast<std::size_t>(i) + 1]);
    return std::span(bytes).subspan(begin, end - begin);
  }
};

}  // namespace assay
