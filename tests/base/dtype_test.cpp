// SPDX-License-Identifier: Apache-2.0
#include "base/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

namespace assay::dtype_tests {
namespace {

TEST(DType, IsSpelledAsConfigsSpellIt) {
  for (const DType dtype : all_dtypes()) EXPECT_EQ(dtype_from(name(dtype)), dtype);
  EXPECT_EQ(name(DType::f8e4m3), "fp8");
  EXPECT_EQ(bytes_of(DType::tf32), 4);
  EXPECT_EQ(bytes_of(DType::f8e4m3), 1);
}

TEST(DType, IsKnownByTheNamesOfOtherProgramsToo) {
  for (const char* text : {"bfloat16", "BF16"}) EXPECT_EQ(dtype_from(text), DType::bf16);
  for (const char* text : {"float16", "half", "fp16", "FP16"}) EXPECT_EQ(dtype_from(text), DType::f16);
  for (const char* text : {"float32", "float", "fp32"}) EXPECT_EQ(dtype_from(text), DType::f32);
  EXPECT_EQ(dtype_from("float8_e4m3fn"), DType::f8e4m3);
  EXPECT_FALSE(dtype_from("int8")) << "in a config, a format of weights";
  EXPECT_EQ(name(*dtype_from("half")), "f16");
  for (const char* text : {"", "double", "bf17", "float64", "8"}) EXPECT_FALSE(dtype_from(text)) << text;
}

// Half of the distance from 1 to the next value: 2^-24 for 23 stored bits and so on.
TEST(DType, KnowsItsRoundoff) {
  EXPECT_EQ(epsilon(DType::f32), 0x1p-24);
  EXPECT_EQ(epsilon(DType::tf32), 0x1p-11);
  EXPECT_EQ(epsilon(DType::f16), 0x1p-11);
  EXPECT_EQ(epsilon(DType::bf16), 0x1p-8);
  EXPECT_EQ(epsilon(DType::f8e4m3), 0x1p-4);
  for (const DType integer : {DType::i32, DType::u8, DType::i8}) {
    EXPECT_EQ(epsilon(integer), 0);
    EXPECT_FALSE(is_floating(integer));
  }
  EXPECT_EQ(bytes_of(DType::u8), 1);
  EXPECT_EQ(bytes_of(DType::i8), 1);
}

TEST(Integers, RoundToEvenSaturateAndTakeNanForZero) {
  EXPECT_EQ(stored(DType::u8, 2.5), 2);
  EXPECT_EQ(stored(DType::u8, 3.5), 4);
  EXPECT_EQ(stored(DType::i8, -2.5), -2);
  EXPECT_EQ(stored(DType::i8, -3.500001), -4);
  EXPECT_EQ(stored(DType::i32, 2147483646.5), 2147483646);
  EXPECT_EQ(stored(DType::u8, 255.5), 255);
  EXPECT_EQ(stored(DType::u8, -1), 0);
  EXPECT_EQ(stored(DType::i8, 1e300), 127);
  EXPECT_EQ(stored(DType::i8, -129), -128);
  EXPECT_EQ(stored(DType::i32, INFINITY), 2147483647);
  EXPECT_EQ(stored(DType::i32, -1e10), -2147483648.0);
  for (const DType integer : {DType::i32, DType::u8, DType::i8}) EXPECT_EQ(stored(integer, NAN), 0);
}

TEST(Integers, EveryPatternSurvivesThereAndBack) {
  for (int bits = 0; bits < 256; ++bits) {
    EXPECT_EQ(stored(DType::u8, bits), bits);
    EXPECT_EQ(stored(DType::i8, bits - 128), bits - 128);
  }
}

TEST(Bf16, RoundsToNearestEven) {
  EXPECT_EQ(bf16_from_float(1.0f), 0x3f80);
  EXPECT_EQ(bf16_from_float(1.0f + 0x1p-8f), 0x3f80);             // half a step, down to even
  EXPECT_EQ(bf16_from_float(1.0f + 3 * 0x1p-8f), 0x3f82);         // half a step, up to even
  EXPECT_EQ(bf16_from_float(1.0f + 0x1p-8f + 0x1p-20f), 0x3f81);  // above half
  EXPECT_EQ(bf16_from_float(-2.5f), 0xc020);
  EXPECT_EQ(bf16_from_float(INFINITY), 0x7f80);
  EXPECT_EQ(bf16_from_float(3.4e38f), 0x7f80);  // past the largest bf16
  EXPECT_TRUE(std::isnan(float_from_bf16(bf16_from_float(NAN))));
  // A NaN whose payload sits only in the bits that are dropped stays a NaN.
  EXPECT_TRUE(std::isnan(float_from_bf16(bf16_from_float(std::bit_cast<float>(0x7f800001u)))));
}

TEST(F16, CoversNormalsSubnormalsAndOverflow) {
  EXPECT_EQ(f16_from_float(1.0f), 0x3c00);
  EXPECT_EQ(f16_from_float(65504.0f), 0x7bff);
  EXPECT_EQ(f16_from_float(65519.0f), 0x7bff);
  EXPECT_EQ(f16_from_float(65520.0f), 0x7c00);
  EXPECT_EQ(f16_from_float(0x1p-24f), 0x0001);
  EXPECT_EQ(f16_from_float(0x1p-25f), 0x0000);  // half of the smallest, to even
  EXPECT_EQ(f16_from_float(-0x1p-14f), 0x8400);
  EXPECT_EQ(f16_from_float(1.0f + 0x1p-11f), 0x3c00);  // to even
  EXPECT_TRUE(std::isnan(float_from_f16(f16_from_float(NAN))));
}

TEST(F16, EveryPatternSurvivesThereAndBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = float_from_f16(static_cast<std::uint16_t>(bits));
    if (!std::isnan(value)) {
      ASSERT_EQ(f16_from_float(value), bits);
    }
  }
}

TEST(Bf16, EveryPatternSurvivesThereAndBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = float_from_bf16(static_cast<std::uint16_t>(bits));
    if (!std::isnan(value)) {
      ASSERT_EQ(bf16_from_float(value), bits);
    }
  }
}

