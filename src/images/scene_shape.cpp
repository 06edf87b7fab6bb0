// SPDX-License-Identifier: Apache-2.0
#include "images/scene_shape.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace assay {
namespace {

constexpr float kEdge = 1.5f;  // pixels over which a lens draws out an edge

/// The numbers of a shape, one after the other.
class Draws {
 public:
  Draws(std::uint64_t key, int shape) : key_(key), next_(static_cast<std::uint64_t>(shape) * 64) {}
  float between(float least, float most) { return least + (most - least) * uniform_element(key_, next_++); }

 private:
  std::uint64_t key_, next_;
};

/// Colours of nature are far from pure: a brightness, and less of colour.
void colour_of(Draws& draw, std::array<float, 3>& colour, std::array<float, 3>& slope_x,
               std::array<float, 3>& slope_y) {
  const float grey = draw.between(40, 200), steep_x = draw.between(-90, 90), steep_y = draw.between(-90, 90);
  for (std::size_t c = 0; c < 3; ++c) {
    colour[c] = std::clamp(grey + draw.between(-45, 45), 8.0f, 240.0f);
    slope_x[c] = steep_x + draw.between(-25, 25);
    slope_y[c] = steep_y + draw.between(-25, 25);
  }
}

}  // namespace

SceneShape SceneShape::background(std::uint64_t key) {
  SceneShape shape;
  Draws draw(key, 0);
  colour_of(draw, shape.colour_, shape.slope_x_, shape.slope_y_);
  shape.strength_ = 0.8f;
  return shape;
}

SceneShape SceneShape::random(std::uint64_t key, int index, int count) {
  SceneShape shape;
  Draws draw(key, index);
  shape.kind_ = draw.between(0, 1) < 0.5f ? Kind::ellipse : Kind::quadrangle;
  shape.x_ = draw.between(-0.05f, 1.05f);
  shape.y_ = draw.between(-0.05f, 1.05f);
  // Sizes as objects at all distances have them: each half as large as another is twice as frequent.
  const float largest = 0.4f / (1 + 12 * static_cast<float>(index) / static_cast<float>(count));
  shape.along_ = largest * draw.between(0.4f, 1);
  shape.across_ = shape.along_ * draw.between(0.25f, 1);
  const float x = draw.between(-1, 1), y = draw.between(0.05f, 1), length = std::sqrt(x * x + y * y);
  shape.turn_x_ = x / length;
  shape.turn_y_ = y / length;
  colour_of(draw, shape.colour_, shape.slope_x_, shape.slope_y_);
  shape.strength_ = draw.between(0.5f, 1.5f);
  return shape;
}

/// Where a row crosses the shape. Along a row, u = u0 + turn_x dx and v = v0 - turn_y dx in the shape's own
/// axes.
SceneShape::Span SceneShape::span_of(float y) const {
  const float dy = y - y_, u0 = turn_y_ * dy / along_, v0 = turn_x_ * dy / across_;
  const float du = turn_x_ / along_, dv = -turn_y_ / across_;
  if (kind_ == Kind::all) return {-1e9f, 1e9f};
  if (kind_ == Kind::ellipse) {  // (u0 + du x)^2 + (v0 + dv x)^2 = 1
    const float a = du * du + dv * dv, b = u0 * du + v0 * dv, c = u0 * u0 + v0 * v0 - 1, d = b * b - a * c;
    if (d <= 0) return {0, 0};
    const float root = std::sqrt(d);
    return {x_ + (-b - root) / a, x_ + (-b + root) / a};
  }
  Span span{-1e9f, 1e9f};  // |u| <= 1 and |v| <= 1
  for (const auto& [at, step] : {std::array{u0, du}, std::array{v0, dv}}) {
    const float safe = std::abs(step) < 1e-6f ? 1e-6f : step;
    const float first = (-1 - at) / safe, second = (1 - at) / safe;
    span.begin = std::max(span.begin, std::min(first, second));
    span.end = std::min(span.end, std::max(first, second));
  }
  return {x_ + span.begin, x_ + span.end};
}

void SceneShape::paint(std::int64_t y, PictureSize size, SceneRow& row) const {
  const auto longer = static_cast<float>(std::max(size.width, size.height));
  const Span span = span_of((static_cast<float>(y) + 0.5f) / longer);
  if (span.end <= span.begin) return;
  const float width = static_cast<float>(size.width);
  const float begin = std::clamp(span.begin * longer, -kEdge, width + kEdge),
              end = std::clamp(span.end * longer, -kEdge, width + kEdge);
  const auto first = static_cast<std::int64_t>(std::max(0.0f, begin - kEdge)),
             last = std::min(size.width, static_cast<std::int64_t>(end + kEdge) + 1);
  const float dy = (static_cast<float>(y) + 0.5f) / longer - y_;
  std::array<float, 3> base, step;
  for (std::size_t c = 0; c < 3; ++c) {
    base[c] = colour_[c] + slope_y_[c] * dy + slope_x_[c] * (0.5f / longer - x_);
    step[c] = slope_x_[c] / longer;
  }
  for (std::int64_t x = first; x < last; ++x) {
    const auto at = static_cast<float>(x), middle = at + 0.5f;
    const float inside = std::min(middle - begin, end - middle) / kEdge + 0.5f;
    const float cover = std::clamp(kind_ == Kind::all ? 1.0f : inside, 0.0f, 1.0f);
    const auto i = static_cast<std::size_t>(x);
    for (std::size_t c = 0; c < 3; ++c) {
      float& colour = row.colour[3 * i + c];
      colour += cover * (base[c] + step[c] * at - colour);
    }
    row.strength[i] += cover * (strength_ - row.strength[i]);
  }
}

}  // namespace assay
