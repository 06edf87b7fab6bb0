// SPDX-License-Identifier: Apache-2.0
// YOLOX: a CSPDarknet, a path aggregation pyramid, a decoupled head. Names of weights are those of its
// checkpoints.
#include <cmath>

#include "kernels/concat/concat.h"
#include "kernels/pool/pool.h"
#include "kernels/upsample/upsample.h"
#include "workloads/vision_networks.h"

namespace assay {
namespace {

constexpr double kNormEps = 1e-3;  // of YOLOX's normalisations
constexpr double kSiluGain = 1.7;  // silu(z) of this deviation has a mean square of about 1
constexpr double kBoxGain = 0.3, kScoreGain = 1.5;
// Sides of boxes are the exponential of what is said, in cells: of some six cells, so that those of
// neighbours overlap by more than suppression allows.
constexpr double kBoxMean = 1.8;

class YoloxEmitter {
 public:
  YoloxEmitter(NetworkEmitter& e, const VisionModel& m)
      : e_(e),
        m_(m),
        base_(channels(64)),
        depth_(std::max<std::int64_t>(1, std::llround(3 * m.yolox.depth))) {}

  std::vector<DetectionLevel> emit(const Feature& image) {
    const auto [fine, middle, coarse] = backbone(image);
    const Feature top = conv("neck", "backbone.lateral_conv0", coarse, 8 * base_, 1, 1);
    const Feature join4 =
        csp("neck", "backbone.C3_p4", join({enlarge("up4", top), middle}), 8 * base_, false);
    const Feature reduced = conv("neck", "backbone.reduce_conv1", join4, 4 * base_, 1, 1);
    const Feature out8 =
        csp("neck", "backbone.C3_p3", join({enlarge("up3", reduced), fine}), 4 * base_, false);
    const Feature down3 = block("neck", "backbone.bu_conv2", out8, 4 * base_, 3, 2);
    const Feature out16 = csp("neck", "backbone.C3_n3", join({down3, reduced}), 8 * base_, false);
    const Feature down4 = block("neck", "backbone.bu_conv1", out16, 8 * base_, 3, 2);
    const Feature out32 = csp("neck", "backbone.C3_n4", join({down4, top}), 16 * base_, false);
    return {head(0, out8), head(1, out16), head(2, out32)};
  }

 private:
  struct Pyramid {
    Feature fine, middle, coarse;
  };

  std::int64_t channels(double of) const { return static_cast<std::int64_t>(of * m_.yolox.width); }

  Pyramid backbone(const Feature& image) {
    const std::string at = "backbone.backbone.";
    Feature x = conv("backbone", at + "stem.conv", image, base_, 3, 1);
    x = block("backbone", at + "dark2.0", x, 2 * base_, 3, 2);
    x = csp("backbone", at + "dark2.1", x, 2 * base_, true, depth_);
    x = block("backbone", at + "dark3.0", x, 4 * base_, 3, 2);
    const Feature fine = csp("backbone", at + "dark3.1", x, 4 * base_, true, bottlenecks());
    x = block("backbone", at + "dark4.0", fine, 8 * base_, 3, 2);
    const Feature middle = csp("backbone", at + "dark4.1", x, 8 * base_, true, bottlenecks());
    x = block("backbone", at + "dark5.0", middle, 16 * base_, 3, 2);
    x = pyramid_pool(at + "dark5.1", x);
    return {fine, middle, csp("backbone", at + "dark5.2", x, 16 * base_, false, depth_)};
  }

  std::int64_t bottlenecks() const { return 3 * depth_; }

  /// A convolution with its normalisation and silu.
  Feature conv(const std::string& label, const std::string& stored, const Feature& x, std::int64_t filters,
               std::int64_t kernel, std::int64_t stride, std::int64_t groups = 1,
               const Feature* residual = nullptr) {
    return e_.conv({.label = label + (groups > 1 ? " depthwise " : " ") + std::to_string(kernel) + "x" +
                             std::to_string(kernel),
                    .name = stored,
                    .filters = filters,
                    .kernel = kernel,
                    .stride = stride,
                    .groups = groups,
                    .activation = Activation::silu,
                    .gain = kSiluGain,
                    .stored = {stored + ".conv", stored + ".bn"},
                    .norm_eps = kNormEps},
                   x, residual, Residual::after_activation);
  }

  /// A 3x3 convolution: where the model is depthwise, each channel alone, and then all of a pixel.
  Feature block(const std::string& label, const std::string& stored, const Feature& x, std::int64_t filters,
                std::int64_t kernel, std::int64_t stride, const Feature* residual = nullptr) {
    if (!m_.yolox.depthwise) return conv(label, stored, x, filters, kernel, stride, 1, residual);
    const Feature alone = conv(label, stored + ".dconv", x, x.channels, kernel, stride, x.channels);
    return conv(label, stored + ".pconv", alone, filters, 1, 1, 1, residual);
  }

