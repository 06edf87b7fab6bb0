// SPDX-License-Identifier: Apache-2.0
#include "kernels/nms/nms.h"

#include "base/random.h"
#include "kernels/contract.h"

namespace assay {
namespace {

constexpr double kScoreDeviation = 0.1;
constexpr std::int64_t kBoxesOfAnObject = 12;

/// Boxes as a detector gives them: several about each object, some of them close. The same for each image:
/// scores and classes differ.
std::vector<float> boxes_about_objects(std::int64_t images, std::int64_t boxes) {
  constexpr float kImage = 640, kSmallest = 16, kSpread = 0.4f;
  const std::uint64_t key = random_key(1, "boxes about objects");
  const std::int64_t objects = (boxes + kBoxesOfAnObject - 1) / kBoxesOfAnObject;
  std::uint64_t counter = 0;
  const auto uniform = [&](float from, float to) {
    return from + (to - from) * uniform_element(key, counter++);
  };
  struct Object {
    float x, y, width, height;
  };
  std::vector<Object> all;
  for (std::int64_t i = 0; i < objects; ++i) {
    const float x = uniform(0, kImage), y = uniform(0, kImage);
    const float width = uniform(kSmallest, kImage / 4), height = uniform(kSmallest, kImage / 4);
    all.push_back({x, y, width, height});
  }
  std::vector<float> corners;
  for (std::int64_t i = 0; i < boxes; ++i) {
    const Object& o = all[static_cast<std::size_t>(i % objects)];
    const float x = o.x + o.width * uniform(-kSpread, kSpread);
    const float y = o.y + o.height * uniform(-kSpread, kSpread);
    const float width = o.width * uniform(1 - kSpread, 1 + kSpread) / 2;
    const float height = o.height * uniform(1 - kSpread, 1 + kSpread) / 2;
    corners.insert(corners.end(), {x - width, y - height, x + width, y + height});
  }
  std::vector<float> values;
  values.reserve(corners.size() * static_cast<std::size_t>(images));
  for (std::int64_t n = 0; n < images; ++n) values.insert(values.end(), corners.begin(), corners.end());
  return values;
}

}  // namespace

Nms::Nms(const Params& params)
    : p(params),
      places_(Fill::values(params.images * params.boxes * 4, [images = params.images, boxes = params.boxes] {
        return boxes_about_objects(images, boxes);
      })) {}

std::string Nms::shape() const {
  return std::to_string(p.most) + " of " + text_of(Shape{p.images, p.boxes}) + " score " +
         text_of(p.score_threshold) + " iou " + text_of(p.iou_threshold) + option("classes", p.classes, 80) +
         option("margin", p.margin, 1.6f);
}

std::vector<TensorSpec> Nms::inputs() const {
  const double mean =
      static_cast<double>(p.score_threshold) - static_cast<double>(p.margin) * kScoreDeviation;
  return {{"boxes", {p.images, p.boxes, 4}, DType::f32, places_},
          {"scores", {p.images, p.boxes}, DType::f32, Fill::normal(kScoreDeviation, mean)},
          {"classes", {p.images, p.boxes}, DType::i32, Fill::index(p.classes)}};
}

std::vector<TensorSpec> Nms::outputs() const {
  return {{"counts", {p.images}, DType::i32},
          {.name = "boxes", .shape = {p.images, p.most, 4}, .dtype = DType::f32, .rows_valid = 0},
          {.name = "scores", .shape = {p.images, p.most}, .dtype = DType::f32, .rows_valid = 0},
          {.name = "classes", .shape = {p.images, p.most}, .dtype = DType::i32, .rows_valid = 0}};
}

// How much there is to compare is in the data; what is certain is that each score is compared with the
// threshold, and that of boxes and classes no more need be read than are kept.
Cost Nms::cost() const {
  const auto scores = static_cast<double>(p.images * p.boxes);
  const auto kept = static_cast<double>(p.images * std::min(p.most, p.boxes));
  return {.flops = scores,
          .bytes = in_memory({.read = 4 * scores + (16 + 4) * kept, .written = bytes_of(outputs())})};
}

Tolerance Nms::tolerance() const {
  return exact("copies of boxes, scores and classes");
}

std::vector<std::shared_ptr<const Op>> nms_examples() {
  const auto op = [](const Nms::Params& params) { return std::make_shared<const Nms>(params); };
  constexpr float kAll = -100, kNone = 100;  // margins: the threshold below or above every score
  return {
      op({.images = 3,
          .boxes = 77,
          .most = 20,
          .score_threshold = 0.3f,
          .iou_threshold = 0.5f,
          .classes = 3}),
      op({.images = 1,
          .boxes = 1,
          .most = 1,
          .score_threshold = 0.3f,
          .iou_threshold = 0.5f,
          .margin = kAll}),
      op({.images = 2,
          .boxes = 300,
          .most = 300,
          .score_threshold = 0.3f,
          .iou_threshold = 0.45f,
          .classes = 1,
          .margin = kAll}),
      op({.images = 2,
          .boxes = 131,
          .most = 131,
          .score_threshold = 0.3f,
          .iou_threshold = 0.7f,
          .margin = kNone}),
      op({.images = 2,
          .boxes = 500,
          .most = 7,
          .score_threshold = 0.3f,
          .iou_threshold = 0,
          .classes = 2,
          .margin = 0}),
      op({.images = 1,
          .boxes = 2000,
          .most = 2000,
          .score_threshold = 0.01f,
          .iou_threshold = 0.65f,
          .classes = 5,
          .margin = kAll}),
      // YOLOX at 640: as it is evaluated, and with every anchor above the threshold.
      op({.images = 4, .boxes = 8400, .most = 300, .score_threshold = 0.01f, .iou_threshold = 0.65f}),
      op({.images = 1,
          .boxes = 8400,
          .most = 300,
          .score_threshold = 0.01f,
          .iou_threshold = 0.65f,
          .classes = 1,
          .margin = kAll}),
  };
}

}  // namespace assay
