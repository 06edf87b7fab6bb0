// SPDX-License-Identifier: Apache-2.0
// What a scene is put together of: convex shapes, painted one over the other, a row at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "images/picture.h"

namespace assay {

/// A row of a scene on its way to bytes.
struct SceneRow {
  explicit SceneRow(std::int64_t width)
      : colour(static_cast<std::size_t>(3 * width)),
        strength(static_cast<std::size_t>(width)),
        texture(static_cast<std::size_t>(width)) {}
  std::vector<float> colour;    // [width, 3], 0 to 255
  std::vector<float> strength;  // how much of the texture shows
  std::vector<float> texture;
};

/// An ellipse or a quadrangle, of a colour that changes across it. Places are shares of the picture's longer
/// side, so that a scene looks alike at every size.
class SceneShape {
 public:
  static SceneShape background(std::uint64_t key);
  /// Number `index` of `count`: the first are large and stand behind.
  static SceneShape random(std::uint64_t key, int index, int count);
  void paint(std::int64_t y, PictureSize size, SceneRow& row) const;

 private:
  struct Span {
    float begin, end;  // of x, in shares; nothing where end <= begin
  };
  Span span_of(float y) const;

  enum class Kind { all, ellipse, quadrangle } kind_ = Kind::all;
  float x_ = 0.5f, y_ = 0.5f;                                       // the centre
  float along_ = 1, across_ = 1;                                    // half axes
  float turn_x_ = 1, turn_y_ = 0;                                   // the direction of the first
  std::array<float, 3> colour_ = {}, slope_x_ = {}, slope_y_ = {};  // slopes: a share of the longer side
  float strength_ = 1;
};

}  // namespace assay
