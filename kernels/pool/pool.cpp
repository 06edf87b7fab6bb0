// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool/pool.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/contract.h"

namespace assay {

Pool::Pool(const Params& params) : p(params) {
  if (!global() && (std::max(p.top, p.bottom) >= p.kernel_h || std::max(p.left, p.right) >= p.kernel_w))
    throw std::logic_error("pool: a window of padding alone");
}

std::string Pool::shape() const {
  const std::string image = text_of(Shape{p.batch, p.height, p.width, p.channels});
  const std::string type = " " + std::string(name(p.type));
  if (global()) return image + " global average" + type;
  std::string text = image + (p.kind == Pooling::max ? " max " : " average ") +
                     text_of(Shape{p.kernel_h, p.kernel_w}) + " stride " +
                     text_of(Shape{p.stride_h, p.stride_w});
  if (p.top + p.left + p.bottom + p.right > 0)
    text += " pad " + text_of(Shape{p.top, p.left, p.bottom, p.right});
  return text + type;
}

std::vector<TensorSpec> Pool::inputs() const {
  return {{"x", {p.batch, p.height, p.width, p.channels}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> Pool::outputs() const {
  if (global()) return {{"y", {p.batch, p.channels}, p.type}};
  return {{"y", {p.batch, out_height(), out_width(), p.channels}, p.type}};
}

// Windows are separable, along the rows and then down the columns, so an element of y needs no more than one
// comparison or addition for each row and column of its window, however large; a global mean, one for each
// pixel. Pixels between windows (stride above kernel) are counted as read: their lines are.
Cost Pool::cost() const {
  const auto elements = static_cast<double>(elements_of(outputs()[0].shape));
  const double each = static_cast<double>(global() ? p.height * p.width : p.kernel_h + p.kernel_w);
  return {.flops = each * elements,
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

std::int64_t Pool::units() const {
  return global() ? p.batch : p.batch * out_height() * out_width();
}

void Pool::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t pixels = global() ? 1 : out_height() * out_width(), n = unit / pixels;
  std::int64_t first_h = 0, end_h = p.height, first_w = 0, end_w = p.width;
  if (!global()) {
    const std::int64_t h = unit % pixels / out_width() * p.stride_h - p.top;
    const std::int64_t w = unit % out_width() * p.stride_w - p.left;
    first_h = std::max<std::int64_t>(h, 0), end_h = std::min(h + p.kernel_h, p.height);
    first_w = std::max<std::int64_t>(w, 0), end_w = std::min(w + p.kernel_w, p.width);
  }
  const auto count = static_cast<double>((end_h - first_h) * (end_w - first_w));
  for (std::int64_t c = 0; c < p.channels; ++c) {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::int64_t h = first_h; h < end_h; ++h)
      for (std::int64_t w = first_w; w < end_w; ++w) {
        const double x = in[0][((n * p.height + h) * p.width + w) * p.channels + c];
        largest = std::max(largest, x);
        sum += x;
      }
    out.set(0, unit * p.channels + c, p.kind == Pooling::max ? largest : sum / count);
  }
}

// Of a mean of n values about zero: it is n^-1/2 of them, and the partial sums that are rounded on the way
// walk as far as it does.
Tolerance Pool::tolerance() const {
  if (p.kind == Pooling::max) return exact("a choice");
  const auto n = static_cast<double>(global() ? p.height * p.width : p.kernel_h * p.kernel_w);
  return ToleranceSum(p.type)
      .roundings(1, "store")
      .f32_roundings(4 * std::sqrt(n) + 2, "f32 sum of n, times 1 / n")
      .done();
}

std::vector<std::shared_ptr<const Op>> pool_examples() {
  using enum DType;
  std::vector<std::shared_ptr<const Op>> ops;
  const auto square = [&](Pool::Params params, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
    params.kernel_h = params.kernel_w = kernel;
    params.stride_h = params.stride_w = stride;
    params.top = params.left = params.bottom = params.right = pad;
    ops.push_back(std::make_shared<const Pool>(params));
  };
  const auto add = [&](const Pool::Params& params) { ops.push_back(std::make_shared<const Pool>(params)); };
  square({.batch = 2, .height = 7, .width = 5, .channels = 3, .type = f32}, 3, 2, 1);
  square({.batch = 1, .height = 9, .width = 11, .channels = 77, .type = bf16}, 3, 2, 1);
  square({.batch = 1, .height = 6, .width = 6, .channels = 16, .type = f16}, 2, 2, 0);
  square({.batch = 1, .height = 1, .width = 1, .channels = 1, .type = f32}, 1, 1, 0);
  square({.batch = 1, .height = 4, .width = 5, .channels = 9, .type = f32}, 13, 1, 6);  // larger than x
  square({.batch = 1, .height = 9, .width = 9, .channels = 8, .type = f32}, 2, 3, 0);   // pixels unused
  // Every side its own padding, and another kernel and stride in each direction.
  add({.batch = 2,
       .height = 11,
       .width = 8,
       .channels = 20,
       .kernel_h = 4,
       .kernel_w = 3,
       .stride_h = 3,
       .stride_w = 1,
       .top = 1,
       .left = 0,
       .bottom = 3,
       .right = 2,
       .type = f32});
  add({.batch = 1,
       .height = 8,
       .width = 13,
       .channels = 40,
       .kind = Pooling::average,
       .kernel_h = 2,
       .kernel_w = 5,
       .stride_h = 1,
       .stride_w = 2,
       .top = 1,
       .left = 4,
       .bottom = 0,
       .right = 1,
       .type = bf16});
  square({.batch = 2, .height = 9, .width = 7, .channels = 13, .kind = Pooling::average, .type = f32}, 3, 2,
         1);
  square({.batch = 1, .height = 8, .width = 8, .channels = 24, .kind = Pooling::average, .type = f16}, 2, 2,
         0);
  // YOLOX's pyramid of 5, 9 and 13; ResNet's first pooling and its last.
  for (const std::int64_t kernel : {5, 9, 13})
    square({.batch = 1, .height = 20, .width = 20, .channels = 256, .type = kernel == 9 ? bf16 : f32}, kernel,
           1, kernel / 2);
  square({.batch = 2, .height = 112, .width = 112, .channels = 64, .type = f16}, 3, 2, 1);
  add({.batch = 3, .height = 5, .width = 3, .channels = 77, .kind = Pooling::global_average, .type = f32});
  add({.batch = 1, .height = 1, .width = 2, .channels = 1, .kind = Pooling::global_average, .type = f32});
  add({.batch = 2, .height = 7, .width = 7, .channels = 2048, .kind = Pooling::global_average, .type = bf16});
  add({.batch = 2, .height = 9, .width = 9, .channels = 136, .kind = Pooling::global_average, .type = f16});
  add({.batch = 2, .height = 64, .width = 64, .channels = 40, .kind = Pooling::global_average, .type = f32});
  return ops;
}

}  // namespace assay
