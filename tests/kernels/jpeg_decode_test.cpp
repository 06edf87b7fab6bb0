// SPDX-License-Identifier: Apache-2.0
#include "kernels/jpeg_decode/jpeg_decode.h"

#include <gtest/gtest.h>

#include "device/backend.h"
#include "images/scene.h"
#include "kernels/jpeg_decode/reference_decode.h"
#include "measure/op_data.h"
#include "measure/verify.h"
#include "support/host_op.h"
#include "support/jpeg_bytes.h"
#include "support/jpeg_truth.h"

namespace assay::jpeg_decode_tests {
namespace {

using test::decoded;
using test::JpegBytes;
using test::JpegTruth;
using test::JpegWriter;
using test::random_coefficients;
using test::with_orientation;
using Colour = JpegOptions::Colour;
using Factors = std::vector<std::pair<int, int>>;

std::shared_ptr<const JpegFiles> files_of(const std::vector<JpegBytes>& list) {
  auto files = std::make_shared<JpegFiles>();
  for (const JpegBytes& file : list) files->add(file);
  return files;
}

/// The largest distance of libjpeg's bytes from the reference's values, in steps.
double steps_apart(const JpegBytes& file) {
  const auto [result, rgb] = decoded(file);
  const ReferencePicture reference = reference_decode(file, 1 << 20);
  EXPECT_EQ(result.status, JpegStatus::decoded);
  EXPECT_EQ(reference.status, JpegStatus::decoded);
  EXPECT_EQ(result.size, reference.size);
  double worst = 0;
  for (std::size_t i = 0; i < std::min(rgb.size(), reference.rgb.size()); ++i)
    worst = std::max(worst, std::abs(rgb[i] - reference.rgb[i]));
  return worst;
}
double most_steps(const JpegBytes& file) {
  return 255 * JpegDecode::most_steps(look_at_jpeg(file)).value();
}

struct Drawn {
  const char* what;
  Factors factors;
};
const std::vector<Drawn> kDrawn = {{"4:4:4", {{1, 1}, {1, 1}, {1, 1}}},
                                   {"4:2:2", {{2, 1}, {1, 1}, {1, 1}}},
                                   {"4:2:0", {{2, 2}, {1, 1}, {1, 1}}},
                                   {"4:4:0", {{1, 2}, {1, 1}, {1, 1}}},
                                   {"grey", {{1, 1}}}};

// The truth is the inverse transform of coefficients that the test has drawn and coded itself.
TEST(JpegReference, IsWhatDrawnCoefficientsMean) {
  for (const auto& [what, factors] : kDrawn)
    for (const int restart : {0, 3}) {
      auto picture = random_coefficients(17, {.height = 29, .width = 43}, factors);
      picture.restart_interval = restart;
      const ReferencePicture reference = reference_decode(JpegWriter::file_of(picture), 1 << 20);
      ASSERT_EQ(reference.status, JpegStatus::decoded) << what;
      ASSERT_EQ(reference.size, picture.size);
      const JpegTruth truth(picture);
      for (std::int64_t y = 0; y < 29; ++y)
        for (std::int64_t x = 0; x < 43; ++x)
          for (std::size_t c = 0; c < 3; ++c)
            ASSERT_NEAR(reference.rgb[static_cast<std::size_t>(3 * (y * 43 + x)) + c], truth.rgb(y, x)[c],
                        1e-5)
                << what << " " << y << " " << x << " " << c;
    }
}

TEST(JpegKernel, IsWithinItsStepsOfWhatDrawnCoefficientsMean) {
  for (const auto& [what, factors] : kDrawn)
    for (const std::uint64_t seed : {1, 2, 3}) {
      const auto picture = random_coefficients(seed, {.height = 61, .width = 77}, factors);
      const JpegBytes file = JpegWriter::file_of(picture);
      const auto [result, rgb] = decoded(file);
      ASSERT_EQ(result.status, JpegStatus::decoded) << what;
      const JpegTruth truth(picture);
      for (std::int64_t y = 0; y < 61; ++y)
        for (std::int64_t x = 0; x < 77; ++x)
          for (std::size_t c = 0; c < 3; ++c)
            ASSERT_NEAR(rgb[static_cast<std::size_t>(3 * (y * 77 + x)) + c], truth.rgb(y, x)[c],
                        most_steps(file))
                << what << " " << y << " " << x << " " << c;
    }
}

TEST(JpegReference, AgreesWithLibjpegOnEveryKindOfFile) {
  const Picture picture = random_scene(5, {.height = 83, .width = 117});
  for (const Colour colour : {Colour::yuv_444, Colour::yuv_422, Colour::yuv_420, Colour::grey})
    for (const int quality : {20, 85, 100})
      for (const bool progressive : {false, true})
        for (const int restart_rows : {0, 2}) {
          const JpegBytes file = encode_jpeg(picture, {quality, colour, progressive, restart_rows});
          EXPECT_LE(steps_apart(file), most_steps(file))
              << "colour " << static_cast<int>(colour) << " quality " << quality << " progressive "
              << progressive;
        }
}

TEST(JpegReference, AgreesWithLibjpegAtEveryWidthAndHeight) {
  for (const Colour colour : {Colour::yuv_422, Colour::yuv_420})
    for (std::int64_t height = 1; height <= 18; ++height)
      for (std::int64_t width = 1; width <= 18; ++width) {
        const JpegBytes file =
            encode_jpeg(random_scene(static_cast<std::uint64_t>(width), {height, width}), {.colour = colour});
        ASSERT_LE(steps_apart(file), most_steps(file))
            << width << "x" << height << " " << static_cast<int>(colour);
      }
}

TEST(JpegReference, AgreesWithLibjpegOnTurnedPicturesAndOnInks) {
  const JpegBytes file = encode_jpeg(random_scene(6, {.height = 30, .width = 47}));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const JpegBytes turned = with_orientation(file, orientation, true);
    EXPECT_LE(steps_apart(turned), most_steps(turned)) << orientation;
  }
  for (const auto& transform : {std::optional<int>(), std::optional(0), std::optional(2)}) {
    auto inks = random_coefficients(9, {.height = 21, .width = 35}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}});
    inks.adobe_transform = transform;
    const JpegBytes coded = JpegWriter::file_of(inks);
    EXPECT_LE(steps_apart(coded), most_steps(coded)) << transform.value_or(-1);
  }
  for (const auto& [adobe, first_id] : {std::pair(std::optional(0), 1), {std::optional<int>(), int{'R'}}}) {
    auto colours = random_coefficients(10, {.height = 21, .width = 35}, {{1, 1}, {1, 1}, {1, 1}});
    colours.adobe_transform = adobe;
    for (int i = 0; i < 3; ++i)
      colours.components[static_cast<std::size_t>(i)].id = first_id == 1 ? i + 1 : "RGB"[i];
    const JpegBytes coded = JpegWriter::file_of(colours);
    EXPECT_LE(steps_apart(coded), most_steps(coded)) << "colours that are stored as they are";
  }
}

