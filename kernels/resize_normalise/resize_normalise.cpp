// SPDX-License-Identifier: Apache-2.0
#include "kernels/resize_normalise/resize_normalise.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "base/random.h"
#include "kernels/contract.h"

namespace assay {
namespace {

constexpr std::int64_t kMostOutput = 1 << 14;  // of a side

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error("resize_normalise: " + what);
}

std::string size_text(PictureSize size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

/// "8 of 500x375", or the largest with a checksum of all.
std::string sizes_text(const std::vector<PictureSize>& sizes) {
  std::string all;
  for (const PictureSize& size : sizes) all += size_text(size) + " ";
  const auto largest = std::ranges::max_element(sizes, {}, &PictureSize::pixels);
  std::string text = std::to_string(sizes.size()) + " of " + size_text(*largest);
  if (std::ranges::count(sizes, sizes[0]) == static_cast<std::int64_t>(sizes.size())) return text;
  char sum[24];
  std::snprintf(sum, sizeof sum, " or less #%08x", static_cast<unsigned>(random_key(0, all) >> 32));
  return text + sum;
}

std::string channels_text(const std::array<float, 3>& values) {
  return text_of(values[0]) + "/" + text_of(values[1]) + "/" + text_of(values[2]);
}

/// Source rows, or columns, that the shown part is made of.
std::int64_t span_of(std::int32_t first, std::int32_t shown, std::int32_t source, std::int32_t resized) {
  if (shown == 0) return 0;
  const Taps last = taps_of(first + shown - 1, source, resized);
  return last.begin + last.count - taps_of(first, source, resized).begin;
}
double mean_taps(std::int32_t source, std::int32_t resized) {
  return 2 * std::max(1.0, static_cast<double>(source) / static_cast<double>(resized));
}

struct WeightedTaps {
  std::int64_t begin;
  std::vector<double> weights;
};
/// In double, and from the formula.
WeightedTaps weighted(std::int64_t at, std::int64_t source, std::int64_t resized) {
  const double scale = static_cast<double>(source) / static_cast<double>(resized),
               reach = std::max(scale, 1.0);
  const double middle = (static_cast<double>(at) + 0.5) * scale;
  const auto begin = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(middle - reach))),
             end = std::min(source, static_cast<std::int64_t>(std::ceil(middle + reach)));
  WeightedTaps taps{begin, {}};
  double sum = 0;
  for (std::int64_t i = begin; i < end; ++i) {
    taps.weights.push_back(std::max(0.0, 1 - std::abs(static_cast<double>(i) + 0.5 - middle) / reach));
    sum += taps.weights.back();
  }
  for (double& w : taps.weights) w /= sum;
  return taps;
}

}  // namespace

ResizeNormalise::ResizeNormalise(const Params& params) : p(params) {
  require(!p.sizes.empty() && p.capacity >= 3, "no images, or no room for one");
  for (const PictureSize& size : p.sizes)
    require(size == PictureSize{} || is_picture(size.height, size.width, p.capacity),
            size_text(size) + " in " + std::to_string(p.capacity) + " bytes");
  require(p.out_h >= 1 && p.out_w >= 1 && p.out_h <= kMostOutput && p.out_w <= kMostOutput,
          "an output of " + std::to_string(p.out_w) + "x" + std::to_string(p.out_h));
  require(p.fit != Fit::crop || (p.resize >= std::max(p.out_h, p.out_w) && p.resize <= kMostOutput),
          "a crop of more than the resized picture");
  require(
      p.layout != PixelLayout::patches || (p.patch >= 1 && p.out_h % p.patch == 0 && p.out_w % p.patch == 0),
      "patches that do not divide the output");
  require(p.layout != PixelLayout::focus || (p.out_h % 2 == 0 && p.out_w % 2 == 0),
          "an odd side in squares of 2");
  require(std::ranges::none_of(p.deviation, [](float d) { return d == 0; }), "a deviation of 0");
}

