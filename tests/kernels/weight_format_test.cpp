// SPDX-License-Identifier: Apache-2.0
#include "kernels/weight_format.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::weight_format_tests {
namespace {

using Elements = WeightFormat::Elements;
using Scale = WeightFormat::Scale;
using Zero = WeightFormat::Zero;

/// Tensors by hand: bytes as doubles are theirs.
struct Held {
  std::vector<std::vector<std::byte>> bytes;
  std::vector<TensorView> views;

  Held(const WeightFormat& format, std::int64_t rows, std::int64_t cols,
       const std::vector<std::vector<double>>& values) {
    const std::vector<TensorSpec> specs = format.tensors(rows, cols);
    EXPECT_EQ(specs.size(), values.size());
    for (std::size_t i = 0; i < specs.size(); ++i) {
      EXPECT_EQ(specs[i].elements(), static_cast<std::int64_t>(values[i].size())) << specs[i].name;
      bytes.emplace_back(static_cast<std::size_t>(specs[i].bytes()));
      for (std::size_t e = 0; e < values[i].size(); ++e)
        store_element(specs[i].dtype, bytes.back().data(), static_cast<std::int64_t>(e), values[i][e]);
    }
    for (std::size_t i = 0; i < specs.size(); ++i)
      views.push_back({bytes[i].data(), specs[i].dtype, specs[i].elements()});
  }
};

TEST(WeightFormat, ReadsSignedBytesWithAScaleARow) {
  const WeightFormat format{.name = "int8", .is_signed = true};
  const Held held(format, 2, 2, {{1, 255, 128, 127}, {0.5, 2}});
  EXPECT_EQ(format.weight(held.views, 2, 0, 0), 0.5);
  EXPECT_EQ(format.weight(held.views, 2, 0, 1), -0.5);
  EXPECT_EQ(format.weight(held.views, 2, 1, 0), -256);
  EXPECT_EQ(format.weight(held.views, 2, 1, 1), 254);
}

// 0x31 holds 1, then 3: the first element in the lower bits. Without zero points the middle, 8, stands for 0.
TEST(WeightFormat, UnpacksFourBitsFromTheLowestUp) {
  const WeightFormat plain{.name = "", .bits = 4, .group_cols = 2};
  const Held held(plain, 1, 4, {{0x31, 0xf8}, {1, 10}});
  EXPECT_EQ(plain.weight(held.views, 4, 0, 0), -7);
  EXPECT_EQ(plain.weight(held.views, 4, 0, 1), -5);
  EXPECT_EQ(plain.weight(held.views, 4, 0, 2), 0);
  EXPECT_EQ(plain.weight(held.views, 4, 0, 3), 70);
}

TEST(WeightFormat, TakesPackedZeroPointsAndTheGroupThatAnIndexNames) {
  const WeightFormat format{
      .name = "", .bits = 4, .group_cols = 2, .scale = Scale::f16, .zero = Zero::packed, .group_index = true};
  // Groups 0 and 1 have scales 1 and 10, zero points 2 and 5; columns 0 and 3 are of group 1.
  const Held held(format, 1, 4, {{0x31, 0xf8}, {1, 10}, {0x52}, {1, 0, 0, 1}});
  EXPECT_EQ(format.weight(held.views, 4, 0, 0), (1 - 5) * 10);
  EXPECT_EQ(format.weight(held.views, 4, 0, 1), 3 - 2);
  EXPECT_EQ(format.weight(held.views, 4, 0, 2), 8 - 2);
  EXPECT_EQ(format.weight(held.views, 4, 0, 3), (15 - 5) * 10);
}

TEST(WeightFormat, AddsTheShiftOfAGroup) {
  const WeightFormat format{
      .name = "", .bits = 4, .group_cols = 2, .scale = Scale::bf16, .zero = Zero::shift};
  const Held held(format, 1, 2, {{0x31}, {2}, {-3}});
  EXPECT_EQ(format.weight(held.views, 2, 0, 0), 1 * 2 - 3);
  EXPECT_EQ(format.weight(held.views, 2, 0, 1), 3 * 2 - 3);
}

// Codes 1, 7, 9 and 15 are 0.5, 6, -0.5 and -6; a scale of 129 is 2^2.
TEST(WeightFormat, ReadsMicroscaledFloatsOfFourBits) {
  const WeightFormat format{
      .name = "", .elements = Elements::e2m1, .bits = 4, .group_cols = 2, .scale = Scale::e8m0};
  const Held held(format, 1, 4, {{0x71, 0xf9}, {127, 129}});
  EXPECT_EQ(format.weight(held.views, 4, 0, 0), 0.5);
  EXPECT_EQ(format.weight(held.views, 4, 0, 1), 6);
  EXPECT_EQ(format.weight(held.views, 4, 0, 2), -2);
  EXPECT_EQ(format.weight(held.views, 4, 0, 3), -24);
}

TEST(WeightFormat, TakesTheScaleOfAnElementsBlock) {
  const WeightFormat format{
      .name = "", .elements = Elements::e4m3, .group_rows = 2, .group_cols = 2, .multiplied = DType::f8e4m3};
  const Held held(format, 3, 3, {{1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 2, 3, 4}});
  EXPECT_EQ(format.weight(held.views, 3, 1, 1), 1);
  EXPECT_EQ(format.weight(held.views, 3, 1, 2), 2);
  EXPECT_EQ(format.weight(held.views, 3, 2, 0), 3);
  EXPECT_EQ(format.weight(held.views, 3, 2, 2), 4);
}

TEST(WeightFormat, GivesEachOfItsPartsItsOwnScaleAndBlocks) {
  const WeightFormat one{.name = "",
                         .elements = Elements::e4m3,
                         .group_rows = 0,
                         .parts = {{2, 1}, {1, 1}},
                         .multiplied = DType::f8e4m3};
  const Held held(one, 3, 1, {{1, 1, 1}, {5, 7}});
  EXPECT_EQ(one.weight(held.views, 1, 1, 0), 5);
  EXPECT_EQ(one.weight(held.views, 1, 2, 0), 7);
  // Blocks of 2 rows begin anew with each part: 3 rows and 3 rows are 2 + 2 of them.
  const WeightFormat blocks{.name = "", .elements = Elements::e4m3, .group_rows = 2, .parts = {{3, 2}}};
  const Held two(blocks, 6, 1, {{1, 1, 1, 1, 1, 1}, {1, 2, 3, 4}});
  EXPECT_EQ(blocks.weight(two.views, 1, 2, 0), 2);
  EXPECT_EQ(blocks.weight(two.views, 1, 3, 0), 3);
  EXPECT_EQ(blocks.weight(two.views, 1, 5, 0), 4);
}

// 4096 x 4096 as the files of each method hold it.
TEST(WeightFormat, CountsTheBytesOfAFileByHand) {
  constexpr std::int64_t n = 4096, k = 4096, elements = n * k, groups = elements / 128;
  EXPECT_EQ((WeightFormat{.name = "", .is_signed = true}.bytes(n, k)), elements + 4 * n);
  EXPECT_EQ((WeightFormat{.name = "", .elements = Elements::e4m3, .group_rows = 128, .group_cols = 128}.bytes(
                n, k)),
            elements + 4 * (n / 128) * (k / 128));
  // AWQ: 4 bits, and of each group an f16 and 4 bits more; GPTQ: an i32 a column besides.
  const WeightFormat awq{.name = "", .bits = 4, .group_cols = 128, .scale = Scale::f16, .zero = Zero::packed};
  EXPECT_EQ(awq.bytes(n, k), elements / 2 + 2 * groups + groups / 2);
  WeightFormat gptq = awq;
  gptq.group_index = true;
  EXPECT_EQ(gptq.bytes(n, k), awq.bytes(n, k) + 4 * k);
  gptq.parts = {{n / 2, 2}};
  EXPECT_EQ(gptq.bytes(n, k), awq.bytes(n, k) + 2 * 4 * k);
  // NF4 with scales of 64 in int8, 256 of which share an f32, and a table of 256.
  EXPECT_EQ((WeightFormat{
                .name = "", .elements = Elements::nf4, .bits = 4, .group_cols = 64, .scale = Scale::nested}
                 .bytes(n, k)),
            elements / 2 + elements / 64 + 4 * elements / 64 / 256 + 4 * 256);
  EXPECT_EQ((WeightFormat{.name = "", .bits = 3, .group_cols = 64, .scale = Scale::f16}.bytes(n, k)),
            elements * 3 / 8 + 2 * elements / 64);
}

TEST(WeightFormat, FillsWeightsWhoseSumsComeOutNearOne) {
  for (const WeightFormat& format : weight_formats()) {
    constexpr std::int64_t kRows = 130, kCols = 256;
    Held held(format, kRows, kCols, [&] {
      std::vector<std::vector<double>> values;
      for (const TensorSpec& spec : format.tensors(kRows, kCols)) {
        std::vector<double> filled;
        for (std::int64_t i = 0; i < spec.elements(); ++i) {
          const double spread = static_cast<double>(i * 37 % 101) / 50 - 1;  // over [-1, 1]
          filled.push_back(spec.fill.kind == Fill::Kind::normal
                               ? spec.fill.mean + spread * 1.7 * spec.fill.deviation
                           : spec.fill.kind == Fill::Kind::cycle
                               ? static_cast<double>(spec.fill.start + i % spec.fill.limit)
                               : static_cast<double>(i * 37 % 256 % spec.fill.limit));
        }
        values.push_back(std::move(filled));
      }
      return values;
    }());
    double squares = 0;
    for (std::int64_t c = 0; c < kCols; ++c) squares += std::pow(format.weight(held.views, kCols, 1, c), 2);
    EXPECT_GT(squares, 0.1) << format.name;
    EXPECT_LT(squares, 10) << format.name;
  }
}

}  // namespace
}  // namespace assay::weight_format_tests
