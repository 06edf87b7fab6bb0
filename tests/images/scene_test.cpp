// SPDX-License-Identifier: Apache-2.0
#include "images/scene.h"

#include <gtest/gtest.h>

#include <cmath>

#include "images/jpeg_file.h"

namespace assay::scene_tests {
namespace {

double bits_a_pixel(const Picture& picture) {
  return 8.0 * static_cast<double>(encode_jpeg(picture).size()) / static_cast<double>(picture.size.pixels());
}

TEST(RandomScene, TakesTheBitsOfAPhotograph) {
  for (const PictureSize size : {PictureSize{.height = 375, .width = 500}, {.height = 1080, .width = 1920}})
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
      const double bits = bits_a_pixel(random_scene(seed, size));
      EXPECT_GE(bits, 1.5) << size.width << " wide, seed " << seed;
      EXPECT_LE(bits, 2.5) << size.width << " wide, seed " << seed;
    }
}

TEST(RandomScene, IsTheSameForASeedAndAnotherForAnother) {
  const PictureSize size{.height = 61, .width = 83};
  EXPECT_EQ(random_scene(7, size).rgb, random_scene(7, size).rgb);
  EXPECT_NE(random_scene(7, size).rgb, random_scene(8, size).rgb);
}

/// Mean square of the difference of green `distance` columns apart.
double change_over(const Picture& p, std::int64_t distance) {
  double sum = 0, count = 0;
  for (std::int64_t y = 0; y < p.size.height; ++y)
    for (std::int64_t x = 0; x + distance < p.size.width; ++x, ++count) {
      const auto green = [&](std::int64_t column) {
        return static_cast<double>(p.rgb[static_cast<std::size_t>(3 * (y * p.size.width + column) + 1)]);
      };
      sum += std::pow(green(x + distance) - green(x), 2);
    }
  return sum / count;
}

// Of a spectrum that falls as 1/f in amplitude, what changes grows about with the logarithm of the distance;
// of noise not at all, of a gradient with its square.
TEST(RandomScene, ChangesMoreOverLongerDistancesAndAtAllOfThem) {
  const Picture picture = random_scene(3, {.height = 256, .width = 512});
  double before = change_over(picture, 1);
  EXPECT_GT(before, 4);
  for (const std::int64_t distance : {4, 16, 64}) {
    const double now = change_over(picture, distance);
    EXPECT_GT(now, 1.2 * before) << distance;
    EXPECT_LT(now, 8 * before) << distance;
    before = now;
  }
}

TEST(RandomScene, UsesTheWholeRangeAndSaturatesLittleOfIt) {
  const Picture picture = random_scene(5, {.height = 375, .width = 500});
  double sum = 0, square = 0, saturated = 0;
  for (const std::uint8_t value : picture.rgb) {
    sum += value;
    square += value * value;
    saturated += value == 0 || value == 255 ? 1 : 0;
  }
  const auto count = static_cast<double>(picture.rgb.size());
  const double mean = sum / count, deviation = std::sqrt(square / count - mean * mean);
  EXPECT_GT(mean, 60);
  EXPECT_LT(mean, 190);
  EXPECT_GT(deviation, 30);
  EXPECT_LT(saturated / count, 0.1);
}

TEST(RandomScene, HasAnySize) {
  for (const PictureSize size :
       {PictureSize{.height = 1, .width = 1}, {.height = 1, .width = 700}, {.height = 300, .width = 2}})
    EXPECT_EQ(random_scene(1, size).rgb.size(), static_cast<std::size_t>(size.rgb_bytes()));
}

}  // namespace
}  // namespace assay::scene_tests
