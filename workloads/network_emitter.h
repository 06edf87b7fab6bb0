// SPDX-License-Identifier: Apache-2.0
// Layers of a convolutional network or a vision transformer, written into a stage: what is alike in all of
// them. Weights are seeded such that activations neither die nor explode; checkpoints are found under the
// names that libraries give them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/conv2d/conv2d.h"
#include "plan/plan.h"

namespace assay {

/// [batch, height, width, channels]
struct Feature {
  Value value;
  std::int64_t height = 0, width = 0, channels = 0;
  double mean_square = 1;  // of its elements, about
};

/// Where a checkpoint holds a layer: "layer1.0.conv1", and the normalisation behind it, "layer1.0.bn1"; no
/// norm: the layer has a bias.
struct StoredLayer {
  std::string module, norm;
};

struct ConvLayer {
  std::string label, name;  // of the step: the first is shared by the repeats of a block
  std::int64_t filters;
  std::int64_t kernel = 1, stride = 1, groups = 1;
  Activation activation = Activation::none;
  double gain = 0;  // deviation of its sums; 0: what keeps activations as large as they are
  double bias_mean = 0;
  StoredLayer stored, also = {};
  double norm_eps = 1e-5;
};

class NetworkEmitter {
 public:
  NetworkEmitter(Plan& plan, DType type, std::int64_t batch) : plan_(plan), type_(type), batch_(batch) {}

  /// Where steps go from now on.
  void at(Stage& stage) { stage_ = &stage; }

  /// Padded by half the kernel, as all of these networks are; its normalisation is folded into it.
  Feature conv(const ConvLayer& layer, const Feature& x, const Feature* residual = nullptr,
               Residual where = Residual::before_activation);
  /// y = x w' + b, on [rows, inputs].
  struct LinearLayer {
    std::string label, name;
    std::int64_t rows, inputs, outputs;
    double gain = 1;                                  // deviation of its sums, of inputs of the mean square 1
    std::vector<std::string> stored = {}, also = {};  // modules whose rows are stacked
    Activation activation = Activation::none;
    bool bias = true;
    WeightSource::Order order = WeightSource::Order::plain;
    std::optional<DType> out = {};
  };
  Value linear(const LinearLayer& layer, Value x, std::optional<Value> residual = {});
  Value weight(const std::string& name, Shape shape, double deviation, WeightSource source, double mean = 0);

  template <typename T>
  std::vector<Value> run(std::string name, std::string label, T op, const std::vector<Value>& in) {
    return plan_.run(*stage_, std::move(name), std::move(label), std::make_shared<const T>(std::move(op)),
                     in);
  }

  DType type() const { return type_; }
  std::int64_t batch() const { return batch_; }
  /// As published: with gain and shift of each normalisation that is folded away here.
  std::int64_t parameters() const { return parameters_; }
  /// Of convolutions and matrix products so far, of the whole batch.
  double multiply_adds() const { return multiply_adds_; }
  void count_multiply_adds(double more) { multiply_adds_ += more; }
  /// Places where what comes out was rounded, and the longest sum: what two devices may differ by.
  std::int64_t roundings() const { return roundings_; }
  std::int64_t longest_sum() const { return longest_sum_; }
  void count_rounding(std::int64_t sum) {
    ++roundings_;
    longest_sum_ = std::max(longest_sum_, sum);
  }

 private:
  Plan& plan_;
  const DType type_;
  const std::int64_t batch_;
  Stage* stage_ = nullptr;
  std::int64_t parameters_ = 0, roundings_ = 0, longest_sum_ = 1;
  double multiply_adds_ = 0;
};

/// Mean square of activation(z) for z normal of this deviation.
double mean_square_after(Activation activation, double deviation);

}  // namespace assay
