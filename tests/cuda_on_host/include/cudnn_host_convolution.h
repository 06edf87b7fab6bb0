// SPDX-License-Identifier: Apache-2.0
// A convolution and the pointwise operations behind it, as cuDNN's runtime fusion takes them: the second kind
// of graph that the stand-in in cudnn_frontend.h computes. Included by it.
#pragma once

namespace cudnn_frontend::graph {

struct Conv_fprop_attributes {
  std::string name;
  std::vector<std::int64_t> pre_padding, post_padding, stride, dilation;
  using Values = std::vector<std::int64_t>;
  Conv_fprop_attributes& set_name(const std::string& text) { return name = text, *this; }
  Conv_fprop_attributes& set_pre_padding(Values value) { return pre_padding = std::move(value), *this; }
  Conv_fprop_attributes& set_post_padding(Values value) { return post_padding = std::move(value), *this; }
  Conv_fprop_attributes& set_stride(Values value) { return stride = std::move(value), *this; }
  Conv_fprop_attributes& set_dilation(Values value) { return dilation = std::move(value), *this; }
};

struct Pointwise_attributes {
  PointwiseMode_t mode = PointwiseMode_t::NOT_SET;
  std::optional<float> swish_beta;
  Pointwise_attributes& set_mode(PointwiseMode_t value) { return mode = value, *this; }
  Pointwise_attributes& set_swish_beta(float value) { return swish_beta = value, *this; }
};

/// x (*) w, then one operation after the other, each on the result of the last.
struct ConvolutionChain {
  using Tensor = std::shared_ptr<Tensor_attributes>;
  struct Operation {
    Pointwise_attributes attributes;
    Tensor in, other, out;  // `other` is null where there is one operand
  };
  Tensor x, w, sums;
  Conv_fprop_attributes conv;
  std::vector<Operation> operations;

  const Tensor& result() const { return operations.empty() ? sums : operations.back().out; }
  /// All that memory is given for, the result last.
  std::vector<Tensor> real_tensors() const {
    std::vector<Tensor> all = {x, w};
    for (const Operation& operation : operations)
      if (operation.other) all.push_back(operation.other);
    all.push_back(result());
    return all;
  }

  error_t validate() const {
    using enum error_code_t;
    for (const auto& values : {conv.pre_padding, conv.post_padding, conv.stride, conv.dilation})
      if (values.size() != 2)
        return {ATTRIBUTE_NOT_SET, "paddings, stride and dilation have two values each"};
    for (int i = 0; i < 2; ++i)
      if (conv.pre_padding[i] < 0 || conv.post_padding[i] < 0 || conv.stride[i] < 1 || conv.dilation[i] < 1)
        return {INVALID_VALUE, "a padding is negative, or a stride or dilation not positive"};
    std::set<std::int64_t> uids;
    for (const Tensor& t : real_tensors()) {
      if (t->dim.size() != 4 || t->stride.size() != 4)
        return {ATTRIBUTE_NOT_SET, t->name + " must have four dimensions and strides"};
      if (!t->uid || !uids.insert(*t->uid).second) return {INVALID_VALUE, t->name + " has no uid of its own"};
      const auto& d = t->dim;
      if (t->stride != std::vector<std::int64_t>{d[1] * d[2] * d[3], 1, d[1] * d[3], d[1]})
        return {GRAPH_NOT_SUPPORTED, t->name + ": channels must come last, and nothing lie between them"};
      if (d[1] % 8 != 0) return {GRAPH_NOT_SUPPORTED, t->name + ": channels must fill 16 bytes"};
    }
    if (x->dim[1] != w->dim[1]) return {GRAPH_NOT_SUPPORTED, "the runtime fusion has no groups"};
    if (!result()->output) return {ATTRIBUTE_NOT_SET, "the result is not marked as an output"};
    std::vector<std::int64_t> y = {x->dim[0], w->dim[0], 0, 0};
    for (int i = 0; i < 2; ++i) {
      const std::int64_t span = conv.dilation[i] * (w->dim[2 + i] - 1) + 1;
      const std::int64_t room = x->dim[2 + i] + conv.pre_padding[i] + conv.post_padding[i] - span;
      if (room < 0) return {INVALID_VALUE, "the kernel is larger than the picture"};
      y[2 + i] = room / conv.stride[i] + 1;
    }
    if (result()->dim != y) return {GRAPH_NOT_SUPPORTED, "the result's shape is not the convolution's"};
    for (const Operation& operation : operations) {
      const bool two = operation.attributes.mode == PointwiseMode_t::ADD;
      if (operation.attributes.mode == PointwiseMode_t::NOT_SET)
        return {ATTRIBUTE_NOT_SET, "no pointwise mode"};
      if (two != (operation.other != nullptr)) return {INVALID_VALUE, "an operand too many, or too few"};
      if (two && operation.other->dim != y &&
          operation.other->dim != std::vector<std::int64_t>{1, y[1], 1, 1})
        return {GRAPH_NOT_SUPPORTED, "an operand is neither of the result's shape nor a value a channel"};
    }
    for (const Operation& operation : operations)
      if (operation.out != result() && operation.out->output)
        return {GRAPH_NOT_SUPPORTED, "one output is all"};
    if (sums != result() && sums->output) return {GRAPH_NOT_SUPPORTED, "one output is all"};
    return {};
  }

  std::int64_t result_elements() const {
    const auto& y = result()->dim;
    return y[0] * y[1] * y[2] * y[3];
  }

  /// On copies of all that it needs. `data`: of real_tensors(); `scratch`: result_elements() floats.
  template <typename Load, typename Store>
  void run(const std::vector<void*>& data, float* scratch, const Load& load, const Store& store) const {
    const auto &xd = x->dim, &wd = w->dim, &yd = result()->dim;
    for (std::int64_t i = 0; i < result_elements(); ++i) {
      const std::int64_t k = i % yd[1], q = i / yd[1] % yd[3], p = i / yd[1] / yd[3] % yd[2],
                         n = i / yd[1] / yd[3] / yd[2];
      float sum = 0;
      for (std::int64_t r = 0; r < wd[2]; ++r)
        for (std::int64_t s = 0; s < wd[3]; ++s) {
          const std::int64_t h = p * conv.stride[0] - conv.pre_padding[0] + r * conv.dilation[0];
          const std::int64_t v = q * conv.stride[1] - conv.pre_padding[1] + s * conv.dilation[1];
          if (h < 0 || h >= xd[2] || v < 0 || v >= xd[3]) continue;
          const std::int64_t from = ((n * xd[2] + h) * xd[3] + v) * xd[1],
                             weights = ((k * wd[2] + r) * wd[3] + s) * wd[1];
          for (std::int64_t c = 0; c < xd[1]; ++c)
            sum += load(data[0], from + c) * load(data[1], weights + c);
        }
      scratch[i] = sum;
    }
    for (std::int64_t i = 0; i < result_elements(); ++i) {
      std::size_t next = 2;
      float value = scratch[i];
      for (const Operation& operation : operations) switch (operation.attributes.mode) {
          case PointwiseMode_t::ADD: {
            const bool a_channel = operation.other->dim != yd;
            value += load(data[next++], a_channel ? i % yd[1] : i);
            break;
          }
          case PointwiseMode_t::RELU_FWD: value = std::max(value, 0.0f); break;
          case PointwiseMode_t::SWISH_FWD:
            value /= 1 + std::exp(-operation.attributes.swish_beta.value_or(1) * value);
            break;
          case PointwiseMode_t::NOT_SET: break;  // validate() refuses it
        }
      store(data.back(), i, value);
    }
  }
};

}  // namespace cudnn_frontend::graph
