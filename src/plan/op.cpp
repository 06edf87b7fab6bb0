// SPDX-License-Identifier: Apache-2.0
#include "plan/op.h"

#include <numeric>
#include <stdexcept>

#include "plan/fill_function.h"

namespace assay {

std::int64_t elements_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::string text_of(const Shape& shape) {
  std::string text;
  for (const std::int64_t dimension : shape) text += (text.empty() ? "" : "x") + std::to_string(dimension);
  return text;
}

double bytes_of(std::span<const TensorSpec> specs) {
  double bytes = 0;
  for (const TensorSpec& spec : specs) bytes += static_cast<double>(spec.bytes());
  return bytes;
}

Bytes Cost::memory() const {
  const auto found = bytes.find(Path::memory);
  return found == bytes.end() ? Bytes{} : found->second;
}

Bytes Cost::all_paths() const {
  Bytes sum;
  for (const auto& [path, one] : bytes) {
    sum.read += one.read;
    sum.written += one.written;
  }
  return sum;
}

BytesByPath Cost::moved() const {
  BytesByPath sums;
  for (const auto& [path, one] : bytes) sums[path] = one.both();
  return sums;
}

Cost& Cost::operator+=(const Cost& other) {
  flops += other.flops;
  for (const auto& [path, more] : other.bytes) {
    bytes[path].read += more.read;
    bytes[path].written += more.written;
  }
  return *this;
}

Cost Cost::operator*(double times) const {
  Cost all = *this;
  all.flops *= times;
  for (auto& [path, one] : all.bytes) one = {.read = one.read * times, .written = one.written * times};
  return all;
}

double TensorView::evaluated(std::int64_t index) const {
  if (fill == nullptr) throw std::logic_error("a view of a tensor without data and without a fill");
  return stored(dtype, (*fill)(index));
}

double Tolerance::value() const {
  if (factors.empty()) return 0;  // nothing is allowed that nobody named
  double product = 1;
  for (const Factor& factor : factors) product *= factor.value;
  return product;
}

namespace {
constexpr std::string_view kEpsilon = "epsilon(";
}

std::optional<double> Tolerance::rounding() const {
  if (factors.empty() || !factors.front().name.starts_with(kEpsilon)) return std::nullopt;
  return factors.front().value;
}

std::string Tolerance::text() const {
  std::string text;
  for (const Factor& factor : factors) text += (text.empty() ? "" : " x ") + factor.name;
  return text;
}

Tolerance::Factor epsilon_factor(DType dtype) {
  return {std::string(kEpsilon) + std::string(name(dtype)) + ")", epsilon(dtype)};
}

}  // namespace assay
