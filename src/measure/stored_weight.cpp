// SPDX-License-Identifier: Apache-2.0
#include "measure/stored_weight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "measure/weights.h"

namespace assay {
namespace {

using Order = WeightSource::Order;

constexpr std::int64_t kChunkBytes = 4 << 20;  // converted on the host at a time

[[noreturn]] void refuse(const StoredTensor& tensor, const std::string& what) {
  throw Error(ExitCode::bad_input, fmt::format("{}: tensor {}: {}", tensor.file.string(), tensor.name, what),
              std::string(kCheckpointHint));
}

bool converts(const StoredTensor& tensor, DType to) {
  if (!tensor.dtype) return false;
  if (*tensor.dtype == to) return true;
  const bool source =
      *tensor.dtype == DType::f32 || *tensor.dtype == DType::f16 || *tensor.dtype == DType::bf16;
  return source && is_floating(to);
}

/// The shape that a tensor has once it is in the plan's order.
Shape shape_in_plan(const StoredTensor& tensor, Order order) {
  const Shape& shape = tensor.shape;
  switch (order) {
    case Order::plain:
    case Order::reshaped: break;
    case Order::transposed:
      if (shape.size() != 2) refuse(tensor, fmt::format("is {}, and should be a matrix", text_of(shape)));
      return {shape[1], shape[0]};
    case Order::channels_first:
      if (shape.size() != 4)
        refuse(tensor, fmt::format("is {}, and should be filters of four dimensions", text_of(shape)));
      return {shape[0], shape[2], shape[3], shape[1]};
    case Order::each_transposed:
      if (shape.size() != 3)
        refuse(tensor, fmt::format("is {}, and should be matrices, of three dimensions", text_of(shape)));
      return {shape[0] * shape[2], shape[1]};
  }
  return shape;
}

std::string_view how_stored(Order order) {
  if (order == Order::transposed || order == Order::each_transposed) return ", stored transposed";
  return order == Order::channels_first ? ", stored with its channels first" : "";
}

/// Calls work(begin, size) for pieces of [0, count) on all threads; what one throws is thrown here.
template <typename Work>
void in_pieces(std::int64_t count, const Work& work) {
  constexpr std::int64_t kPiece = 1 << 16;  // elements a thread takes at once
  std::exception_ptr problem;
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t begin = 0; begin < count; begin += kPiece) {
    try {
      work(begin, std::min(kPiece, count - begin));
    } catch (...) {
#pragma omp critical
      problem = std::current_exception();
    }
  }
  if (problem) std::rethrow_exception(problem);
}

/// A part of a weight, its elements in the plan's order.
class PartReader {
 public:
  PartReader(const StoredTensor& tensor, Order order, std::vector<double> scales)
      : tensor_(tensor), scales_(std::move(scales)), turned_(order) {
    if (straight()) return;
    // Whole, in memory: what belongs together in the plan is not together in the file.
    const std::int64_t width = bytes_of(tensor.dtype.value());
    stored_.resize(static_cast<std::size_t>(tensor.bytes));
    in_pieces(tensor.elements(), [&](std::int64_t begin, std::int64_t size) {
      tensor.read(begin, size, stored_.data() + begin * width);
    });
  }

  /// Elements [first, first + count), packed as `to`.
  void read(std::int64_t first, std::int64_t count, DType to, std::byte* out) const {
    const std::int64_t width = bytes_of(to);
    in_pieces(count, [&](std::int64_t begin, std::int64_t size) {
      if (straight()) return tensor_.convert(first + begin, size, to, out + begin * width);
      for (std::int64_t i = begin; i < begin + size; ++i) store_element(to, out, i, element(first + i));
    });
  }

 private:
  bool straight() const { return scales_.empty() && (turned_ == Order::plain || turned_ == Order::reshaped); }
  double element(std::int64_t i) const {
    const double stored = load_element(*tensor_.dtype, stored_.data(), place_of(i));
    return scales_.empty() ? stored : stored * scales_[static_cast<std::size_t>(i / filter_elements())];
  }
  std::int64_t filter_elements() const { return tensor_.elements() / tensor_.shape[0]; }
  /// Where element i of the plan's order is stored.
  std::int64_t place_of(std::int64_t i) const {
    const auto& shape = tensor_.shape;
    if (turned_ == Order::transposed) return i % shape[0] * shape[1] + i / shape[0];
    if (turned_ == Order::each_transposed) {
      const std::int64_t in = shape[1], out = shape[2], row = i / in;
      return (row / out * in + i % in) * out + row % out;
    }
    if (turned_ != Order::channels_first) return i;
    const std::int64_t channels = shape[1], taps = shape[2] * shape[3];
    const std::int64_t channel = i % channels, tap = i / channels % taps, filter = i / channels / taps;
    return (filter * channels + channel) * taps + tap;
  }

