// SPDX-License-Identifier: Apache-2.0
// ResNet-18 to 152 from one table. Names of weights: torchvision's, and transformers'.
#include "kernels/pool/pool.h"
#include "workloads/vision_networks.h"

namespace assay {
namespace {

constexpr double kBranchGain = 0.5;  // of what a block adds: the sum of many stays near what comes in
constexpr double kLogitGain = 2;     // so that the largest stand out

class ResNetEmitter {
 public:
  ResNetEmitter(NetworkEmitter& e, const VisionModel& m) : e_(e), m_(m), c_(m.resnet) {}

  Value emit(const Feature& image) {
    Feature x =
        e_.conv({.label = "stem",
                 .name = "stem",
                 .filters = c_.embedding,
                 .kernel = 7,
                 .stride = 2,
                 .activation = c_.activation,
                 .stored = {"conv1", "bn1"},
                 .also = {kHf + "embedder.embedder.convolution", kHf + "embedder.embedder.normalization"}},
                image);
    x = max_pool(x);
    for (std::size_t s = 0; s < c_.widths.size(); ++s)
      for (std::int64_t b = 0; b < c_.depths[s]; ++b) x = block(x, s, b);
    const Pool pool({.batch = e_.batch(),
                     .height = x.height,
                     .width = x.width,
                     .channels = x.channels,
                     .kind = Pooling::global_average,
                     .type = e_.type()});
    const Value pooled = e_.run("pool", "pool", pool, {x.value})[0];
    e_.count_rounding(x.height * x.width);
    return e_.linear({.label = "classifier",
                      .name = "classifier",
                      .rows = e_.batch(),
                      .inputs = x.channels,
                      .outputs = m_.labels,
                      .gain = kLogitGain,
                      .stored = {"fc"},
                      .also = {"classifier.1"},
                      .out = DType::f32},
                     pooled);
  }

 private:
  inline static const std::string kHf = "resnet.";

  Feature max_pool(const Feature& x) {
    const Pool op({.batch = e_.batch(),
                   .height = x.height,
                   .width = x.width,
                   .channels = x.channels,
                   .kind = Pooling::max,
                   .kernel_h = 3,
                   .kernel_w = 3,
                   .stride_h = 2,
                   .stride_w = 2,
                   .top = 1,
                   .left = 1,
                   .bottom = 1,
                   .right = 1,
                   .type = e_.type()});
    return {.value = e_.run("max_pool", "max_pool", op, {x.value})[0],
            .height = op.out_height(),
            .width = op.out_width(),
            .channels = x.channels,
            .mean_square = 2 * x.mean_square};  // the largest of nine that hang together
  }

  /// y = act(branch(x) + x), or + a projection of x where the size changes.
  Feature block(const Feature& x, std::size_t stage, std::int64_t b) {
    const std::int64_t width = c_.widths[stage], inner = c_.bottleneck ? width / 4 : width;
    const std::int64_t stride = b > 0 || (stage == 0 && !c_.downsample_in_first_stage) ? 1 : 2;
    name_ = "stages." + std::to_string(stage) + "." + std::to_string(b) + ".";
    label_ = "stage " + std::to_string(stage + 1) + " ";
    torch_ = "layer" + std::to_string(stage + 1) + "." + std::to_string(b) + ".";
    hf_ = kHf + "encoder.stages." + std::to_string(stage) + ".layers." + std::to_string(b) + ".";
    Feature shortcut = x;
    if (stride != 1 || x.channels != width)
      shortcut = e_.conv({.label = label_ + "shortcut",
                          .name = name_ + "shortcut",
                          .filters = width,
                          .stride = stride,
                          .stored = {torch_ + "downsample.0", torch_ + "downsample.1"},
                          .also = {hf_ + "shortcut.convolution", hf_ + "shortcut.normalization"}},
                         x);
    Feature y = x;
    if (c_.bottleneck) {
      const bool early = c_.downsample_in_bottleneck;
      y = branch(y, 1, inner, 1, early ? stride : 1);
      y = branch(y, 2, inner, 3, early ? 1 : stride);
      return branch(y, 3, width, 1, 1, &shortcut);
    }
    y = branch(y, 1, width, 3, stride);
    return branch(y, 2, width, 3, 1, &shortcut);
  }

  Feature branch(const Feature& x, int number, std::int64_t filters, std::int64_t kernel, std::int64_t stride,
                 const Feature* residual = nullptr) {
    const std::string conv = "conv" + std::to_string(number);
    const std::string hf = hf_ + "layer." + std::to_string(number - 1) + ".";
    return e_.conv({.label = label_ + conv,
                    .name = name_ + conv,
                    .filters = filters,
                    .kernel = kernel,
                    .stride = stride,
                    .activation = c_.activation,
                    .gain = residual != nullptr ? kBranchGain : 0,
                    .stored = {torch_ + conv, torch_ + "bn" + std::to_string(number)},
                    .also = {hf + "convolution", hf + "normalization"}},
                   x, residual);
  }

  NetworkEmitter& e_;
  const VisionModel& m_;
  const ResNetConfig& c_;
  std::string name_, label_, torch_, hf_;  // of the block at hand
};

}  // namespace

Value emit_resnet(NetworkEmitter& e, const VisionModel& model, const Feature& image) {
  return ResNetEmitter(e, model).emit(image);
}

}  // namespace assay
