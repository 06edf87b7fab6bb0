// SPDX-License-Identifier: Apache-2.0
#include "kernels/resize_normalise/resize_normalise.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/json_file.h"
#include "device/backend.h"
#include "support/host_op.h"
#include "support/poisoned_pictures.h"
#include "support/source_dir.h"

namespace assay::resize_normalise_tests {
namespace {

using Params = ResizeNormalise::Params;

/// y of one picture, whose values are a formula's.
std::vector<double> resized(Params params, PictureSize size,
                            int (*value)(std::int64_t, std::int64_t, std::int64_t)) {
  params.sizes = {size};
  params.capacity = size.rgb_bytes() + 5;
  std::vector<double> pixels(static_cast<std::size_t>(params.capacity), 255);
  for (std::int64_t y = 0; y < size.height; ++y)
    for (std::int64_t x = 0; x < size.width; ++x)
      for (std::int64_t c = 0; c < 3; ++c)
        pixels[static_cast<std::size_t>(3 * (y * size.width + x) + c)] = value(y, x, c);
  const auto real = [](std::int64_t v) { return static_cast<double>(v); };
  return expected_of(ResizeNormalise(params), {pixels, {real(size.height), real(size.width), 0}}).values[0];
}

int of_formula(std::int64_t y, std::int64_t x, std::int64_t c) {
  return static_cast<int>(((x * 7 + y * 13 + c * 50) ^ (x * y)) & 255);
}
int of_column(std::int64_t, std::int64_t x, std::int64_t) {
  return static_cast<int>(x);
}
int of_place(std::int64_t y, std::int64_t x, std::int64_t c) {
  return static_cast<int>(100 * c + 10 * y + x);
}

/// Pillow rounds to a byte twice, by half a step each, and its weights to 22 bits.
constexpr double kPillow = 0.5 + 0.5 + 0.001;

void expect_pillows(const std::vector<double>& values, const Json& right, const std::string& what) {
  ASSERT_EQ(values.size(), right.size()) << what;
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_NEAR(values[i], right[i].get<double>(), kPillow) << what << " value " << i;
}

TEST(ResizeNormalise, IsPillowsToAStepOf255) {
  const Json golden = load_json(test::test_source_dir() / "tests/golden/vision/resized.json");
  for (const Json& c : golden["stretched"]) {
    const auto number = [&](const char* key) { return c[key].get<std::int64_t>(); };
    const Params p{.fit = Fit::stretch, .out_h = number("out_h"), .out_w = number("out_w"), .scale = 1};
    expect_pillows(resized(p, {number("height"), number("width")}, of_formula), c["values"],
                   std::to_string(p.out_h) + "x" + std::to_string(p.out_w));
  }
}

TEST(ResizeNormalise, CutsOutWhatTorchvisionDoes) {
  const Json golden = load_json(test::test_source_dir() / "tests/golden/vision/resized.json");
  for (const Json& c : golden["cropped"]) {
    const auto number = [&](const char* key) { return c[key].get<std::int64_t>(); };
    const Params p{.resize = number("resize"), .out_h = number("out"), .out_w = number("out"), .scale = 1};
    expect_pillows(resized(p, {number("height"), number("width")}, of_formula), c["values"],
                   std::to_string(p.resize) + " to " + std::to_string(p.out_h));
  }
}

TEST(ResizeGeometry, BeginsACropAsEachLibraryRounds) {
  for (const auto& [spare, even, down] :
       {std::array{0, 0, 0}, {1, 0, 0}, {2, 1, 1}, {3, 2, 1}, {5, 2, 2}, {7, 4, 3}, {32, 16, 16}}) {
    EXPECT_EQ(crop_begin(spare, CropOffset::half_to_even), even) << spare;
    EXPECT_EQ(crop_begin(spare, CropOffset::half_down), down) << spare;
  }
}

ResizeView view(Params params, PictureSize size) {
  params.sizes = {size};
  params.capacity = std::max<std::int64_t>(3, size.rgb_bytes());
  return view_of(ResizeNormalise(params).rule(), size.height, size.width);
}

TEST(ResizeGeometry, GivesTheLongerSideItsShareRoundedDown) {
  const ResizeView wide = view({}, {.height = 375, .width = 500}),
                   high = view({}, {.height = 1920, .width = 1080});
  EXPECT_EQ(wide.resized_h, 256);
  EXPECT_EQ(wide.resized_w, 341);  // 341.33
  EXPECT_EQ(wide.left, 58);        // 117 / 2 = 58.5, to even
  EXPECT_EQ(high.resized_w, 256);
  EXPECT_EQ(high.resized_h, 455);  // 455.1
  EXPECT_EQ(high.top, 116);        // 115.5, to even
}

TEST(ResizeGeometry, PutsALetterboxsPictureInTheTopLeftCorner) {
  const Params yolox{.fit = Fit::letterbox, .out_h = 640, .out_w = 640};
  const ResizeView wide = view(yolox, {.height = 1080, .width = 1920}),
                   line = view(yolox, {.height = 2, .width = 3000});
  EXPECT_EQ(wide.shown_h, 360);
  EXPECT_EQ(wide.shown_w, 640);
  EXPECT_EQ(line.shown_h, 1);
  EXPECT_EQ(view(yolox, {}).shown_h, 0);
}

// 4 to 2: each is the triangle over 4 pixels, of which the edge cuts one off: (3 * 0 + 3 * 1 + 1 * 2) / 7.
TEST(ResizeNormalise, WeighsByATriangleThatThePictureCutsOff) {
  const auto y = resized({.fit = Fit::stretch, .out_h = 1, .out_w = 2, .scale = 1}, {1, 4}, of_column);
  EXPECT_NEAR(y[0], 5.0 / 7, 1e-12);
  EXPECT_NEAR(y[3], (1.0 * 1 + 3 * 2 + 3 * 3) / 7, 1e-12);
}

TEST(ResizeNormalise, LeavesAPictureOfTheRightSizeAsItIs) {
  const auto y = resized({.fit = Fit::stretch, .out_h = 5, .out_w = 4, .scale = 1}, {5, 4}, of_place);
  for (std::int64_t i = 0; i < 5 * 4 * 3; ++i)
    EXPECT_NEAR(y[static_cast<std::size_t>(i)], of_place(i / 12, i / 3 % 4, i % 3), 1e-12);
}

TEST(ResizeNormalise, NormalisesEachChannelOfTheOutput) {
  const Params p{
      .fit = Fit::stretch, .out_h = 1, .out_w = 1, .scale = 0.5f, .mean = {1, 2, 3}, .deviation = {1, 2, 4}};
  Params bgr = p;
  bgr.order = ChannelOrder::bgr;
  const auto value = [](std::int64_t, std::int64_t, std::int64_t c) {
    return static_cast<int>(10 * (c + 1));
  };
  EXPECT_EQ(resized(p, {1, 1}, value), (std::vector<double>{4, 4, 3}));
  EXPECT_EQ(resized(bgr, {1, 1}, value), (std::vector<double>{14, 4, 0.5}));
}

TEST(ResizeNormalise, PadsWhatALetterboxLeavesAndWhatIsNoPicture) {
  const Params p{.fit = Fit::letterbox, .out_h = 2, .out_w = 2, .scale = 1, .padding = 7};
  const auto half = resized(p, {1, 2}, of_place);
  EXPECT_EQ(half, (std::vector<double>{0, 100, 200, 1, 101, 201, 7, 7, 7, 7, 7, 7}));
  EXPECT_EQ(resized(p, {0, 0}, of_place), std::vector<double>(12, 7));
}

TEST(PixelLayout, PutsPatchesOneAfterTheOtherEachByChannelRowAndColumn) {
  const auto y = resized(
      {.fit = Fit::stretch, .out_h = 2, .out_w = 4, .scale = 1, .layout = PixelLayout::patches, .patch = 2},
      {2, 4}, of_place);
  EXPECT_EQ(y, (std::vector<double>{0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211,  //
                                    2, 3, 12, 13, 102, 103, 112, 113, 202, 203, 212, 213}));
}

TEST(PixelLayout, PutsTheFourPixelsOfAFocusDownFirst) {
  const auto y =
      resized({.fit = Fit::stretch, .out_h = 2, .out_w = 4, .scale = 1, .layout = PixelLayout::focus}, {2, 4},
              of_place);
  EXPECT_EQ(y, (std::vector<double>{0, 100, 200, 10, 110, 210, 1, 101, 201, 11, 111, 211,  //
                                    2, 102, 202, 12, 112, 212, 3, 103, 203, 13, 113, 213}));
}

TEST(PixelLayout, GivesEachElementOnce) {
  for (const PixelLayout layout : {PixelLayout::nhwc, PixelLayout::patches, PixelLayout::focus}) {
    const ResizeRule r{.images = 2, .out_h = 6, .out_w = 4, .patch = 2, .layout = layout};
    std::vector<int> times(2 * 6 * 4 * 3);
    for (std::int64_t i = 0; i < 2 * 6 * 4 * 3; ++i)
      ++times.at(static_cast<std::size_t>(element_of(r, i / 72, i / 12 % 6, i / 3 % 4, i % 3)));
    EXPECT_EQ(times, std::vector<int>(times.size(), 1));
  }
}

TEST(ResizeNormalise, CountsRowsAndThenColumns) {
  // 8x8 to 4x4, of which the middle 2x2: rows 1 to 6 and columns 1 to 6, each result of 4 of them.
  const ResizeNormalise op({.sizes = {{8, 8}}, .capacity = 192, .resize = 4, .out_h = 2, .out_w = 2});
  const Cost cost = op.cost();
  EXPECT_EQ(cost.memory().read, 3 * 6 * 6 + 12);
  EXPECT_EQ(cost.memory().written, 2 * 2 * 3 * 4);
  EXPECT_EQ(cost.flops, 2 * 3 * (2 * 6 * 4 + 2 * 2 * 4) + 2 * 12);
}

TEST(ResizeNormalise, ObjectsToSizesThatNoPictureHas) {
  const ResizeNormalise op({.sizes = {{4, 4}, {4, 4}}, .capacity = 60, .resize = 4, .out_h = 4, .out_w = 4});
  const auto said = [&](std::vector<std::int32_t> sizes) {
    const std::vector<TensorView> in = {{}, {sizes.data(), DType::i32, 6}};
    return op.check_inputs(in);
  };
  EXPECT_EQ(said({4, 4, 0, 0, 0, 3}), "");
  for (const auto& [height, width] :
       {std::pair(0, 4), {4, 0}, {-1, -4}, {4, 6}, {65501, 1}, {0x7fffffff, 0x7fffffff}})
    EXPECT_NE(said({4, 4, 0, height, width, 0}).find("image 1"), std::string::npos) << height << " " << width;
}

TEST(ResizeNormalise, RefusesParametersThatMakeNoSense) {
  const auto make = [](Params p) {
    if (p.sizes.empty()) p.sizes = {{4, 4}};
    p.capacity = 48;
    return ResizeNormalise(p);
  };
  EXPECT_THROW(make({.resize = 223}), std::logic_error);
  EXPECT_THROW(make({.sizes = {{5, 4}}}), std::logic_error);
  EXPECT_THROW(make({.fit = Fit::stretch, .out_h = 0}), std::logic_error);
  EXPECT_THROW(make({.layout = PixelLayout::patches, .patch = 15}), std::logic_error);
  EXPECT_THROW(make({.fit = Fit::stretch, .out_h = 3, .layout = PixelLayout::focus}), std::logic_error);
  EXPECT_THROW(make({.deviation = {1, 0, 1}}), std::logic_error);
  EXPECT_NO_THROW(make({}));
}

TEST(ResizeNormalise, ReadsNothingOfSizesThatNoPictureHas) {
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  expect_poisoned_pictures_are_padding(*lane, cpu_backend().kernels);
}

}  // namespace
}  // namespace assay::resize_normalise_tests
