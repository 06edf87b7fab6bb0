// SPDX-License-Identifier: Apache-2.0
#include "measure/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>
#include <vector>

namespace assay {
namespace {

constexpr std::int64_t kChunkBytes = 4 << 20;  // converted on the host at a time
constexpr std::string_view kHint = "the checkpoint must be of the very model that the config describes";

[[noreturn]] void refuse(const StoredTensor& tensor, const std::string& what) {
  throw Error(ExitCode::bad_input, fmt::format("{}: tensor {}: {}", tensor.file.string(), tensor.name, what),
              std::string(kHint));
}

bool converts(const StoredTensor& tensor, DType to) {
  if (!tensor.dtype) return false;
  if (*tensor.dtype == to) return true;
  const bool source =
      *tensor.dtype == DType::f32 || *tensor.dtype == DType::f16 || *tensor.dtype == DType::bf16;
  return source && is_floating(to);
}

/// The shape that a tensor has once it is transposed where the plan asks for it.
Shape shape_in_plan(const StoredTensor& tensor, bool transposed) {
  Shape shape = tensor.shape;
  if (transposed) {
    if (shape.size() != 2) refuse(tensor, fmt::format("is {}, and should be a matrix", text_of(shape)));
    std::swap(shape[0], shape[1]);
  }
  return shape;
}

/// The tensors of a weight, in the order they are stacked; null for one that is missing.
std::vector<const StoredTensor*> parts_of(const PlanTensor& weight, const SafeTensors& checkpoint) {
  std::vector<const StoredTensor*> parts;
  for (const std::string& name : weight.source.tensors) parts.push_back(checkpoint.find(name));
  return parts;
}

void check_shapes(const PlanTensor& weight, std::span<const StoredTensor* const> parts) {
  const Shape& wanted = weight.spec.shape;
  std::int64_t rows = 0;
  for (const StoredTensor* part : parts) {
    const Shape shape = shape_in_plan(*part, weight.source.transposed);
    const bool fits = shape.size() == wanted.size() && !shape.empty() &&
                      std::equal(shape.begin() + 1, shape.end(), wanted.begin() + 1);
    if (fits) rows += shape[0];
    if (!fits || (part == parts.back() && rows != wanted[0])) {
      const Shape stored = part->shape;
      refuse(*part, fmt::format("is {}, which does not make {} ({}{}{})", text_of(stored), weight.spec.name,
                                text_of(wanted), weight.source.transposed ? ", stored transposed" : "",
                                parts.size() > 1 ? fmt::format(", of {} tensors", parts.size()) : ""));
    }
    if (!converts(*part, weight.spec.dtype))
      refuse(*part,
             fmt::format("is {}, which does not convert to {}", part->stored_dtype, name(weight.spec.dtype)));
  }
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
  PartReader(const StoredTensor& tensor, bool transposed) : tensor_(tensor), transposed_(transposed) {
    if (!transposed) return;
    // Whole, in memory: its columns are not together in the file.
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
      if (!transposed_) return tensor_.convert(first + begin, size, to, out + begin * width);
      const std::int64_t rows = tensor_.shape[0],
                         cols = tensor_.shape[1];  // as stored; cols x rows in the plan
      for (std::int64_t i = begin; i < begin + size; ++i) {
        const std::int64_t row = (first + i) / rows, col = (first + i) % rows;
        store_element(to, out, i, load_element(*tensor_.dtype, stored_.data(), col * cols + row));
      }
    });
  }

 private:
  const StoredTensor& tensor_;
  const bool transposed_;
  std::vector<std::byte> stored_;  // as the file has it, where the plan wants it transposed
};

}  // namespace

void check_weights(const Plan& plan, const SafeTensors& checkpoint) {
  std::set<const StoredTensor*> used;
  for (const PlanTensor& weight : plan.tensors()) {
    if (weight.role != Role::weight) continue;
    const auto parts = parts_of(weight, checkpoint);
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] == nullptr)
        throw Error(
            ExitCode::bad_input,
            fmt::format("{}: tensor {} is missing", checkpoint.path().string(), weight.source.tensors[i]),
            std::string(kHint));
    if (!parts.empty()) check_shapes(weight, parts);
    used.insert(parts.begin(), parts.end());
  }
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    const auto ends = [&name = name](const std::string& suffix) { return name.ends_with(suffix); };
    if (!used.contains(&tensor) && std::ranges::none_of(plan.ignored_weights, ends))
      refuse(tensor, "is not a part of this model");
  }
}

void load_weights(const Plan& plan, const SafeTensors& checkpoint, const Sites& sites,
                  std::span<const Buffer> buffers) {
  std::vector<std::byte> staging;
  for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
    const PlanTensor& weight = plan.tensors()[t];
    if (weight.role != Role::weight) continue;
    const DType dtype = weight.spec.dtype;
    const std::int64_t width = bytes_of(dtype);
    auto* to = static_cast<std::byte*>(buffers[t].data);
    for (const StoredTensor* part : parts_of(weight, checkpoint)) {
      const PartReader reader(*part, weight.source.transposed);
      for (std::int64_t first = 0; first < part->elements(); first += kChunkBytes / width) {
        const std::int64_t count = std::min(kChunkBytes / width, part->elements() - first);
        staging.resize(static_cast<std::size_t>(count * width));
        reader.read(first, count, dtype, staging.data());
        sites.at(weight.place).lane->write({to, count * width}, staging.data(), count * width);
        to += count * width;
      }
    }
  }
}

}  // namespace assay