ResizeRule ResizeNormalise::rule() const {
  ResizeRule r{.images = images(),
               .capacity = p.capacity,
               .resize = static_cast<std::int32_t>(p.resize),
               .out_h = static_cast<std::int32_t>(p.out_h),
               .out_w = static_cast<std::int32_t>(p.out_w),
               .patch = static_cast<std::int32_t>(p.patch),
               .fit = p.fit,
               .offset = p.offset,
               .order = p.order,
               .layout = p.layout,
               .padding = p.padding};
  for (std::size_t c = 0; c < 3; ++c) {
    const double deviation = static_cast<double>(p.deviation[c]);
    r.factor[c] = static_cast<float>(static_cast<double>(p.scale) / deviation);
    r.term[c] = static_cast<float>(-static_cast<double>(p.mean[c]) / deviation);
  }
  return r;
}

Shape ResizeNormalise::y_shape() const {
  switch (p.layout) {
    case PixelLayout::nhwc: break;
    case PixelLayout::patches:
      return {images() * (p.out_h / p.patch) * (p.out_w / p.patch), 3 * p.patch * p.patch};
    case PixelLayout::focus: return {images(), p.out_h / 2, p.out_w / 2, 12};
  }
  return {images(), p.out_h, p.out_w, 3};
}

std::string ResizeNormalise::shape() const {
  std::string text =
      sizes_text(p.sizes) + " to " + size_text({p.out_h, p.out_w}) + " " + std::string(name(p.type));
  if (p.fit == Fit::crop)
    text += " crop of " + std::to_string(p.resize) + (p.offset == CropOffset::half_down ? " half down" : "");
  else
    text += p.fit == Fit::stretch ? " stretch" : " letterbox";
  if (p.layout == PixelLayout::patches) text += " patches of " + std::to_string(p.patch);
  if (p.layout == PixelLayout::focus) text += " focus";
  if (p.order == ChannelOrder::bgr) text += " bgr";
  return text + option("scale", p.scale, 1.0f / 255) +
         (p.mean == std::array<float, 3>{0, 0, 0} ? "" : " +mean " + channels_text(p.mean)) +
         (p.deviation == std::array<float, 3>{1, 1, 1} ? "" : " +deviation " + channels_text(p.deviation)) +
         option("padding", p.padding, 114.0f) + " room " + std::to_string(p.capacity);
}

std::vector<TensorSpec> ResizeNormalise::inputs() const {
  std::vector<std::int32_t> sizes;
  for (const PictureSize& size : p.sizes)
    for (const std::int64_t value : {size.height, size.width, std::int64_t{0}})
      sizes.push_back(static_cast<std::int32_t>(value));
  return {{"pixels", {images(), p.capacity}, DType::u8, Fill::index(256)},
          {"sizes", {images(), 3}, DType::i32, Fill::integers(std::move(sizes))}};
}

std::vector<TensorSpec> ResizeNormalise::outputs() const {
  return {{"y", y_shape(), p.type}};
}

Cost ResizeNormalise::cost() const {
  double flops = 2 * 3 * static_cast<double>(images() * p.out_h * p.out_w),
         read = 3 * 4 * static_cast<double>(images());
  for (const PictureSize& size : p.sizes) {
    const ResizeView v = view_of(rule(), size.height, size.width);
    if (v.height == 0) continue;
    const double rows = static_cast<double>(span_of(v.top, v.shown_h, v.height, v.resized_h)),
                 columns = static_cast<double>(span_of(v.left, v.shown_w, v.width, v.resized_w));
    flops += 2 * 3 * v.shown_h *
             (columns * mean_taps(v.height, v.resized_h) + v.shown_w * mean_taps(v.width, v.resized_w));
    read += 3 * rows * columns;
  }
  return {.flops = flops, .bytes = in_memory({.read = read, .written = bytes_of(outputs())})};
}

