// SPDX-License-Identifier: Apache-2.0
// The way of a batch of images, as straight-line code: files are decoded on the host and uploaded; pixels
// become what the network takes; its answers become classes or boxes.
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "kernels/box_decode/box_decode.h"
#include "kernels/copy/copy.h"
#include "kernels/jpeg_decode/jpeg_decode.h"
#include "kernels/nms/nms.h"
#include "kernels/resize_normalise/resize_normalise.h"
#include "kernels/top_k/top_k.h"
#include "workloads/planted_boxes.h"
#include "workloads/seeded_weights.h"
#include "workloads/vision.h"
#include "workloads/vision_metrics.h"
#include "workloads/vision_networks.h"

namespace assay {
namespace {

constexpr std::int64_t kBest = 5;         // classes that an answer names
constexpr std::int64_t kMostBoxes = 300;  // of an image
constexpr float kScoreThreshold = 0.01f;  // YOLOX's own, for evaluation (yolox/exp/yolox_base.py: test_conf)
constexpr float kOverlapThreshold = 0.65f;  // the same: nmsthre

class Emitter {
 public:
  Emitter(const VisionCase& one, const std::string& name)
      : one_(one),
        m_(one.model),
        batch_(one.load.batch),
        plan_("vision", name),
        net_(plan_, one.dtype, batch_) {
    plan_.in_flight = one.load.in_flight;
  }

  Plan emit() {
    decode();
    upload();
    preprocess();
    stage("network");
    if (m_.detects()) {
      detect();
    } else {
      classify();
    }
    add_outputs();
    add_vision_metrics(plan_, one_);
    if (one_.images.files != nullptr) add_vision_facts(plan_, one_, net_);
    plan_.ignored_weights = {".num_batches_tracked"};
    return std::move(plan_);
  }

 private:
  Stage& stage(const char* name, Place place = Place::device) {
    Stage& stage = plan_.stage(name, 1, static_cast<double>(batch_), "image", place);
    net_.at(stage);
    return stage;
  }

  void decode() {
    if (one_.images.files == nullptr) {
      capacity_ = one_.images.sizes[0].rgb_bytes();
      pixels_ = plan_.input({"pixels", {batch_, capacity_}, DType::u8, Fill::constant(0)}, Place::host);
      sizes_ = plan_.input({"sizes", {batch_, 3}, DType::i32, Fill::constant(0)}, Place::host);
      return;
    }
    stage("decode", Place::host);
    const JpegDecode op({.files = one_.images.files, .capacity = capacity_for(*one_.images.files)});
    std::vector<Value> in;
    for (const TensorSpec& spec : op.inputs()) in.push_back(plan_.input(spec, Place::host));
    const std::vector<Value> out = net_.run("decode", "decode", op, in);
    pixels_ = out[JpegDecode::kPixels];
    sizes_ = out[JpegDecode::kSizes];
    capacity_ = op.p.capacity;
  }

  void upload() {
    stage("upload");
    const auto copy = [&](const char* name, Value x, Shape shape, DType type) {
      return net_.run(name, name, Copy({.shape = std::move(shape), .type = type, .to = Place::device}),
                      {x})[0];
    };
    pixels_ = copy("pixels", pixels_, {batch_, capacity_}, DType::u8);
    sizes_ = copy("sizes", sizes_, {batch_, 3}, DType::i32);
  }

  /// As those who trained the models do: torchvision for ResNet, transformers for ViT, YOLOX for its own.
  void preprocess() {
    stage("preprocess");
    ResizeNormalise::Params p{.sizes = one_.images.sizes,
                              .capacity = capacity_,
                              .resize = std::llround(static_cast<double>(m_.image) / 0.875),
                              .out_h = m_.image,
                              .out_w = m_.image,
                              .type = one_.dtype};
    switch (m_.family) {
      case VisionFamily::resnet:
        p.mean = {0.485f, 0.456f, 0.406f};  // ImageNet's, of red, green and blue
        p.deviation = {0.229f, 0.224f, 0.225f};
        break;
      case VisionFamily::vit:
        p.fit = Fit::stretch;
        p.mean = p.deviation = {0.5f, 0.5f, 0.5f};
        p.layout = PixelLayout::patches;
        p.patch = m_.vit.patch;
        break;
      case VisionFamily::yolox:
        p.fit = Fit::letterbox;
        p.scale = 1;  // it takes bytes as they are
        p.order = ChannelOrder::bgr;
        p.layout = PixelLayout::focus;
        break;
    }
    image_ = net_.run("resize", "resize", ResizeNormalise(p), {pixels_, sizes_})[0];
    net_.count_rounding(1);
  }

