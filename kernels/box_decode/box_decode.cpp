// SPDX-License-Identifier: Apache-2.0
#include "kernels/box_decode/box_decode.h"

#include <stdexcept>

#include "kernels/contract.h"

namespace assay {
namespace {

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

BoxDecode::BoxDecode(const Params& params) : p(params) {
  if (p.levels.empty() || p.levels.size() > kMostLevels)
    throw std::logic_error("box_decode of " + std::to_string(p.levels.size()) + " levels");
}

std::int64_t BoxDecode::first_anchor(std::size_t level) const {
  std::int64_t anchors = 0;
  for (std::size_t l = 0; l < level; ++l) anchors += p.levels[l].height * p.levels[l].width;
  return anchors;
}

std::string BoxDecode::shape() const {
  std::string levels;
  for (const Level& level : p.levels)
    levels += (levels.empty() ? "" : "+") + text_of(Shape{level.height, level.width}) + "/" +
              std::to_string(level.stride);
  return std::to_string(p.images) + "x(" + levels + ") classes " + std::to_string(p.classes) + " " +
         std::string(name(p.type));
}

// Sizes within e^+-1.7 strides.
std::vector<TensorSpec> BoxDecode::inputs() const {
  std::vector<TensorSpec> specs;
  for (std::size_t l = 0; l < p.levels.size(); ++l) {
    const std::string number = std::to_string(l);
    const auto add = [&](const char* part, std::int64_t channels, const Fill& fill) {
      specs.push_back(
          {part + number, {p.images, p.levels[l].height, p.levels[l].width, channels}, p.type, fill});
    };
    add("reg", 4, Fill::normal(0.5));
    add("obj", 1, Fill::normal());
    add("cls", p.classes, Fill::normal());
  }
  specs.push_back({"prior", {p.images, anchors()}, DType::f32, Fill::normal(2, -2)});
  return specs;
}

std::vector<TensorSpec> BoxDecode::outputs() const {
  return {{"boxes", {p.images, anchors(), 4}, DType::f32},
          {"scores", {p.images, anchors()}, DType::f32},
          {"classes", {p.images, anchors()}, DType::i32}};
}

// An anchor: a comparison a class; 4 for each of two sigmoids, a sum and a product; 4 for the centre, 4 for
// the size (an exp counts as 1), 2 for its halves, 4 for the corners.
Cost BoxDecode::cost() const {
  return {.flops = static_cast<double>(units()) * (static_cast<double>(p.classes) + 24),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void BoxDecode::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t image = unit / anchors(), anchor = unit % anchors();
  std::size_t l = 0;
  while (anchor >= first_anchor(l + 1)) ++l;
  const Level& level = p.levels[l];
  const std::int64_t pixel = anchor - first_anchor(l);
  const std::int64_t at = image * level.height * level.width + pixel;  // of the level, through all images
  const TensorView &reg = in[3 * l], &obj = in[3 * l + 1], &cls = in[3 * l + 2], &prior = in.back();

  const auto stride = static_cast<double>(level.stride);
  const std::int64_t grid[] = {pixel % level.width, pixel / level.width};
  for (std::int64_t i = 0; i < 2; ++i) {
    const double centre = (reg[at * 4 + i] + static_cast<double>(grid[i])) * stride;
    const double half = std::exp(reg[at * 4 + 2 + i]) * stride / 2;
    out.set(0, unit * 4 + i, centre - half);
    out.set(0, unit * 4 + 2 + i, centre + half);
  }
  std::vector<std::int64_t> best;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::int64_t c = 0; c < p.classes; ++c) {
    const double logit = cls[at * p.classes + c];
    if (logit > largest) best.clear();
    if (logit >= largest) best.push_back(c);
    largest = std::max(largest, logit);
  }
  out.set(1, unit, sigmoid(obj[at] + prior[unit]) * sigmoid(largest));
  out.one_of(2, unit, best);
}

// A corner is the difference of a centre and half a size, neither much larger than the image, whose corners'
// rms is half of it. The rounding of obj + prior is a relative error of a small sigmoid.
Tolerance BoxDecode::tolerance() const {
  constexpr double kLargestLogit = 16;
  return ToleranceSum(DType::f32)
      .roundings(16, "two sigmoids and a product; exp, products and a difference of a corner")
      .f32_roundings(kLargestLogit, "obj + prior")
      .done();
}

std::vector<std::shared_ptr<const Op>> box_decode_examples() {
  using enum DType;
  const auto op = [](const BoxDecode::Params& params) { return std::make_shared<const BoxDecode>(params); };
  const std::vector<BoxDecode::Level> at_640 = {{80, 80, 8}, {40, 40, 16}, {20, 20, 32}};
  return {
      op({.images = 2, .classes = 7, .levels = {{3, 5, 8}, {2, 3, 16}}, .type = f32}),
      op({.images = 1, .classes = 3, .levels = {{1, 2, 8}}, .type = f32}),
      op({.images = 3, .classes = 33, .levels = {{5, 7, 8}, {3, 1, 16}, {1, 1, 32}}, .type = bf16}),
      op({.images = 2, .classes = 81, .levels = {{7, 3, 4}, {1, 2, 64}}, .type = f16}),
      op({.images = 1,
          .classes = 3,
          .levels = {{2, 2, 4},
                     {2, 1, 8},
                     {1, 1, 16},
                     {1, 1, 32},
                     {1, 1, 64},
                     {1, 1, 128},
                     {1, 1, 256},
                     {1, 1, 512}},
          .type = f32}),
      op({.images = 1, .classes = 80, .levels = at_640, .type = bf16}),  // YOLOX at 640
      op({.images = 1, .classes = 80, .levels = at_640, .type = f16}),
      op({.images = 2, .classes = 80, .levels = at_640, .type = f32}),
  };
}

}  // namespace assay