TEST(JpegReference, RefusesWhatTheKernelRefuses) {
  const JpegBytes good = encode_jpeg(random_scene(1, {.height = 37, .width = 53}));
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 8) {
    const JpegBytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(reference_decode(cut, 1 << 20).status, decoded(cut).first.status) << size;
  }
  EXPECT_EQ(reference_decode(good, 3 * 37 * 53 - 1).status, JpegStatus::too_large);
}

// The whole way: what the kernel leaves in memory is judged, in the place of each file.
TEST(JpegDecode, ObjectsToABytesThatIsMoreThanItsStepsAway) {
  const JpegBytes file = encode_jpeg(random_scene(2, {.height = 9, .width = 11}));
  const JpegDecode op({.files = files_of({file, file}), .capacity = 400});
  const HostInputs inputs(op);
  JpegBytes pixels(800);
  std::ranges::copy(decoded(file).second, pixels.begin() + 400);
  const auto said = [&] {
    const std::vector<TensorView> out = {{pixels.data(), DType::u8, 800}, {}, {}};
    return op.objection(inputs.views(), out, 1);
  };
  EXPECT_EQ(said(), "");
  pixels[400 + 296] = static_cast<std::uint8_t>(pixels[400 + 296] < 128 ? 255 : 0);
  EXPECT_NE(said().find("file 1, byte 296"), std::string::npos) << said();
  pixels[400 + 296] = decoded(file).second[296];
  pixels[400 + 297] ^= 255;
  EXPECT_EQ(said(), "") << "behind the picture stands nobody's byte";
}

TEST(JpegDecode, SaysWhatBecameOfEachFile) {
  const JpegBytes small = encode_jpeg(random_scene(2, {.height = 9, .width = 11})),
                  large = encode_jpeg(random_scene(2, {.height = 90, .width = 110})),
                  turned = with_orientation(small, 6, false);
  JpegBytes half = large;
  half.resize(half.size() / 2);
  const JpegDecode op(
      {.files = files_of({small, {}, large, turned, JpegBytes(small.begin(), small.end() - 9)}),
       .capacity = 300});
  const Recorder expected = expected_of(op, HostInputs(op));
  EXPECT_EQ(expected.values[JpegDecode::kSizes],
            (std::vector<double>{9, 11, 0, /**/ 0, 0, 1, /**/ 0, 0, 3, /**/ 11, 9, 0, /**/ 0, 0, 4}));
  EXPECT_EQ(expected.values[JpegDecode::kMeant], (std::vector<double>{297, 0, 0, 297, 0}));
  EXPECT_EQ(capacity_for(*op.p.files), 3 * 90 * 110);
}