  const StoredTensor& tensor_;
  const std::vector<double> scales_;
  const Order turned_;
  std::vector<std::byte> stored_;  // as the file has it, where the plan wants it otherwise
};

}  // namespace

StoredWeight::StoredWeight(const PlanTensor& weight, const SafeTensors& checkpoint) : weight_(weight) {
  const WeightSource& source = weight.source;
  const auto first = [](const std::vector<std::string>& tensors, const std::optional<BatchNormSource>& norm) {
    return !tensors.empty() ? tensors.front() : norm ? norm->gain : std::string();
  };
  const std::string other = first(source.also, source.also_folded);
  const bool also = !other.empty() && checkpoint.find(first(source.tensors, source.folded)) == nullptr &&
                    checkpoint.find(other) != nullptr;
  const auto find = [&](const std::string& name) {
    const StoredTensor* const found = checkpoint.find(name);
    if (found != nullptr) used_.push_back(found);
    if (found == nullptr && missing_.empty()) missing_ = name;
    return found;
  };
  for (const std::string& name : also ? source.also : source.tensors) parts_.push_back(find(name));
  if (const auto& norm = also ? source.also_folded : source.folded)
    folded_ = {.gain = find(norm->gain),
               .shift = find(norm->shift),
               .mean = find(norm->mean),
               .variance = find(norm->variance),
               .eps = norm->eps};
}

void StoredWeight::check() const {
  const Shape& wanted = weight_.spec.shape;
  const Order order = weight_.source.order;
  std::int64_t rows = 0;
  for (const StoredTensor* part : parts_) {
    const Shape shape = shape_in_plan(*part, order);
    bool fits = false;
    if (order == Order::reshaped) {
      fits = part->elements() == weight_.spec.elements() && parts_.size() == 1;
      rows = wanted[0];
    } else {
      fits = shape.size() == wanted.size() && !shape.empty() &&
             std::equal(shape.begin() + 1, shape.end(), wanted.begin() + 1);
      if (fits) rows += shape[0];
    }
    if (!fits || (part == parts_.back() && rows != wanted[0])) {
      const Shape stored = part->shape;
      refuse(*part, fmt::format("is {}, which does not make {} ({}{}{})", text_of(stored), weight_.spec.name,
                                text_of(wanted), how_stored(order),
                                parts_.size() > 1 ? fmt::format(", of {} tensors", parts_.size()) : ""));
    }
    if (!converts(*part, weight_.spec.dtype))
      refuse(*part, fmt::format("is {}, which does not convert to {}", part->stored_dtype,
                                name(weight_.spec.dtype)));
  }
  if (folded_) check_statistics(wanted[0]);
}

void StoredWeight::check_statistics(std::int64_t filters) const {
  for (const StoredTensor* of : {folded_->gain, folded_->shift, folded_->mean, folded_->variance}) {
    if (of->shape != Shape{filters}) {
      const Shape stored = of->shape;
      refuse(*of,
             fmt::format("is {}, and should be a number for each of {} filters", text_of(stored), filters));
    }
    if (!converts(*of, DType::f32))
      refuse(*of, fmt::format("is {}, which does not convert to f32", of->stored_dtype));
  }
}

std::vector<double> StoredWeight::statistic(const StoredTensor& tensor) const {
  std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
  tensor.convert(0, tensor.elements(), DType::f32, values.data());
  return {values.begin(), values.end()};
}

std::vector<double> StoredWeight::scales() const {
  std::vector<double> gain = statistic(*folded_->gain);
  const std::vector<double> variance = statistic(*folded_->variance);
  for (std::size_t k = 0; k < gain.size(); ++k) gain[k] /= std::sqrt(variance[k] + folded_->eps);
  return gain;
}

void StoredWeight::read(const std::function<void(const std::byte*, std::int64_t)>& put) const {
  const DType dtype = weight_.spec.dtype;
  const std::int64_t width = bytes_of(dtype);
  std::vector<std::byte> staging;
  if (folded_ && parts_.empty()) {  // the bias
    const std::vector<double> scale = scales(), shift = statistic(*folded_->shift),
                              mean = statistic(*folded_->mean);
    staging.resize(scale.size() * static_cast<std::size_t>(width));
    for (std::size_t k = 0; k < scale.size(); ++k)
      store_element(dtype, staging.data(), static_cast<std::int64_t>(k), shift[k] - mean[k] * scale[k]);
    return put(staging.data(), static_cast<std::int64_t>(staging.size()));
  }
  for (const StoredTensor* part : parts_) {
    const PartReader reader(*part, weight_.source.order, folded_ ? scales() : std::vector<double>());
    for (std::int64_t first = 0; first < part->elements(); first += kChunkBytes / width) {
      const std::int64_t count = std::min(kChunkBytes / width, part->elements() - first);
      staging.resize(static_cast<std::size_t>(count * width));
      reader.read(first, count, dtype, staging.data());
      put(staging.data(), count * width);
    }
  }
}

}  // namespace assay
