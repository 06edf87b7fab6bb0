// SPDX-License-Identifier: Apache-2.0
// What an output holds that nobody has written: all bits one, a NaN in every floating dtype.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/op.h"

namespace assay {

inline bool all_bytes(const TensorView& view, std::int64_t index, std::byte value) {
  const auto* bytes = static_cast<const std::byte*>(view.data) + index * bytes_of(view.dtype);
  return std::all_of(bytes, bytes + bytes_of(view.dtype), [&](std::byte b) { return b == value; });
}

inline bool all_bits_one(const TensorView& view, std::int64_t index) {
  return all_bytes(view, index, std::byte{0xff});
}

inline std::string unwritten_text(const TensorSpec& output, std::int64_t index) {
  return fmt::format("output {} element {} was never written", output.name, index);
}

}  // namespace assay