  /// Half of the channels through bottlenecks, half past them.
  Feature csp(const std::string& label, const std::string& stored, const Feature& x, std::int64_t filters,
              bool shortcut, std::int64_t bottlenecks = 0) {
    const std::int64_t inner = filters / 2;
    Feature through = conv(label, stored + ".conv1", x, inner, 1, 1);
    const Feature past = conv(label, stored + ".conv2", x, inner, 1, 1);
    for (std::int64_t i = 0; i < (bottlenecks > 0 ? bottlenecks : depth_); ++i) {
      const std::string at = stored + ".m." + std::to_string(i);
      const Feature narrow = conv(label, at + ".conv1", through, inner, 1, 1);
      through = block(label, at + ".conv2", narrow, inner, 3, 1, shortcut ? &through : nullptr);
    }
    return conv(label, stored + ".conv3", join({through, past}), filters, 1, 1);
  }

  /// The largest of 5x5, 9x9 and 13x13 pixels beside each pixel itself.
  Feature pyramid_pool(const std::string& stored, const Feature& x) {
    const Feature narrow = conv("backbone", stored + ".conv1", x, x.channels / 2, 1, 1);
    std::vector<Feature> parts = {narrow};
    for (const std::int64_t kernel : {5, 9, 13}) {
      const std::int64_t half = kernel / 2;
      const Pool op({.batch = e_.batch(),
                     .height = narrow.height,
                     .width = narrow.width,
                     .channels = narrow.channels,
                     .kind = Pooling::max,
                     .kernel_h = kernel,
                     .kernel_w = kernel,
                     .top = half,
                     .left = half,
                     .bottom = half,
                     .right = half,
                     .type = e_.type()});
      Feature pooled = narrow;
      pooled.value = e_.run(stored + ".m." + std::to_string(kernel), "max_pool", op, {narrow.value})[0];
      pooled.mean_square *= 3;  // the largest of many
      parts.push_back(pooled);
    }
    return conv("backbone", stored + ".conv2", join(parts), x.channels, 1, 1);
  }

  Feature enlarge(const std::string& name, const Feature& x) {
    const Upsample op({.batch = e_.batch(),
                       .height = x.height,
                       .width = x.width,
                       .channels = x.channels,
                       .factor = 2,
                       .type = e_.type()});
    Feature y = x;
    y.value = e_.run(name, "upsample", op, {x.value})[0];
    y.height *= 2;
    y.width *= 2;
    return y;
  }

  Feature join(const std::vector<Feature>& parts) {
    Feature y = parts.front();
    Concat::Params params{.rows = {e_.batch(), y.height, y.width}, .parts = {}, .type = e_.type()};
    std::vector<Value> in;
    y.channels = 0;
    y.mean_square = 0;
    for (const Feature& part : parts) {
      params.parts.push_back({part.channels});
      in.push_back(part.value);
      y.channels += part.channels;
      y.mean_square += part.mean_square * static_cast<double>(part.channels);
    }
    y.mean_square /= static_cast<double>(y.channels);
    y.value = e_.run("concat." + std::to_string(joins_++), "concat", Concat(params), in)[0];
    return y;
  }

  DetectionLevel head(int level, const Feature& x) {
    const std::string number = std::to_string(level), at = "head.";
    const std::int64_t width = channels(256);
    const Feature stem = conv("head", at + "stems." + number, x, width, 1, 1);
    Feature of_class = stem, of_box = stem;
    for (const char* i : {"0", "1"}) {
      of_class = block("head", at + "cls_convs." + number + "." + i, of_class, width, 3, 1);
      of_box = block("head", at + "reg_convs." + number + "." + i, of_box, width, 3, 1);
    }
    const auto predict = [&](const std::string& what, const Feature& from, std::int64_t outputs, double gain,
                             double mean = 0) {
      const std::string stored = at + what + "_preds." + number;
      return e_
          .conv({.label = "head predictions",
                 .name = stored,
                 .filters = outputs,
                 .gain = gain,
                 .bias_mean = mean,
                 .stored = {stored, ""}},
                from)
          .value;
    };
    DetectionLevel out;
    out.classes = predict("cls", of_class, m_.labels, kScoreGain);
    out.box = predict("reg", of_box, 4, kBoxGain, kBoxMean);
    out.object = predict("obj", of_box, 1, kScoreGain);
    out.cells = x.height;
    out.stride = m_.image / x.height;
    return out;
  }

  NetworkEmitter& e_;
  const VisionModel& m_;
  const std::int64_t base_, depth_;
  int joins_ = 0;
};

}  // namespace

std::vector<DetectionLevel> emit_yolox(NetworkEmitter& e, const VisionModel& model, const Feature& image) {
  return YoloxEmitter(e, model).emit(image);
}

}  // namespace assay
