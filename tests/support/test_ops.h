// SPDX-License-Identifier: Apache-2.0
// Two tiny ops, and kernels for them that are right, slow, or wrong in the ways that kernels are.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/kernel.h"
#include "plan/op.h"
#include "support/fake_device.h"

namespace assay {

/// y[i] = 2 x[i] + 1
struct Scale final : Op {
  explicit Scale(std::int64_t elements, DType type = DType::f32, Fill x = {})
      : count(elements), type(type), fill(std::move(x)) {}
  const std::int64_t count;
  const DType type;
  const Fill fill;

  std::string_view kind() const override { return "scale"; }
  std::string shape() const override { return std::to_string(count) + " " + std::string(name(type)); }
  DType dtype() const override { return type; }
  std::vector<TensorSpec> inputs() const override {
    return {{.name = "x", .shape = {count}, .dtype = type, .fill = fill}};
  }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "y", .shape = {count}, .dtype = type}};
  }
  Cost cost() const override {
    return {.flops = 2.0 * static_cast<double>(count),
            .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
  }
  std::int64_t units() const override { return count; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, 2 * in[0][unit] + 1);
  }
  Tolerance tolerance() const override { return {{epsilon_factor(type), {"2 roundings", 2}}}; }
};

/// p[i] += 1 for even i, in place; odd elements are not the op's.
struct Step2 final : Op {
  explicit Step2(std::int64_t elements) : count(elements) {}
  const std::int64_t count;

  std::string_view kind() const override { return "step"; }
  std::string shape() const override { return std::to_string(count); }
  DType dtype() const override { return DType::i32; }
  std::vector<TensorSpec> inputs() const override {
    return {{.name = "p", .shape = {count}, .dtype = DType::i32, .fill = Fill::cycle(1000)}};
  }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "p", .shape = {count}, .dtype = DType::i32, .aliases_input = 0}};
  }
  Cost cost() const override {
    return {.flops = 0,
            .bytes = in_memory(
                {.read = 4.0 * static_cast<double>(count), .written = 2.0 * static_cast<double>(count)})};
  }
  std::int64_t units() const override { return (count + 1) / 2; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, 2 * unit, in[0][2 * unit] + 1);
  }
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }
};

/// y[i] = x[i], at the other place.
struct Move final : Op {
  Move(std::int64_t elements, Place to) : count(elements), to(to) {}
  const std::int64_t count;
  const Place to;

  std::string_view kind() const override { return "move"; }
  std::string shape() const override { return std::to_string(count) + " to " + std::string(name(to)); }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return {{.name = "x", .shape = {count}}}; }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {count}}}; }
  Cost cost() const override {
    return {.flops = 0, .bytes = {{Path::host_link, {.read = bytes_of(inputs()), .written = 0}}}};
  }
  std::optional<Place> moves_to() const override { return to; }
  std::int64_t units() const override { return count; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, in[0][unit]);
  }
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }
};

/// What goes wrong in a kernel.
enum class Fault : std::uint8_t {
  none,
  wrong,
  silent,
  zeros,
  clobbers_input,
  nan,
  stops_early,
  trespasses,
  refuses
};

class TestKernel final : public Kernel {
 public:
  TestKernel(const Op& op, FakeDevice& device, Fault fault, double seconds, std::int64_t workspace = 0)
      : inputs_(op.inputs()),
        outputs_(op.outputs()),
        in_place_(op.kind() == "step"),
        device_(device),
        fault_(fault),
        seconds_(seconds),
        workspace_(workspace) {}

  void launch(Stream&, Buffers in, Buffers out) override {
    if (seconds_ > 0) device_.now_s += seconds_;
    const TensorSpec& y = outputs_[0];
    const TensorView x{in[0].data, inputs_[0].dtype, inputs_[0].elements()};
    for (std::int64_t i = 0; i < y.elements(); ++i) {
      if (fault_ == Fault::silent || (fault_ == Fault::stops_early && i + 1 == y.elements())) continue;
      if (in_place_) {
        if (i % 2 == 0 || fault_ == Fault::trespasses) store_element(y.dtype, out[0].data, i, x[i] + 1);
      } else {
        store_element(y.dtype, out[0].data, i, value(x[i], i));
      }
    }
    if (fault_ == Fault::clobbers_input) store_element(inputs_[0].dtype, in[0].data, 3, 5);
  }
  std::int64_t workspace_bytes() const override { return workspace_; }

 private:
  double value(double x, std::int64_t i) const {
    if (fault_ == Fault::zeros) return 0;
    if (fault_ == Fault::nan && i == 2) return std::nan("");
    return 2 * x + 1 + (fault_ == Fault::wrong && i == 17 ? 0.5 : 0);
  }

  const std::vector<TensorSpec> inputs_, outputs_;
  const bool in_place_;
  FakeDevice& device_;
  const Fault fault_;
  const double seconds_;
  const std::int64_t workspace_;
};

template <Fault fault, int microseconds = 10, int workspace = 0>
std::unique_ptr<Kernel> make_test_kernel(const Op& op, Lane& lane) {
  if (fault == Fault::refuses) throw Unsupported("takes no " + op.shape());
  return std::make_unique<TestKernel>(op, dynamic_cast<FakeDevice&>(lane.device()), fault,
                                      microseconds * 1e-6, workspace);
}

}  // namespace assay
