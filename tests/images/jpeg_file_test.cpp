// SPDX-License-Identifier: Apache-2.0
#include "images/jpeg_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "images/scene.h"
#include "support/jpeg_bytes.h"
#include "support/jpeg_writer.h"

namespace assay::jpeg_file_tests {
namespace {

using test::decoded;
using test::JpegBytes;
using test::with_orientation;
using Colour = JpegOptions::Colour;

constexpr PictureSize kSize{.height = 37, .width = 53};

double root_mean_square(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(a[i] - b[i], 2);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

TEST(JpegFile, GivesBackAboutWhatWasWritten) {
  const Picture picture = random_scene(1, kSize);
  double before = 30;
  for (const int quality : {50, 85, 100}) {
    const auto [result, rgb] = decoded(encode_jpeg(picture, {.quality = quality, .colour = Colour::yuv_444}));
    ASSERT_EQ(result.status, JpegStatus::decoded);
    ASSERT_EQ(result.size, kSize);
    const double error = root_mean_square(rgb, picture.rgb);
    EXPECT_LT(error, 0.8 * before) << "quality " << quality;
    before = error;
  }
  EXPECT_LT(before, 1.5);
}

TEST(JpegFile, IsTheSamePictureWrittenInScansOfMoreAndMore) {
  const Picture picture = random_scene(2, kSize);
  const auto sequential = decoded(encode_jpeg(picture)),
             progressive = decoded(encode_jpeg(picture, {.progressive = true})),
             restarted = decoded(encode_jpeg(picture, {.restart_rows = 1}));
  EXPECT_EQ(progressive.second, sequential.second);
  EXPECT_EQ(restarted.second, sequential.second);
}

TEST(JpegFile, MakesGreyThreeEqualChannels) {
  const auto [result, rgb] = decoded(encode_jpeg(random_scene(2, kSize), {.colour = Colour::grey}));
  ASSERT_EQ(result.status, JpegStatus::decoded);
  for (std::size_t i = 0; i < rgb.size(); i += 3)
    ASSERT_TRUE(rgb[i] == rgb[i + 1] && rgb[i] == rgb[i + 2]) << i;
}

// T.81 and JFIF know no inks; Adobe's marker says that they are stored inverted.
TEST(JpegFile, MakesColoursOfInks) {
  test::JpegCoefficients inks{{.height = 8, .width = 8}, {}};
  const std::array<int, 4> values = {255, 128, 64, 200};  // of C, M, Y, K as stored
  for (const int value : values) {
    test::JpegComponent c{
        .id = static_cast<int>(inks.components.size()) + 1, .blocks_wide = 1, .blocks_high = 1};
    c.steps.fill(1);
    c.blocks = {test::JpegBlock{(value - 128) * 8}};
    inks.components.push_back(c);
  }
  const auto pixel_of = [&](std::optional<int> transform) {
    inks.adobe_transform = transform;
    const auto [result, rgb] = decoded(test::JpegWriter::file_of(inks));
    EXPECT_EQ(result.status, JpegStatus::decoded);
    return std::array{int{rgb[0]}, int{rgb[1]}, int{rgb[2]}};
  };
  EXPECT_EQ(pixel_of(0), (std::array{200, 100, 50}))
      << "CMYK of Adobe: what each leaves, of what black leaves";
  EXPECT_EQ(pixel_of(std::nullopt), (std::array{0, 27, 41})) << "(255 - ink)(255 - 200) / 255";
  // YCCK: 255 + 1.402 (64 - 128) = 165.3 and so on are what the inks leave of 255, and so are inverted again.
  EXPECT_EQ(pixel_of(2), (std::array{71, 0, 0}));
}

TEST(JpegFile, IsTurnedAsExifSays) {
  const std::vector<std::uint8_t> file = encode_jpeg(random_scene(3, kSize), {.colour = Colour::yuv_444});
  const std::vector<std::uint8_t> stored = decoded(file).second;
  // Of the first stored row and column: where they are shown (Exif 2.32, 4.6.4, Orientation).
  const auto shown = [&](int orientation, std::int64_t y,
                         std::int64_t x) -> std::pair<std::int64_t, std::int64_t> {
    const std::int64_t down = kSize.height - 1 - y, right = kSize.width - 1 - x;
    switch (orientation) {
      case 2: return {y, right};
      case 3: return {down, right};
      case 4: return {down, x};
      case 5: return {x, y};
      case 6: return {x, down};
      case 7: return {right, down};
      case 8: return {right, y};
      default: return {y, x};
    }
  };
  for (const bool little : {false, true})
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const JpegBytes turned = with_orientation(file, orientation, little);
      EXPECT_EQ(look_at_jpeg(turned).orientation, orientation);
      const auto [result, rgb] = decoded(turned);
      ASSERT_EQ(result.status, JpegStatus::decoded);
      const PictureSize size =
          orientation < 5 ? kSize : PictureSize{.height = kSize.width, .width = kSize.height};
      ASSERT_EQ(result.size, size);
      for (std::int64_t y = 0; y < kSize.height; ++y)
        for (std::int64_t x = 0; x < kSize.width; ++x) {
          const auto [to_y, to_x] = shown(orientation, y, x);
          for (std::int64_t c = 0; c < 3; ++c)
            ASSERT_EQ(rgb[static_cast<std::size_t>(3 * (to_y * size.width + to_x) + c)],
                      stored[static_cast<std::size_t>(3 * (y * kSize.width + x) + c)])
                << "orientation " << orientation << ", " << y << " " << x;
        }
    }
  EXPECT_EQ(look_at_jpeg(with_orientation(file, 9, true)).orientation, 1) << "there is no ninth";
}

TEST(JpegLook, SaysWhatAFileIs) {
  const JpegLook look = look_at_jpeg(encode_jpeg(random_scene(1, kSize), {.progressive = true}));
  EXPECT_EQ(look.status, JpegStatus::decoded);
  EXPECT_EQ(look.stored, kSize);
  EXPECT_EQ(look.components, 3);
  EXPECT_EQ(look.precision, 8);
  EXPECT_TRUE(look.progressive);
  EXPECT_FALSE(look_at_jpeg(encode_jpeg(random_scene(1, kSize))).progressive);
  EXPECT_EQ(look_at_jpeg(encode_jpeg(random_scene(1, kSize), {.colour = Colour::grey})).components, 1);
}

struct Refused {
  const char* what;
  JpegBytes file;
  JpegStatus status;
};

std::vector<Refused> refused_files() {
  const JpegBytes good = encode_jpeg(random_scene(1, kSize));
  const std::size_t frame = test::segment_at(good, 0xc0), scan = test::segment_at(good, 0xda);
  const auto patched = [&](std::size_t at, std::initializer_list<int> values) {
    JpegBytes file = good;
    for (const int value : values) file[at++] = static_cast<std::uint8_t>(value);
    return file;
  };
  const auto cut = [&](std::size_t size) {
    return JpegBytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
  };
  return {{"nothing", {}, JpegStatus::not_jpeg},
          {"a PNG file", {0x89, 'P', 'N', 'G', 13, 10, 26, 10}, JpegStatus::not_jpeg},
          {"text", {'h', 'e', 'l', 'l', 'o'}, JpegStatus::not_jpeg},
          {"12 bits", patched(frame + 4, {12}), JpegStatus::unsupported},
          {"lossless", patched(frame + 1, {0xc3}), JpegStatus::unsupported},
          {"arithmetic codes", patched(frame + 1, {0xc9}), JpegStatus::unsupported},
          {"no height", patched(frame + 5, {0, 0}), JpegStatus::unsupported},
          {"two components", patched(frame + 9, {2}), JpegStatus::unsupported},
          {"no columns", patched(frame + 7, {0, 0}), JpegStatus::damaged},
          {"65501 columns", patched(frame + 7, {0xff, 0xdd}), JpegStatus::too_large},
          {"65500 rows of 65500", patched(frame + 5, {0xff, 0xdc, 0xff, 0xdc}), JpegStatus::too_large},
          {"a beginning", cut(3), JpegStatus::damaged},
          {"a header", cut(scan), JpegStatus::damaged},
          {"half of the scan", cut((scan + good.size()) / 2), JpegStatus::damaged},
          {"all but the end", cut(good.size() - 2), JpegStatus::damaged},
          {"bytes between markers",
           [&] {
             JpegBytes file = good;
             file.insert(file.end() - 2, 20, 1);
             return file;
           }(),
           JpegStatus::damaged},
          {"a taller picture than its data", patched(frame + 5, {0, 54}), JpegStatus::damaged},
          {"a shorter one", patched(frame + 5, {0, 10}), JpegStatus::damaged}};
}

TEST(JpegFile, IsRefusedByName) {
  for (const Refused& r : refused_files()) {
    const auto [result, rgb] = decoded(r.file);
    EXPECT_EQ(result.status, r.status) << r.what << ": " << name(result.status);
    EXPECT_EQ(result.size, PictureSize{}) << r.what;
  }
}

TEST(JpegLook, SaysWhyAFileIsRefused) {
  for (const Refused& r : refused_files()) {
    const JpegLook look = look_at_jpeg(r.file);
    EXPECT_EQ(look.status == JpegStatus::decoded, look.why.empty()) << r.what;
  }
}

TEST(JpegFile, MayBeAsWideAsTheStandardAllowsUs) {
  for (const PictureSize size : {PictureSize{.height = 1, .width = kMostJpegSide},
                                 {.height = kMostJpegSide, .width = 1},
                                 {.height = 1, .width = 1}}) {
    const auto [result, rgb] = decoded(encode_jpeg(random_scene(4, size)));
    EXPECT_EQ(result.status, JpegStatus::decoded);
    EXPECT_EQ(result.size, size);
  }
}

TEST(JpegFile, NeedsRoomForEveryByte) {
  const JpegBytes file = encode_jpeg(random_scene(1, kSize));
  EXPECT_EQ(decoded(file, kSize.rgb_bytes()).first.status, JpegStatus::decoded);
  EXPECT_EQ(decoded(file, kSize.rgb_bytes() - 1).first.status, JpegStatus::too_large);
}

TEST(JpegFile, IsNotWrittenOfWhatNoneHolds) {
  EXPECT_THROW(encode_jpeg(Picture{{.height = 1, .width = 1}, {}}), std::logic_error);
  EXPECT_THROW(encode_jpeg(random_scene(1, {.height = 1, .width = 65536})), std::logic_error);
}

}  // namespace
}  // namespace assay::jpeg_file_tests
