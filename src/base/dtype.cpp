// SPDX-License-Identifier: Apache-2.0
#include "base/dtype.h"

#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace assay {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::int64_t bytes;
  int significand_bits;  // stored mantissa bits + the hidden one; 0 for integers
};
constexpr std::array kRows = {Row{DType::f32, "f32", 4, 24},   Row{DType::tf32, "tf32", 4, 11},
                              Row{DType::f16, "f16", 2, 11},   Row{DType::bf16, "bf16", 2, 8},
                              Row{DType::f8e4m3, "fp8", 1, 4}, Row{DType::i32, "i32", 4, 0},
                              Row{DType::u8, "u8", 1, 0},      Row{DType::i8, "i8", 1, 0}};

/// As other programs spell them; never written. Not "int8", which in a config is a format of weights.
constexpr std::pair<std::string_view, DType> kAliases[] = {{"float32", DType::f32},
                                                           {"fp32", DType::f32},
                                                           {"float", DType::f32},
                                                           {"float16", DType::f16},
                                                           {"fp16", DType::f16},
                                                           {"half", DType::f16},
                                                           {"bfloat16", DType::bf16},
                                                           {"float8", DType::f8e4m3},
                                                           {"f8e4m3", DType::f8e4m3},
                                                           {"fp8_e4m3", DType::f8e4m3},
                                                           {"float8_e4m3fn", DType::f8e4m3}};

const Row& row(DType dtype) {
  return kRows[static_cast<std::size_t>(dtype)];
}

/// Keeps the top bits of a float's 23-bit mantissa, round to nearest even on the `drop` bits below.
std::uint32_t round_mantissa(std::uint32_t bits, int drop) {
  const std::uint32_t odd = (bits >> drop) & 1u;
  return bits + ((1u << (drop - 1)) - 1u) + odd;
}

}  // namespace

std::string_view name(DType dtype) {
  return row(dtype).name;
}

std::optional<DType> dtype_from(std::string_view text) {
  for (const Row& r : kRows)
    if (r.name == text) return r.dtype;
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Row& r : kRows)
    if (r.name == lower) return r.dtype;
  for (const auto& [alias, dtype] : kAliases)
    if (alias == lower) return dtype;
  return std::nullopt;
}

std::span<const DType> all_dtypes() {
  static constexpr std::array kAll = {DType::f32,    DType::tf32, DType::f16, DType::bf16,
                                      DType::f8e4m3, DType::i32,  DType::u8,  DType::i8};
  return kAll;
}

std::int64_t bytes_of(DType dtype) {
  return row(dtype).bytes;
}
bool is_floating(DType dtype) {
  return row(dtype).significand_bits > 0;
}
double epsilon(DType dtype) {
  return is_floating(dtype) ? std::ldexp(1.0, -row(dtype).significand_bits) : 0;
}

std::uint16_t bf16_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);  // stays a NaN, made quiet
  return static_cast<std::uint16_t>(round_mantissa(bits, 16) >> 16);
}

float float_from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

float tf32_from_float(float value) {
  if (!std::isfinite(value)) return value;
  return std::bit_cast<float>(round_mantissa(std::bit_cast<std::uint32_t>(value), 13) & ~0x1fffu);
}

std::uint16_t f16_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  if (std::isnan(value)) return sign | 0x7e00u;
  const float magnitude = std::fabs(value);
  if (magnitude >= 65520.0f) return sign | 0x7c00u;  // rounds past the largest finite half
  if (magnitude < 0x1p-14f)                          // subnormal: a multiple of 2^-24
    return sign | static_cast<std::uint16_t>(std::nearbyint(magnitude * 0x1p24f));
  const std::uint32_t rounded = round_mantissa(bits & 0x7fffffffu, 13);
  return sign | static_cast<std::uint16_t>((rounded >> 13) - (112u << 10));
}

float float_from_f16(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int mantissa = bits & 0x3ff;
  float value;
  if (exponent == 0x1f)
    value = mantissa ? std::nanf("") : INFINITY;
  else if (exponent == 0)
    value = std::ldexp(static_cast<float>(mantissa), -24);
  else
    value = std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
  return bits & 0x8000 ? -value : value;
}

std::uint8_t f8e4m3_from_float(float value) {
  const std::uint8_t sign = std::signbit(value) ? 0x80 : 0;
  if (std::isnan(value)) return sign | 0x7f;
  const float magnitude = std::fabs(value);
  if (magnitude >= 448.0f) return sign | 0x7e;
  if (magnitude < 0x1p-6f) return sign | static_cast<std::uint8_t>(std::nearbyint(magnitude * 0x1p9f));
  const std::uint32_t rounded = round_mantissa(std::bit_cast<std::uint32_t>(magnitude), 20);
  return sign | static_cast<std::uint8_t>((rounded >> 20) - (120u << 3));
}

float float_from_f8e4m3(std::uint8_t bits) {
  const int exponent = (bits >> 3) & 0xf;
  const int mantissa = bits & 7;
  float value;
  if (exponent == 0xf && mantissa == 7)
    value = std::nanf("");
  else if (exponent == 0)
    value = std::ldexp(static_cast<float>(mantissa), -9);
  else
    value = std::ldexp(static_cast<float>(mantissa + 8), exponent - 10);
  return bits & 0x80 ? -value : value;
}

double load_element(DType dtype, const void* data, std::int64_t index) {
  switch (dtype) {
    case DType::f32:
    case DType::tf32: return static_cast<const float*>(data)[index];
    case DType::f16: return float_from_f16(static_cast<const std::uint16_t*>(data)[index]);
    case DType::bf16: return float_from_bf16(static_cast<const std::uint16_t*>(data)[index]);
    case DType::f8e4m3: return float_from_f8e4m3(static_cast<const std::uint8_t*>(data)[index]);
    case DType::i32: return static_cast<const std::int32_t*>(data)[index];
    case DType::u8: return static_cast<const std::uint8_t*>(data)[index];
    case DType::i8: return static_cast<const std::int8_t*>(data)[index];
  }
  throw std::logic_error("load_element: unknown dtype");
}

void store_element(DType dtype, void* data, std::int64_t index, double value) {
  const auto f = static_cast<float>(value);
  switch (dtype) {
    case DType::f32: static_cast<float*>(data)[index] = f; return;
    case DType::tf32: static_cast<float*>(data)[index] = tf32_from_float(f); return;
    case DType::f16: static_cast<std::uint16_t*>(data)[index] = f16_from_float(f); return;
    case DType::bf16: static_cast<std::uint16_t*>(data)[index] = bf16_from_float(f); return;
    case DType::f8e4m3: static_cast<std::uint8_t*>(data)[index] = f8e4m3_from_float(f); return;
    case DType::i32:
      static_cast<std::int32_t*>(data)[index] = integer_from(value, std::numeric_limits<std::int32_t>::min(),
                                                             std::numeric_limits<std::int32_t>::max());
      return;
    case DType::u8:
      static_cast<std::uint8_t*>(data)[index] = static_cast<std::uint8_t>(integer_from(value, 0, 255));
      return;
    case DType::i8:
      static_cast<std::int8_t*>(data)[index] = static_cast<std::int8_t>(integer_from(value, -128, 127));
      return;
  }
  throw std::logic_error("store_element: unknown dtype");
}

double stored(DType dtype, double value) {
  std::uint64_t bytes = 0;  // wide enough for an element of any dtype
  store_element(dtype, &bytes, 0, value);
  return load_element(dtype, &bytes, 0);
}

}  // namespace assay