TEST(F8e4m3, SaturatesAndSurvivesThereAndBack) {
  EXPECT_EQ(float_from_f8e4m3(0x7e), 448.0f);
  EXPECT_EQ(f8e4m3_from_float(1e9f), 0x7e);
  EXPECT_EQ(f8e4m3_from_float(-INFINITY), 0xfe);
  EXPECT_EQ(f8e4m3_from_float(1.0f), 0x38);
  EXPECT_EQ(f8e4m3_from_float(1.0625f), 0x38);  // half a step of 1/8, to even
  EXPECT_EQ(f8e4m3_from_float(0x1p-9f), 0x01);  // smallest subnormal
  EXPECT_TRUE(std::isnan(float_from_f8e4m3(0x7f)));
  for (std::uint32_t bits = 0; bits < 0x100; ++bits) {
    const float value = float_from_f8e4m3(static_cast<std::uint8_t>(bits));
    if (!std::isnan(value)) {
      ASSERT_EQ(f8e4m3_from_float(value), bits);
    }
  }
}

TEST(Tf32, KeepsTenBits) {
  EXPECT_EQ(tf32_from_float(1.0f + 0x1p-10f), 1.0f + 0x1p-10f);
  EXPECT_EQ(tf32_from_float(1.0f + 0x1p-11f), 1.0f);
  EXPECT_EQ(tf32_from_float(INFINITY), INFINITY);
}

TEST(DType, StoresAndLoadsThroughEveryType) {
  for (const DType dtype : all_dtypes()) {
    const double value = dtype == DType::u8 ? 3 : -3;
    std::uint32_t bytes[2] = {};
    store_element(dtype, bytes, 1, value);
    EXPECT_EQ(load_element(dtype, bytes, 1), value) << name(dtype);
    EXPECT_EQ(load_element(dtype, bytes, 0), 0) << name(dtype);
    EXPECT_EQ(stored(dtype, value), value) << name(dtype);
  }
}

}  // namespace
}  // namespace assay::dtype_tests
