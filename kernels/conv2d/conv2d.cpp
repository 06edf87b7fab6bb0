// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "kernels/contract.h"

namespace assay {
namespace {

/// Positions of a window of `taps` along `size` padded pixels.
std::int64_t positions(std::int64_t size, std::int64_t taps, std::int64_t dilation, std::int64_t stride) {
  const std::int64_t span = (taps - 1) * dilation + 1;
  return size < span ? 0 : (size - span) / stride + 1;
}

bool is_fused(Activation activation) {
  return activation == Activation::none || activation == Activation::relu || activation == Activation::silu;
}

}  // namespace

Conv2d::Conv2d(const Params& params) : p(params) {
  if (p.groups < 1 || p.channels % p.groups != 0 || p.filters % p.groups != 0)
    throw std::logic_error("conv2d: " + std::to_string(p.groups) + " groups divide " +
                           std::to_string(p.channels) + " channels or " + std::to_string(p.filters) +
                           " filters not");
  if (out_height() < 1 || out_width() < 1) throw std::logic_error("conv2d: no output is left of " + shape());
  if (!is_fused(p.activation))
    throw std::logic_error("conv2d: activation " + std::string(name(p.activation)));
}

std::int64_t Conv2d::out_height() const {
  return positions(p.height + p.pad.top + p.pad.bottom, p.kernel_h, p.dilation, p.stride_h);
}
std::int64_t Conv2d::out_width() const {
  return positions(p.width + p.pad.left + p.pad.right, p.kernel_w, p.dilation, p.stride_w);
}

bool Conv2d::pointwise() const {
  return p.kernel_h == 1 && p.kernel_w == 1 && p.stride_h == 1 && p.stride_w == 1 && p.groups == 1 &&
         p.pad.none();
}

std::string Conv2d::shape() const {
  std::string text = text_of(Shape{p.batch, p.height, p.width, p.channels}) + " k" +
                     std::to_string(p.filters) + " " + text_of(Shape{p.kernel_h, p.kernel_w});
  if (p.stride_h != 1 || p.stride_w != 1)
    text += " /" +
            (p.stride_h == p.stride_w ? std::to_string(p.stride_h) : text_of(Shape{p.stride_h, p.stride_w}));
  const auto& [top, left, bottom, right] = p.pad;
  if (top != 0 || left != 0 || bottom != 0 || right != 0) {
    const bool same = top == left && top == bottom && top == right;
    text += " p" + (same ? std::to_string(top) : text_of(Shape{top, left, bottom, right}));
  }
  if (p.dilation != 1) text += " d" + std::to_string(p.dilation);
  if (p.groups != 1) text += " g" + std::to_string(p.groups);
  text += " " + std::string(name(p.type));
  if (p.residual == Residual::before_activation) text += " +residual";
  if (p.activation != Activation::none) text += " +" + std::string(name(p.activation));
  if (p.residual == Residual::after_activation) text += " +residual";
  // Without an activation the two are one computation and two ops.
  if (p.residual == Residual::after_activation && p.activation == Activation::none) text += " last";
  return text;
}

std::vector<TensorSpec> Conv2d::inputs() const {
  // Sums of r * s * c products come out at about 1.
  const double shrink = 1 / std::sqrt(static_cast<double>(p.kernel_h * p.kernel_w * group_channels()));
  std::vector<TensorSpec> specs = {
      {"x", {p.batch, p.height, p.width, p.channels}, p.type, Fill::normal()},
      {"w", {p.filters, p.kernel_h, p.kernel_w, group_channels()}, p.type, Fill::normal(shrink)},
      {"bias", {p.filters}, p.type, Fill::normal()}};
  if (p.residual != Residual::none)
    specs.push_back({"residual", {p.batch, out_height(), out_width(), p.filters}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> Conv2d::outputs() const {
  return {{"y", {p.batch, out_height(), out_width(), p.filters}, p.type}};
}

std::int64_t Conv2d::units() const {
  return p.batch * out_height() * out_width() * p.filters;
}

namespace {
/// What one direction of an image gives to all outputs along it.
struct Reach {
  std::int64_t taps = 0;   // that lie on the image
  std::int64_t lines = 0;  // rows or columns that some output takes: a stride may step over the others
};
Reach reach_of(std::int64_t outputs, std::int64_t size, std::int64_t kernel, std::int64_t stride,
               std::int64_t before, std::int64_t dilation) {
  Reach reach;
  std::vector<bool> taken(static_cast<std::size_t>(size));
  for (std::int64_t o = 0; o < outputs; ++o)
    for (std::int64_t k = 0; k < kernel; ++k)
      if (const std::int64_t at = o * stride - before + k * dilation; at >= 0 && at < size) {
        ++reach.taps;
        taken[static_cast<std::size_t>(at)] = true;
      }
  reach.lines = std::ranges::count(taken, true);
  return reach;
}
}  // namespace

// Taps on padding are no work: published counts have them (ResNet-50's 4.09 G multiply-adds), kernels leave
// them out, and a share of a peak must not profit from them. The epilogue is not counted, as in matmul.
Cost Conv2d::cost() const {
  const Reach down = reach_of(out_height(), p.height, p.kernel_h, p.stride_h, p.pad.top, p.dilation);
  const Reach across = reach_of(out_width(), p.width, p.kernel_w, p.stride_w, p.pad.left, p.dilation);
  // Pixels that a stride steps over are not read: three of four of a 1x1 convolution by 2.
  const std::int64_t unread = p.height * p.width - down.lines * across.lines;
  const double unread_bytes = static_cast<double>(p.batch * unread * p.channels * bytes_of(p.type));
  return {.flops = 2 * static_cast<double>(p.batch * p.filters) * static_cast<double>(down.taps) *
                   static_cast<double>(across.taps) * static_cast<double>(group_channels()),
          .bytes = in_memory({.read = bytes_of(inputs()) - unread_bytes, .written = bytes_of(outputs())})};
}

void Conv2d::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t k = unit % p.filters, pixel = unit / p.filters;
  const std::int64_t q = pixel % out_width(), row = pixel / out_width() % out_height();
  const std::int64_t n = pixel / out_width() / out_height();
  const std::int64_t channels = group_channels(), first_channel = k / group_filters() * channels;
  double sum = 0, squares = 0;
  // Most of a check's time is spent here, and most of what is checked is f32 in memory.
  const auto floats = [](const TensorView& view) {
    return view.dtype == DType::f32 ? static_cast<const float*>(view.data) : nullptr;
  };
  const float *const x_data = floats(in[0]), *const w_data = floats(in[1]);
  for (std::int64_t r = 0; r < p.kernel_h; ++r) {
    const std::int64_t h = row * p.stride_h - p.pad.top + r * p.dilation;
    if (h < 0 || h >= p.height) continue;
    for (std::int64_t s = 0; s < p.kernel_w; ++s) {
      const std::int64_t w = q * p.stride_w - p.pad.left + s * p.dilation;
      if (w < 0 || w >= p.width) continue;
      const std::int64_t x = ((n * p.height + h) * p.width + w) * p.channels + first_channel;
      const std::int64_t weights = ((k * p.kernel_h + r) * p.kernel_w + s) * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const double term =
            x_data != nullptr && w_data != nullptr
                ? static_cast<double>(x_data[x + c]) * static_cast<double>(w_data[weights + c])
                : in[0][x + c] * in[1][weights + c];
        sum += term;
        squares += term * term;
      }
    }
  }
  sum += in[2][k];
  if (p.residual == Residual::before_activation) sum += in[3][unit];
  sum = activate(p.activation, sum);
  if (p.residual == Residual::after_activation) sum += in[3][unit];
  out.set_sum(0, unit, sum, std::sqrt(squares));
}

// As a matmul of k = r * s * c/groups: see matmul.cpp for where the factors come from.
Tolerance Conv2d::tolerance() const {
  const double taps = static_cast<double>(p.kernel_h * p.kernel_w * group_channels());
  const bool activated = p.activation != Activation::none;
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  // A separate pass reads what the product stored.
  if (activated)
    sum.roundings(amplification(p.activation), "before activation").f32_roundings(16, "activation in f32");
  if (p.residual != Residual::none) sum.roundings(1, "before residual");
  const double weight = activated ? 2 : 1;  // an activation leaves an rms as low as half of its argument's
  sum.f32_roundings(weight * 4 * std::sqrt(taps), "f32 sum of sqrt(taps)");
  if (p.type == DType::bf16 || p.type == DType::f16)
    sum.f32_roundings(weight * taps / 4, "truncated sum of taps / 8 steps");
  // Nothing is allowed for Winograd's transforms: of points that amplify roundings little (winograd_cpu.h)
  // their errors in f32 stay within what a sum of sqrt(taps) may have; of the usual points 1 and 2 they do
  // not.
  return sum.done();
}

}  // namespace assay
