// SPDX-License-Identifier: Apache-2.0
// An op's inputs in host memory, and what its reference says of its outputs.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

#include "base/random.h"
#include "plan/op.h"
#include "support/fake_device.h"

namespace assay {

/// Inputs of an op: from their fills, or by hand.
class HostInputs {
 public:
  explicit HostInputs(const Op& op, std::uint64_t seed = 1) : specs_(op.inputs()) {
    FakeDevice device;
    for (const TensorSpec& spec : specs_) {
      bytes_.emplace_back(static_cast<std::size_t>(spec.bytes()));
      device.fill({bytes_.back().data(), spec.bytes()}, spec, random_key(seed, spec.name));
    }
  }
  HostInputs(const Op& op, const std::vector<std::vector<double>>& values) : specs_(op.inputs()) {
    if (values.size() != specs_.size()) throw std::logic_error("as many inputs as the op has");
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      if (static_cast<std::int64_t>(values[i].size()) != specs_[i].elements())
        throw std::logic_error(specs_[i].name + ": as many values as the input has elements");
      bytes_.emplace_back(static_cast<std::size_t>(specs_[i].bytes()));
      for (std::size_t e = 0; e < values[i].size(); ++e)
        store_element(specs_[i].dtype, bytes_[i].data(), static_cast<std::int64_t>(e), values[i][e]);
    }
  }

  std::vector<TensorView> views() const {
    std::vector<TensorView> views;
    for (std::size_t i = 0; i < specs_.size(); ++i)
      views.push_back({bytes_[i].data(), specs_[i].dtype, specs_[i].elements()});
    return views;
  }
  double at(std::size_t input, std::int64_t index) const { return views()[input][index]; }

 private:
  std::vector<TensorSpec> specs_;
  std::vector<std::vector<std::byte>> bytes_;
};

/// Keeps what the reference says, and how often.
class Recorder final : public Expected {
 public:
  explicit Recorder(const Op& op) {
    for (const TensorSpec& spec : op.outputs()) {
      values.emplace_back(static_cast<std::size_t>(spec.elements()), std::nan(""));
      times.emplace_back(static_cast<std::size_t>(spec.elements()), 0);
    }
    choices.resize(values.size());
  }
  void set(std::size_t output, std::int64_t index, double value) override {
    values.at(output).at(static_cast<std::size_t>(index)) = value;
    ++times.at(output).at(static_cast<std::size_t>(index));
  }
  void one_of(std::size_t output, std::int64_t index, std::span<const std::int64_t> right) override {
    choices.at(output)[index] = {right.begin(), right.end()};
    set(output, index, static_cast<double>(right.front()));
  }

  std::vector<std::vector<double>> values;
  std::vector<std::vector<int>> times;
  std::vector<std::map<std::int64_t, std::vector<std::int64_t>>> choices;
};

inline Recorder expected_of(const Op& op, const HostInputs& inputs) {
  Recorder recorder(op);
  const std::vector<TensorView> views = inputs.views();
  for (std::int64_t unit = 0; unit < op.units(); ++unit) op.reference(views, unit, recorder);
  return recorder;
}
inline Recorder expected_of(const Op& op, const std::vector<std::vector<double>>& inputs) {
  return expected_of(op, HostInputs(op, inputs));
}

/// The largest |actual - expected| / max(|expected|, rms of expected), as Tolerance defines it.
inline double worst_error(std::span<const double> actual, std::span<const double> expected) {
  double sum_sq = 0, worst = 0;
  for (const double e : expected) sum_sq += e * e;
  const double rms = std::sqrt(sum_sq / static_cast<double>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(actual[i] - expected[i]) / std::max(std::abs(expected[i]), rms));
  return worst;
}

}  // namespace assay