std::string ResizeNormalise::check_inputs(std::span<const TensorView> in) const {
  for (std::int64_t n = 0; n < images(); ++n) {
    const std::int64_t height = in[kSizes].integer(3 * n), width = in[kSizes].integer(3 * n + 1);
    if ((height == 0 && width == 0) || is_picture(height, width, p.capacity)) continue;
    return "image " + std::to_string(n) + ": " + std::to_string(width) + "x" + std::to_string(height) +
           " pixels in " + std::to_string(p.capacity) + " bytes";
  }
  return "";
}

// A row of the output: of the picture's columns what this row is made of, and of those its pixels.
void ResizeNormalise::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const ResizeRule r = rule();
  const std::int64_t n = unit / p.out_h, y = unit % p.out_h;
  const ResizeView v = view_of(r, in[kSizes].integer(3 * n), in[kSizes].integer(3 * n + 1));
  std::vector<double> row;  // [width, 3], from column `first` on
  std::int64_t first = 0;
  if (y < v.shown_h) {
    const WeightedTaps rows = weighted(v.top + y, v.height, v.resized_h);
    first = weighted(v.left, v.width, v.resized_w).begin;
    const WeightedTaps last = weighted(v.left + v.shown_w - 1, v.width, v.resized_w);
    row.resize(
        static_cast<std::size_t>(3 * (last.begin + static_cast<std::int64_t>(last.weights.size()) - first)));
    for (std::size_t k = 0; k < rows.weights.size(); ++k) {
      const std::int64_t from =
          n * p.capacity + 3 * ((rows.begin + static_cast<std::int64_t>(k)) * v.width + first);
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] += rows.weights[k] * in[kPixels][from + static_cast<std::int64_t>(i)];
    }
  }
  for (std::int64_t x = 0; x < p.out_w; ++x) {
    std::array<double, 3> value;
    value.fill(static_cast<double>(p.padding));
    if (y < v.shown_h && x < v.shown_w) {
      value.fill(0);
      const WeightedTaps columns = weighted(v.left + x, v.width, v.resized_w);
      for (std::size_t k = 0; k < columns.weights.size(); ++k)
        for (std::size_t c = 0; c < 3; ++c)
          value[c] += columns.weights[k] * row[3 * (static_cast<std::size_t>(columns.begin - first) + k) + c];
    }
    for (int c = 0; c < 3; ++c) {
      const auto channel = static_cast<std::size_t>(c);
      const double v_c = value[static_cast<std::size_t>(stored_channel(p.order, c))];
      out.set(0, element_of(r, n, y, x, c),
              (v_c * static_cast<double>(p.scale) - static_cast<double>(p.mean[channel])) /
                  static_cast<double>(p.deviation[channel]));
    }
  }
}

/// Weights and values are positive, so that sums lose nothing to cancelling until the term is added: what is
/// rounded there is as large as 255 factors, and what is left is judged by the outputs' own size. That of
/// random bytes is the factor times their deviation, which a triangle over s pixels a side lowers to 73.6 * 2
/// / (3 s), or the distance of their mean from the normalisation's.
Tolerance ResizeNormalise::tolerance() const {
  const ResizeRule r = rule();
  double taps = 0, size = 1e30, largest = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const double factor = std::abs(static_cast<double>(r.factor[c])), term = static_cast<double>(r.term[c]);
    largest = std::max(largest, 255 * factor);
    double spread = 73.6;
    for (const PictureSize& picture : p.sizes) {
      const ResizeView v = view_of(r, picture.height, picture.width);
      if (v.height == 0) continue;
      const double rows = mean_taps(v.height, v.resized_h) / 2, columns = mean_taps(v.width, v.resized_w) / 2;
      spread = std::min(spread, 73.6 * 2 / 3 / std::sqrt(rows * columns));
      taps = std::max(taps, 2 * std::sqrt(rows) + 2 * std::sqrt(columns));
    }
    size = std::min(size, std::hypot(127.5 * factor * (r.factor[c] < 0 ? -1 : 1) + term, spread * factor));
  }
  return ToleranceSum(p.type)
      .roundings(1, "store")
      .f32_roundings((8 + taps) * largest / size,
                     "f32 weights and sums of 2 sqrt(scales) + 8, at 255 of what is left")
      .done();
}

}  // namespace assay
