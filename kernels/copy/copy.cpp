// SPDX-License-Identifier: Apache-2.0
#include "kernels/copy/copy.h"

#include "kernels/contract.h"

namespace assay {

std::string Copy::shape() const {
  return text_of(p.shape) + " " + std::string(name(p.type)) + " to the " + std::string(name(p.to));
}

// Integers are few times the same, so that one written to the wrong place shows.
std::vector<TensorSpec> Copy::inputs() const {
  const Fill fill = is_floating(p.type) ? Fill::normal() : Fill::index(p.type == DType::i32 ? 1 << 30 : 128);
  return {{"x", p.shape, p.type, fill}};
}

std::vector<TensorSpec> Copy::outputs() const {
  return {{"y", p.shape, p.type}};
}

// A byte crosses once: towards the device it is read over the link, towards the host written.
Cost Copy::cost() const {
  const double bytes = bytes_of(inputs());
  const Bytes moved =
      p.to == Place::device ? Bytes{.read = bytes, .written = 0} : Bytes{.read = 0, .written = bytes};
  return {.flops = 0, .bytes = {{Path::host_link, moved}}};
}

void Copy::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  out.set(0, unit, in[0][unit]);
}

Tolerance Copy::tolerance() const {
  return exact("a copy");
}

std::vector<std::shared_ptr<const Op>> copy_examples() {
  const auto op = [](const Copy::Params& params) { return std::make_shared<const Copy>(params); };
  return {
      op({.shape = {3}, .type = DType::u8, .to = Place::device}),
      op({.shape = {17, 5}, .type = DType::f32, .to = Place::device}),
      op({.shape = {17, 5}, .type = DType::f16, .to = Place::host}),
      op({.shape = {100}, .type = DType::i32, .to = Place::host}),
      op({.shape = {13, 26}, .type = DType::i32, .to = Place::device}),         // ids of a few requests
      op({.shape = {8, 3, 224, 224}, .type = DType::u8, .to = Place::device}),  // decoded pictures
      op({.shape = {256, 1000}, .type = DType::bf16, .to = Place::host}),       // scores of a batch
      op({.shape = {1 << 20}, .type = DType::f32, .to = Place::device}),
  };
}

}  // namespace assay
