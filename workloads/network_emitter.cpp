// SPDX-License-Identifier: Apache-2.0
#include "workloads/network_emitter.h"

#include <cmath>

#include "workloads/seeded_weights.h"

namespace assay {
namespace {

BatchNormSource norm_of(const std::string& module, double eps) {
  return {.gain = module + ".weight",
          .shift = module + ".bias",
          .mean = module + ".running_mean",
          .variance = module + ".running_var",
          .eps = eps};
}

/// The weights of a layer (`bias`: its bias), under both of its names.
WeightSource source_of(const ConvLayer& layer, bool bias) {
  WeightSource source;
  const auto add = [&](const StoredLayer& stored, std::vector<std::string>& tensors,
                       std::optional<BatchNormSource>& folded) {
    if (stored.module.empty()) return;
    const bool normalised = !stored.norm.empty();
    if (!bias) tensors = {stored.module + ".weight"};
    if (bias && !normalised) tensors = {stored.module + ".bias"};
    if (normalised) folded = norm_of(stored.norm, layer.norm_eps);
  };
  add(layer.stored, source.tensors, source.folded);
  add(layer.also, source.also, source.also_folded);
  if (!bias) source.order = WeightSource::Order::channels_first;
  return source;
}

/// "fc" -> "fc.weight"; torch's MultiheadAttention says "in_proj_weight".
std::vector<std::string> with(const std::vector<std::string>& modules, const std::string& parameter) {
  std::vector<std::string> names;
  for (const std::string& module : modules)
    names.push_back(module + (module.ends_with("in_proj") ? "_" : ".") + parameter);
  return names;
}

}  // namespace

// Simpson's rule over eight deviations each way.
double mean_square_after(Activation activation, double deviation) {
  constexpr int kSteps = 400;
  constexpr double kEnd = 8, kRootTwoPi = 2.5066282746310002;
  const double h = 2 * kEnd / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double z = -kEnd + i * h, y = activate(activation, z * deviation);
    sum += (i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2) * y * y * std::exp(-z * z / 2);
  }
  return sum * h / 3 / kRootTwoPi;
}

Feature NetworkEmitter::conv(const ConvLayer& layer, const Feature& x, const Feature* residual,
                             Residual where) {
  const std::int64_t half = layer.kernel / 2, per_group = x.channels / layer.groups;
  const std::int64_t sum = layer.kernel * layer.kernel * per_group;
  // A rectified half loses half of the mean square; others are near enough to keep theirs with as much.
  const double gain = layer.gain > 0 ? layer.gain : layer.activation == Activation::none ? 1 : std::sqrt(2.0);
  const Conv2d op({.batch = batch_,
                   .height = x.height,
                   .width = x.width,
                   .channels = x.channels,
                   .filters = layer.filters,
                   .kernel_h = layer.kernel,
                   .kernel_w = layer.kernel,
                   .stride_h = layer.stride,
                   .stride_w = layer.stride,
                   .pad = {.top = half, .left = half, .bottom = half, .right = half},
                   .groups = layer.groups,
                   .activation = layer.activation,
                   .residual = residual != nullptr ? where : Residual::none,
                   .type = type_});
  std::vector<Value> in = {
      x.value,
      weight(layer.name + ".weight", {layer.filters, layer.kernel, layer.kernel, per_group},
             gain / std::sqrt(real(sum) * x.mean_square), source_of(layer, false)),
      weight(layer.name + ".bias", {layer.filters}, kBiasDeviation * gain, source_of(layer, true),
             layer.bias_mean)};
  if (!layer.stored.norm.empty()) parameters_ += layer.filters;  // gain and shift, of which one bias is left
  if (residual != nullptr) in.push_back(residual->value);
  count_rounding(sum);
  Feature y{.value = {},
            .height = op.out_height(),
            .width = op.out_width(),
            .channels = layer.filters,
            .mean_square = mean_square_after(layer.activation, gain)};
  if (residual != nullptr)
    y.mean_square =
        residual->mean_square + (where == Residual::before_activation ? gain * gain : y.mean_square);
  multiply_adds_ += real(batch_) * real(y.height) * real(y.width) * real(layer.filters) * real(sum);
  y.value = run(layer.name, layer.label, op, in)[0];
  return y;
}

Value NetworkEmitter::linear(const LinearLayer& layer, Value x, std::optional<Value> residual) {
  const DType out = layer.out.value_or(type_);
  const double deviation = layer.gain / std::sqrt(real(layer.inputs));
  std::vector<Value> in = {
      x, plan_.weight({layer.name + ".weight", {layer.outputs, layer.inputs}, type_, Fill::normal(deviation)},
                      {.tensors = with(layer.stored, "weight"),
                       .order = layer.order,
                       .also = with(layer.also, "weight")})};
  parameters_ += layer.outputs * layer.inputs;
  if (layer.bias) {
    in.push_back(plan_.weight({layer.name + ".bias", {layer.outputs}, out, Fill::normal(kBiasDeviation)},
                              {.tensors = with(layer.stored, "bias"), .also = with(layer.also, "bias")}));
    parameters_ += layer.outputs;
  }
  if (residual) in.push_back(*residual);
  count_rounding(layer.inputs);
  multiply_adds_ += real(layer.rows) * real(layer.outputs) * real(layer.inputs);
  return run(layer.name, layer.label,
             MatMul({.m = layer.rows,
                     .n = layer.outputs,
                     .k = layer.inputs,
                     .type = type_,
                     .out = out,
                     .bias = layer.bias,
                     .activation = layer.activation,
                     .residual = residual.has_value()}),
             in)[0];
}

Value NetworkEmitter::weight(const std::string& name, Shape shape, double deviation, WeightSource source,
                             double mean) {
  parameters_ += elements_of(shape);
  return plan_.weight({name, std::move(shape), type_, Fill::normal(deviation, mean)}, std::move(source));
}

}  // namespace assay
