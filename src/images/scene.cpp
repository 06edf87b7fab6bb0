// SPDX-License-Identifier: Apache-2.0
#include "images/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "images/scene_shape.h"

namespace assay {
namespace {

constexpr int kOctaves = 6;            // wavelengths of 2, 4 ... 64 pixels
constexpr float kLeastAmplitude = 16;  // of the shortest wavelength, in steps of 255
constexpr float kGrowth = 1.2f;        // of the amplitude from an octave to the next
constexpr float kNoise = 2;            // of the sensor: standard deviation
constexpr int kShapes = 48;

/// Random numbers in [-1, 1) on the points of a lattice, drawn a row at a time.
void lattice_row(std::uint64_t key, std::int64_t row, std::vector<float>& out) {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const PhiloxBlock random = philox(key, static_cast<std::uint64_t>(row) << 32 | i / 4);
    for (std::size_t k = 0; k < std::min<std::size_t>(4, out.size() - i); ++k)
      out[i + k] = static_cast<float>(static_cast<std::int32_t>(random.word[k])) * 0x1p-31f;
  }
}

/// One octave of texture, row after row: two rows of its lattice are kept, drawn out to the picture's width.
class Octave {
 public:
  Octave(std::uint64_t key, std::int64_t wavelength, float amplitude, std::int64_t width)
      : key_(key),
        wavelength_(wavelength),
        amplitude_(amplitude),
        points_(static_cast<std::size_t>(width / wavelength + 2)) {
    for (auto& row : rows_) row.resize(static_cast<std::size_t>(width));
  }

  void add(std::int64_t y, std::vector<float>& texture) {
    if (const std::int64_t at = y / wavelength_; at != at_) {
      if (at != at_ + 1 || at_ < 0)
        draw(at, rows_[0]);
      else
        std::swap(rows_[0], rows_[1]);
      draw(at + 1, rows_[1]);
      at_ = at;
    }
    const float below = share(y % wavelength_), above = 1 - below;
    for (std::size_t x = 0; x < texture.size(); ++x) texture[x] += above * rows_[0][x] + below * rows_[1][x];
  }

 private:
  float share(std::int64_t offset) const {
    const float t = (static_cast<float>(offset) + 0.5f) / static_cast<float>(wavelength_);
    return t * t * (3 - 2 * t);  // no kink at the lattice's points
  }
  void draw(std::int64_t row, std::vector<float>& out) {
    lattice_row(key_, row, points_);
    const auto width = static_cast<std::int64_t>(out.size());
    for (std::int64_t point = 0; point * wavelength_ < width; ++point) {
      const float left = amplitude_ * points_[static_cast<std::size_t>(point)],
                  right = amplitude_ * points_[static_cast<std::size_t>(point) + 1];
      const std::int64_t first = point * wavelength_, end = std::min(first + wavelength_, width);
      for (std::int64_t x = first; x < end; ++x)
        out[static_cast<std::size_t>(x)] = left + share(x - first) * (right - left);
    }
  }

  std::uint64_t key_;
  std::int64_t wavelength_, at_ = -2;
  float amplitude_;
  std::vector<float> points_;
  std::array<std::vector<float>, 2> rows_;
};

/// Centred sums of four bytes: about normal, one word each.
float noise_of(std::uint32_t word) {
  constexpr float kDeviation = 147.8f;  // sqrt(4 (256^2 - 1) / 12)
  const std::uint32_t pairs = (word & 0x00ff00ffu) + (word >> 8 & 0x00ff00ffu);
  const auto sum = static_cast<std::int32_t>((pairs & 0xffffu) + (pairs >> 16));
  return static_cast<float>(sum - 510) * (kNoise / kDeviation);
}

std::uint8_t as_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f) + 0.5f);
}

/// Twelve values, which are four pixels, take three blocks: a word each.
void finish_row(std::uint64_t key, std::int64_t y, const SceneRow& row, std::uint8_t* out) {
  const std::size_t values = 3 * row.texture.size();
  std::array<float, 12> noise;
  for (std::size_t i = 0; i < values; i += 12) {
    for (std::size_t b = 0; b < 3; ++b) {
      const PhiloxBlock random = philox(key, static_cast<std::uint64_t>(y) << 32 | (i / 4 + b));
      for (std::size_t k = 0; k < 4; ++k) noise[4 * b + k] = noise_of(random.word[k]);
    }
    const std::size_t count = std::min<std::size_t>(12, values - i);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t x = (i + k) / 3;
      out[i + k] = as_byte(row.colour[i + k] + row.strength[x] * row.texture[x] + noise[k]);
    }
  }
}

}  // namespace

Picture random_scene(std::uint64_t seed, PictureSize size) {
  Picture picture{size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.rgb_bytes()))};
  std::vector<Octave> octaves;
  float amplitude = kLeastAmplitude;
  for (int octave = 0; octave < kOctaves; ++octave, amplitude *= kGrowth)
    octaves.emplace_back(random_key(seed, "texture") + static_cast<std::uint64_t>(octave),
                         std::int64_t{2} << octave, amplitude, size.width);
  std::vector<SceneShape> shapes = {SceneShape::background(random_key(seed, "sky"))};
  for (int i = 0; i < kShapes; ++i)
    shapes.push_back(SceneShape::random(random_key(seed, "shapes"), i, kShapes));

  SceneRow row(size.width);
  for (std::int64_t y = 0; y < size.height; ++y) {
    std::ranges::fill(row.texture, 0.0f);
    for (Octave& octave : octaves) octave.add(y, row.texture);
    for (const SceneShape& shape : shapes) shape.paint(y, size, row);
    finish_row(random_key(seed, "sensor"), y, row,
               picture.rgb.data() + static_cast<std::size_t>(3 * y * size.width));
  }
  return picture;
}

}  // namespace assay
