// SPDX-License-Identifier: Apache-2.0
#include "images/scene.h"
#include "kernels/jpeg_decode/jpeg_decode.h"

namespace assay {
namespace {

using Colour = JpegOptions::Colour;

std::vector<std::uint8_t> scene_file(std::uint64_t seed, PictureSize size, const JpegOptions& options = {}) {
  return encode_jpeg(random_scene(seed, size), options);
}

std::shared_ptr<const Op> op(const std::vector<std::vector<std::uint8_t>>& list, std::int64_t capacity = 0) {
  auto files = std::make_shared<JpegFiles>();
  for (const auto& file : list) files->add(file);
  if (capacity == 0) capacity = capacity_for(*files);
  return std::make_shared<const JpegDecode>(
      JpegDecode::Params{.files = std::move(files), .capacity = capacity});
}

/// What stands in a folder besides pictures that can be shown.
std::vector<std::vector<std::uint8_t>> mixed_files() {
  std::vector<std::uint8_t> good = scene_file(6, {.height = 40, .width = 30}), half = good,
                            twelve_bits = good;
  half.resize(half.size() / 2);
  // The frame's precision: behind the marker and the length.
  for (std::size_t i = 2; i + 4 < twelve_bits.size(); ++i)
    if (twelve_bits[i] == 0xff && twelve_bits[i + 1] == 0xc0) {
      twelve_bits[i + 4] = 12;
      break;
    }
  return {good, half, {'n', 'o'}, twelve_bits, {}, scene_file(7, {.height = 50, .width = 50}), good};
}

}  // namespace

std::vector<std::shared_ptr<const Op>> jpeg_decode_examples() {
  return {
      op({scene_file(1, {.height = 67, .width = 91}, {.colour = Colour::yuv_444})}),
      op({scene_file(2, {.height = 51, .width = 77}), scene_file(3, {.height = 17, .width = 9})}),
      op({scene_file(4, {.height = 33, .width = 50}, {.colour = Colour::yuv_422}),
          scene_file(4, {.height = 33, .width = 50}, {.colour = Colour::grey}),
          scene_file(4, {.height = 33, .width = 50}, {.progressive = true})}),
      // Widths and heights at which libjpeg's upsampling takes other ways.
      op({scene_file(5, {.height = 1, .width = 1}), scene_file(5, {.height = 2, .width = 3}),
          scene_file(5, {.height = 3, .width = 4}), scene_file(5, {.height = 5, .width = 5}),
          scene_file(5, {.height = 1, .width = 40}), scene_file(5, {.height = 40, .width = 2}),
          scene_file(5, {.height = 17, .width = 4}, {.colour = Colour::yuv_422})}),
      op(mixed_files(), 3 * 40 * 30),
      op({scene_file(8, {.height = 200, .width = 150}, {.quality = 95, .restart_rows = 1}),
          scene_file(9, {.height = 150, .width = 200}, {.quality = 30})}),
      op({scene_file(10, {.height = 375, .width = 500}),
          scene_file(11, {.height = 375, .width = 500})}),  // ImageNet's
                                                            // usual size
      op({scene_file(12, {.height = 1080, .width = 1920})}),
  };
}

}  // namespace assay
