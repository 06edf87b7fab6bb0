// SPDX-License-Identifier: Apache-2.0
// Element types: their storage, their precision, and the host-side conversions from and to float.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/host_device.h"

namespace assay {

/// `tf32` is stored as f32; its values carry 10 mantissa bits, which is what the tensor cores multiply.
enum class DType : std::uint8_t { f32, tf32, f16, bf16, f8e4m3, i32, u8, i8 };

std::string_view name(DType dtype);  // "bf16"; the spelling of configs, results and reports
std::optional<DType> dtype_from(std::string_view text);
std::span<const DType> all_dtypes();

std::int64_t bytes_of(DType dtype);  // storage bytes an element
bool is_floating(DType dtype);

/// Unit roundoff: half the distance from 1 to the next value. 0 for integers.
double epsilon(DType dtype);

/// Round to nearest even; NaN stays NaN; e4m3 saturates at +-448 (it has no infinity).
std::uint16_t bf16_from_float(float value);
std::uint16_t f16_from_float(float value);
std::uint8_t f8e4m3_from_float(float value);
float tf32_from_float(float value);
float float_from_bf16(std::uint16_t bits);
float float_from_f16(std::uint16_t bits);
float float_from_f8e4m3(std::uint8_t bits);

/// The nearest integer, ties to even, kept within [least, most]; NaN becomes 0.
ASSAY_HOST_DEVICE inline std::int32_t integer_from(double value, std::int32_t least, std::int32_t most) {
  if (value != value) return 0;
  if (value <= static_cast<double>(least)) return least;
  if (value >= static_cast<double>(most)) return most;
  return static_cast<std::int32_t>(rint(value));
}

/// Element `index` of a packed array of `dtype`, as double; and its inverse (rounds to `dtype`).
double load_element(DType dtype, const void* data, std::int64_t index);
void store_element(DType dtype, void* data, std::int64_t index, double value);
/// `value` as it comes back from memory of `dtype`.
double stored(DType dtype, double value);

}  // namespace assay