TEST(JpegDecode, CountsTheFilesAndThePixelsThatTheyPromise) {
  const JpegBytes file = encode_jpeg(random_scene(2, {.height = 9, .width = 11}));
  const JpegDecode op({.files = files_of({file, {1, 2, 3}}), .capacity = 1000});
  const double bytes = static_cast<double>(file.size()) + 3;
  EXPECT_EQ(op.cost().memory().read, bytes + 3 * 4);
  EXPECT_EQ(op.cost().memory().written, 3 * 9 * 11 + 2 * 4 * 4);
  EXPECT_EQ(op.cost().flops, 0);
}

TEST(JpegDecode, TellsBatchesOfOtherFilesApart) {
  const JpegBytes a = encode_jpeg(random_scene(1, {.height = 9, .width = 11})),
                  b = encode_jpeg(random_scene(2, {.height = 9, .width = 11}));
  EXPECT_NE(JpegDecode({.files = files_of({a, b}), .capacity = 1000}).shape(),
            JpegDecode({.files = files_of({b, a}), .capacity = 1000}).shape());
}

TEST(JpegDecode, NeedsFilesAndRoom) {
  const auto files = files_of({{1, 2, 3}});
  EXPECT_THROW(JpegDecode({.files = nullptr, .capacity = 3}), std::logic_error);
  EXPECT_THROW(JpegDecode({.files = std::make_shared<JpegFiles>(), .capacity = 3}), std::logic_error);
  EXPECT_THROW(JpegDecode({.files = files, .capacity = 2}), std::logic_error);
  EXPECT_THROW(JpegDecode({.files = files, .capacity = std::int64_t{1} << 31}), std::logic_error);
}

TEST(JpegDecode, TakesOffsetsThatLieOutsideForNoFile) {
  const JpegBytes file = encode_jpeg(random_scene(2, {.height = 9, .width = 11}));
  const JpegDecode op({.files = files_of({file, file, file, file}), .capacity = 300});
  const auto size = static_cast<std::int32_t>(file.size());
  const std::vector<std::vector<std::int32_t>> wrong = {
      {0, size, 4 * size + 1, -1, 4 * size}, {-1, 0, 0, 0, 0}, {5 * size, 0x7fffffff, 0, size, 0}};
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  for (const auto& offsets : wrong) {
    const std::vector<TensorView> views = {{op.p.files->bytes.data(), DType::u8, 4 * size},
                                           {offsets.data(), DType::i32, 5}};
    EXPECT_NE(op.check_inputs(views), "");
    JpegBytes pixels(4 * 300);
    std::vector<std::int32_t> sizes(12, -1), meant(4, -1);
    JpegBytes bytes = op.p.files->bytes;
    std::vector<std::int32_t> own = offsets;
    const std::vector<Buffer> in = {{bytes.data(), 4 * size}, {own.data(), 20}},
                              out = {{pixels.data(), 1200}, {sizes.data(), 48}, {meant.data(), 16}};
    for (const KernelEntry& entry : cpu_backend().kernels)
      if (entry.op == "jpeg_decode") entry.make(op, *lane)->launch(lane->stream(), in, out);
    for (std::size_t i = 0; i < 4; ++i) {
      const bool whole = offsets[i] >= 0 && offsets[i + 1] - offsets[i] == size && offsets[i + 1] <= 4 * size;
      EXPECT_EQ(sizes[3 * i + 2] == 0, whole) << i;
      EXPECT_EQ(meant[i], whole ? 297 : 0) << i;
    }
  }
}

TEST(JpegDecode, PassesALargeBatchOfOneCamera) {
  std::vector<JpegBytes> list;
  for (std::uint64_t i = 0; i < 2 * kTellingIntegers; ++i)
    list.push_back(encode_jpeg(random_scene(i, {.height = 9, .width = 11})));
  const JpegDecode op({.files = files_of(list), .capacity = 300});
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  for (const KernelEntry& entry : cpu_backend().kernels)
    if (entry.op == op.kind()) {
      const KernelCheck check = verify_kernel(op, entry, *lane, 1);
      EXPECT_EQ(check.status, KernelCheck::Status::passed) << check.reason;
    }
}

}  // namespace
}  // namespace assay::jpeg_decode_tests
