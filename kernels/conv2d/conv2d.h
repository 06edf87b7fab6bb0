// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/matmul/matmul.h"
#include "plan/op.h"

namespace assay {

/// Where a residual joins: ResNet adds it before the activation, the bottlenecks of YOLOX after it.
enum class Residual : std::uint8_t { none, before_activation, after_activation };

/// y[n, p, q, k] = activation(sum over r, s, c of x[n, p stride_h - top + r dilation, q stride_w - left + s
/// dilation, group(k) C/groups + c] * w[k, r, s, c] + bias[k] + residual[n, p, q, k]), the residual after the
/// activation where it says so. Outside of x there are zeros; group(k) = k / (K/groups). Activations are
/// NHWC, weights KRSC.
struct Conv2d final : Op {
  struct Padding {
    std::int64_t top = 0, left = 0, bottom = 0, right = 0;

    bool none() const { return top == 0 && left == 0 && bottom == 0 && right == 0; }
  };
  struct Params {
    std::int64_t batch, height, width, channels;
    std::int64_t filters;
    std::int64_t kernel_h = 1, kernel_w = 1;
    std::int64_t stride_h = 1, stride_w = 1;
    Padding pad = {};
    std::int64_t dilation = 1;
    std::int64_t groups = 1;
    Activation activation = Activation::none;  // none, relu or silu
    Residual residual = Residual::none;
    DType type = DType::f32;
  };
  /// std::logic_error where no output is left, or groups do not divide channels and filters.
  explicit Conv2d(const Params& params);
  const Params p;

  std::int64_t out_height() const;  // P
  std::int64_t out_width() const;   // Q
  std::int64_t group_channels() const { return p.channels / p.groups; }
  std::int64_t group_filters() const { return p.filters / p.groups; }
  /// A filter a channel, which reads no other.
  bool depthwise() const { return p.groups == p.channels && p.filters == p.channels; }
  /// A matrix product of the pixels with the weights: 1x1, unpadded, every pixel.
  bool pointwise() const;

  std::string_view kind() const override { return "conv2d"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // x [N, H, W, C], w [K, R, S, C/groups], bias [K] (, residual [N, P, Q, K])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [N, P, Q, K]
  Cost cost() const override;                        // taps on padding are not counted
  std::int64_t units() const override;               // an output element
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> conv2d_examples();

}  // namespace assay