  void classify() {
    Value logits;
    if (m_.family == VisionFamily::vit) {
      const std::int64_t patches = (m_.image / m_.vit.patch) * (m_.image / m_.vit.patch);
      const Value rows =
          plan_.input({"class_rows", {batch_}, DType::i32, Fill::cycle(batch_, 0, patches + 1)});
      logits = emit_vit(net_, m_, image_, rows);
    } else {
      logits = emit_resnet(net_, m_, {.value = image_, .height = m_.image, .width = m_.image, .channels = 3});
    }
    compared_ = {{"logits", logits}};
    stage("postprocess");
    const std::vector<Value> best = net_.run(
        "top_k", "top_k",
        TopK({.rows = batch_, .classes = m_.labels, .k = std::min(kBest, m_.labels), .type = DType::f32}),
        {logits});
    exhibit({.scores = best[0], .classes = best[1]});
  }

  /// The first image and its answers, for the report; not of a customer's files.
  void exhibit(Exhibit found) {
    if (one_.images.shown == nullptr) return;
    found.stage = "postprocess";
    found.jpeg = one_.images.shown;
    found.width = static_cast<double>(one_.images.sizes[0].width);
    found.height = static_cast<double>(one_.images.sizes[0].height);
    plan_.exhibit = std::move(found);
  }

  void detect() {
    constexpr double kByteMeanSquare = 130.0 * 130;  // of bytes as they are
    const std::vector<DetectionLevel> levels = emit_yolox(net_, m_,
                                                          {.value = image_,
                                                           .height = m_.image / 2,
                                                           .width = m_.image / 2,
                                                           .channels = 12,
                                                           .mean_square = kByteMeanSquare});
    BoxDecode::Params decode{.images = batch_, .classes = m_.labels, .levels = {}, .type = one_.dtype};
    std::vector<std::int64_t> cells;
    std::vector<Value> in;
    for (const DetectionLevel& level : levels) {
      decode.levels.push_back({.height = level.cells, .width = level.cells, .stride = level.stride});
      cells.push_back(level.cells);
      in.insert(in.end(), {level.box, level.object, level.classes});
    }
    compared_ = {{"box predictions", levels.back().box}, {"class predictions", levels.back().classes}};
    stage("postprocess");
    const BoxDecode op(decode);
    in.push_back(plan_.input({"prior",
                              {batch_, op.anchors()},
                              DType::f32,
                              planted_prior(batch_, cells, one_.load.candidates, one_.seed)}));
    const std::vector<Value> boxes = net_.run("boxes", "boxes", op, in);
    const std::vector<Value> kept = net_.run("nms", "nms",
                                             Nms({.images = batch_,
                                                  .boxes = op.anchors(),
                                                  .most = std::min(kMostBoxes, op.anchors()),
                                                  .score_threshold = kScoreThreshold,
                                                  .iou_threshold = kOverlapThreshold,
                                                  .classes = m_.labels}),
                                             boxes);
    // What the network saw is the image made smaller until its longer side fits.
    const PictureSize& first = one_.images.sizes[0];
    exhibit({.per_pixel =
                 static_cast<double>(m_.image) / static_cast<double>(std::max(first.height, first.width)),
             .boxes = kept[1],
             .scores = kept[2],
             .classes = kept[3],
             .count = kept[0]});
    plan_.facts.push_back({"candidates", op.anchors(), "1", "Boxes of an image before suppression."});
    if (one_.load.candidates > 0)
      plan_.notes.push_back(
          "The detector's weights are seeded, and would find nothing or everything: it is made "
          "sure of " +
          std::to_string(one_.load.candidates) +
          " candidates of an image, in clusters, so that suppression has work. Boxes mean nothing.");
  }

  /// Both devices round at each place, and in the sums between them, independently; a network makes it grow.
  void add_outputs() {
    const Tolerance::Factor stored = epsilon_factor(one_.dtype), summed = epsilon_factor(DType::f32);
    constexpr double kGrowth = 4;
    for (const auto& [name, value] : compared_)
      plan_.outputs.push_back(
          {.name = name,
           .value = value,
           .stage = "network",
           .pins = {},
           .tolerance = {{{"(" + stored.name + " + sqrt(K=" + std::to_string(net_.longest_sum()) + ") x " +
                               summed.name + ")",
                           stored.value + std::sqrt(real(net_.longest_sum())) * summed.value},
                          {"sqrt(2 x " + std::to_string(net_.roundings()) + " roundings)",
                           std::sqrt(2 * real(net_.roundings()))},
                          {"4 (growth through a model)", kGrowth}}}});
  }

  const VisionCase& one_;
  const VisionModel& m_;
  const std::int64_t batch_;
  Plan plan_;
  NetworkEmitter net_;
  std::int64_t capacity_ = 0;
  Value pixels_, sizes_, image_;
  std::vector<std::pair<std::string, Value>> compared_;
};

}  // namespace

Plan vision_plan(const VisionCase& one, const std::string& name) {
  return Emitter(one, name).emit();
}

}  // namespace assay
