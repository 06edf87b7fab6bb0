// SPDX-License-Identifier: Apache-2.0
// The part of cuDNN's C++ frontend that our kernels use, for the host, under the frontend's own names: a
// graph with one SDPA in it, or with one convolution and what follows it (cudnn_host_convolution.h). It
// refuses what cuDNN and its frontend refuse, with the frontend's error codes, and computes in f32 in work
// enqueued on the handle's stream. It always asks for a workspace, and keeps each query's scores, or the
// sums, there.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "host_runtime.h"

enum cudnnStatus_t { CUDNN_STATUS_SUCCESS = 0, CUDNN_STATUS_BAD_PARAM = 2000 };
struct cudnnContext {
  cudaStream_t stream = nullptr;
};
using cudnnHandle_t = cudnnContext*;

namespace cudnn_frontend {

enum class error_code_t { OK, ATTRIBUTE_NOT_SET, GRAPH_NOT_SUPPORTED, INVALID_VALUE, INVALID_VARIANT_PACK };
enum class DataType_t { NOT_SET, FLOAT, HALF, BFLOAT16 };
enum class DiagonalAlignment_t { TOP_LEFT, BOTTOM_RIGHT };
enum class HeurMode_t { A, B, FALLBACK };
enum class PointwiseMode_t { NOT_SET, ADD, RELU_FWD, SWISH_FWD };

struct [[nodiscard]] error_t {
  error_code_t code = error_code_t::OK;
  std::string message;
  bool is_bad() const { return code != error_code_t::OK; }
  bool is_good() const { return !is_bad(); }
  std::string get_message() const { return message; }
};

namespace detail {
inline cudnnStatus_t create_handle(cudnnHandle_t* handle) {
  *handle = new cudnnContext;
  return CUDNN_STATUS_SUCCESS;
}
inline cudnnStatus_t destroy_handle(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}
inline cudnnStatus_t set_stream(cudnnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}
inline const char* get_error_string(cudnnStatus_t status) {
  return status == CUDNN_STATUS_SUCCESS ? "CUDNN_STATUS_SUCCESS" : "CUDNN_STATUS_BAD_PARAM";
}
}  // namespace detail

namespace graph {

struct Tensor_attributes {
  std::string name;
  std::optional<std::int64_t> uid;
  std::vector<std::int64_t> dim, stride;  // [sequence, head, token, element], or [n, c, h, w]
  bool output = false;
  Tensor_attributes& set_name(const std::string& text) { return name = text, *this; }
  Tensor_attributes& set_uid(std::int64_t value) { return uid = value, *this; }
  Tensor_attributes& set_dim(const std::vector<std::int64_t>& value) { return dim = value, *this; }
  Tensor_attributes& set_stride(const std::vector<std::int64_t>& value) { return stride = value, *this; }
  Tensor_attributes& set_output(bool value) { return output = value, *this; }

  std::int64_t at(std::int64_t sequence, std::int64_t head, std::int64_t token) const {
    return sequence * stride[0] + head * stride[1] + token * stride[2];
  }
  std::int64_t extent() const {  // elements, from the first to behind the last
    std::int64_t last = 0;
    for (std::size_t i = 0; i < dim.size(); ++i) last += (dim[i] - 1) * stride[i];
    return last + 1;
  }
};

struct SDPA_attributes {
  std::string name;
  bool stats = true;
  std::optional<float> scale;
  DiagonalAlignment_t alignment = DiagonalAlignment_t::TOP_LEFT;
  std::optional<int> left, right;
  SDPA_attributes& set_name(const std::string& text) { return name = text, *this; }
  SDPA_attributes& set_generate_stats(bool value) { return stats = value, *this; }
  SDPA_attributes& set_attn_scale(float value) { return scale = value, *this; }
  SDPA_attributes& set_diagonal_alignment(DiagonalAlignment_t value) { return alignment = value, *this; }
  SDPA_attributes& set_diagonal_band_left_bound(int value) { return left = value, *this; }
  SDPA_attributes& set_diagonal_band_right_bound(int value) { return right = value, *this; }
};

}  // namespace graph
}  // namespace cudnn_frontend

#include "cudnn_host_convolution.h"

namespace cudnn_frontend::graph {

class Graph {
 public:
  using Tensor = std::shared_ptr<Tensor_attributes>;

  Graph& set_io_data_type(DataType_t type) { return io_ = type, *this; }
  Graph& set_intermediate_data_type(DataType_t type) { return intermediate_ = type, *this; }
  Graph& set_compute_data_type(DataType_t type) { return compute_ = type, *this; }
  Tensor tensor(const Tensor_attributes& attributes) {
    return std::make_shared<Tensor_attributes>(attributes);
  }
  std::array<Tensor, 2> sdpa(const Tensor& q, const Tensor& k, const Tensor& v,
                             const SDPA_attributes& options) {
    tensors_ = {q, k, v, std::make_shared<Tensor_attributes>()};
    options_ = options;
    return {tensors_[3], nullptr};
  }

  Tensor conv_fprop(const Tensor& x, const Tensor& w, const Conv_fprop_attributes& attributes) {
    chain_ = {
        .x = x, .w = w, .sums = std::make_shared<Tensor_attributes>(), .conv = attributes, .operations = {}};
    return chain_->sums;
  }
  Tensor pointwise(const Tensor& in, const Pointwise_attributes& attributes) {
    return pointwise(in, nullptr, attributes);
  }
  Tensor pointwise(const Tensor& in, const Tensor& other, const Pointwise_attributes& attributes) {
    if (!chain_ || in != chain_->result()) {
      loose_ends_ = true;
      return std::make_shared<Tensor_attributes>();
    }
    chain_->operations.push_back({attributes, in, other, std::make_shared<Tensor_attributes>()});
    return chain_->result();
  }

  error_t validate() {
    using enum error_code_t;
    if (chain_) {
      if (error_t status = validate_types("a fused convolution"); status.is_bad()) return status;
      if (loose_ends_) return {GRAPH_NOT_SUPPORTED, "an operation does not follow the last one"};
      if (error_t status = chain_->validate(); status.is_bad()) return status;
      return done(kValidated);
    }
    if (!tensors_[0]) return {ATTRIBUTE_NOT_SET, "the graph is empty"};
    if (error_t status = validate_types("attention"); status.is_bad()) return status;
    std::set<std::int64_t> uids;
    for (const Tensor& t : tensors_) {
      if (t->dim.size() != 4 || t->stride.size() != 4)
        return {ATTRIBUTE_NOT_SET, t->name + " must have four dimensions and strides"};
      if (t->stride[3] != 1) return {GRAPH_NOT_SUPPORTED, t->name + ": elements must lie side by side"};
      if (!t->uid || !uids.insert(*t->uid).second) return {INVALID_VALUE, t->name + " has no uid of its own"};
      for (int i = 0; i < 3; ++i)
        if (t->dim[i] < 1 || t->stride[i] * kBytes % kAlignment != 0)
          return {GRAPH_NOT_SUPPORTED, t->name + ": strides must be multiples of 16 bytes"};
    }
    const auto &q = tensors_[0]->dim, &k = tensors_[1]->dim, &v = tensors_[2]->dim, &y = tensors_[3]->dim;
    if (!tensors_[3]->output) return {ATTRIBUTE_NOT_SET, "the result is not marked as an output"};
    if (k != v || y != q || k[0] != q[0] || k[3] != q[3] || q[1] % k[1] != 0)
      return {GRAPH_NOT_SUPPORTED, "shapes of q, k, v and the output do not go together"};
    if (q[3] % 8 != 0 || q[3] > 256) return {GRAPH_NOT_SUPPORTED, "heads are multiples of 8, up to 256"};
    if (options_.stats) return {ATTRIBUTE_NOT_SET, "the statistics are wanted and have no tensor"};
    if (options_.alignment != DiagonalAlignment_t::TOP_LEFT && q[2] > k[2])
      return {GRAPH_NOT_SUPPORTED, "bottom right needs no more queries than keys"};
    if (options_.left && (*options_.left <= 0 || q[2] > k[2]))
      return {INVALID_VALUE, "the left bound must be above 0, with no more queries than keys"};
    if (options_.right && *options_.right < 0) return {INVALID_VALUE, "the right bound must not be negative"};
    return done(kValidated);
  }
  error_t build_operation_graph(cudnnHandle_t handle) {
    if (handle == nullptr) return {error_code_t::INVALID_VALUE, "there is no handle"};
    return after(kValidated, kGraph, "validate()");
  }
  error_t create_execution_plans(const std::vector<HeurMode_t>& modes) {
    if (modes.empty()) return {error_code_t::INVALID_VALUE, "no heuristics are named"};
    return after(kGraph, kPlans, "build_operation_graph()");
  }
  error_t check_support() const { return state_ >= kPlans ? error_t{} : missing("create_execution_plans()"); }
  error_t build_plans() { return after(kPlans, kBuilt, "create_execution_plans()"); }
  error_t get_workspace_size(std::int64_t& bytes) const {
    if (state_ < kBuilt) return missing("build_plans()");
    const std::int64_t floats = chain_ ? chain_->result_elements() : tensors_[1]->dim[2];  // a query's scores
    bytes = floats * static_cast<std::int64_t>(sizeof(float));
    return {};
  }

  error_t execute(cudnnHandle_t handle, const std::unordered_map<std::int64_t, void*>& pointers,
                  void* workspace) const {
    using enum error_code_t;
    std::int64_t workspace_bytes = 0;
    if (error_t status = get_workspace_size(workspace_bytes); status.is_bad()) return status;
    if (workspace == nullptr) return {INVALID_VARIANT_PACK, "the plan's workspace is missing"};
    const std::vector<Tensor> tensors =
        chain_ ? chain_->real_tensors() : std::vector<Tensor>(tensors_.begin(), tensors_.end());
    std::vector<void*> data;
    for (const Tensor& tensor : tensors) {
      const std::string uid = "uid " + std::to_string(*tensor->uid);
      const auto found = pointers.find(*tensor->uid);
      if (found == pointers.end() || found->second == nullptr)
        return {INVALID_VARIANT_PACK, "no pointer for " + uid};
      if (reinterpret_cast<std::uintptr_t>(found->second) % kAlignment != 0)
        return {INVALID_VARIANT_PACK, uid + " is not 16-byte aligned"};
      data.push_back(found->second);
    }
    if (pointers.size() != tensors.size()) return {INVALID_VARIANT_PACK, "a pointer's uid is unknown"};
    for (std::size_t i = 0; i < tensors.size(); ++i)
      assay::host_require_device(data[i], static_cast<std::size_t>(tensors[i]->extent() * kBytes), 1,
                                 "cuDNN execute: uid " + std::to_string(*tensors[i]->uid));
    assay::host_require_device(workspace, static_cast<std::size_t>(workspace_bytes), 1,
                               "cuDNN execute: workspace");
    auto* const scratch = static_cast<float*>(workspace);
    if (chain_) {
      assay::host_enqueue(
          handle->stream,
          [chain = *chain_, type = io_, data, scratch] {
            chain.run(
                data, scratch, [type](const void* from, std::int64_t i) { return load(type, from, i); },
                [type](void* to, std::int64_t i, float value) { store(type, to, i, value); });
          },
          "cuDNN convolution");
      return {};
    }
    Call call{io_, options_, {}, {}, scratch};
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      call.tensors[i] = *tensors_[i];
      call.data[i] = data[i];
    }
    assay::host_enqueue(
        handle->stream, [call] { call.run(); }, "cuDNN sdpa");
    return {};
  }

 private:
  error_t validate_types(const std::string& what) const {
    using enum error_code_t;
    if (io_ != DataType_t::HALF && io_ != DataType_t::BFLOAT16)
      return {GRAPH_NOT_SUPPORTED, what + " reads and writes half or bfloat16"};
    if (intermediate_ != DataType_t::FLOAT || compute_ != DataType_t::FLOAT)
      return {ATTRIBUTE_NOT_SET, "intermediate and compute types must be float"};
    return {};
  }
  static float load(DataType_t type, const void* from, std::int64_t i) {
    return type == DataType_t::HALF ? __half2float(static_cast<const __half*>(from)[i])
                                    : __bfloat162float(static_cast<const __nv_bfloat16*>(from)[i]);
  }
  static void store(DataType_t type, void* to, std::int64_t i, float value) {
    if (type == DataType_t::HALF)
      static_cast<__half*>(to)[i] = __float2half_rn(value);
    else
      static_cast<__nv_bfloat16*>(to)[i] = __float2bfloat16_rn(value);
  }

  static constexpr std::int64_t kBytes = 2, kAlignment = 16;  // of an element, of an access
  enum State { kNew, kValidated, kGraph, kPlans, kBuilt };

  /// What a launch does, with copies of all that it needs.
  struct Call {
    DataType_t type;
    SDPA_attributes options;
    std::array<Tensor_attributes, 4> tensors;  // q, k, v, y
    std::array<void*, 4> data;
    float* scores;

    void run() const {
      std::array<std::vector<float>, 3> values;  // of q, k, v, strides kept
      for (int i = 0; i < 3; ++i)
        for (std::int64_t e = 0; e < tensors[i].extent(); ++e) values[i].push_back(load(type, data[i], e));
      const auto& dim = tensors[0].dim;
      for (std::int64_t s = 0; s < dim[0]; ++s)
        for (std::int64_t h = 0; h < dim[1]; ++h)
          for (std::int64_t t = 0; t < dim[2]; ++t)
            attend(values[0].data(), values[1].data(), values[2].data(), s, h, t);
    }
    /// One query: softmax over the keys inside the band around its diagonal. The sanitizers saw q, k and v
    /// being read, and see the scores and the result.
    void attend(const float* q_data, const float* k_data, const float* v_data, std::int64_t s, std::int64_t h,
                std::int64_t t) const {
      const auto& [q, k, v, y] = tensors;
      const std::int64_t keys = k.dim[2], head_dim = q.dim[3], kv_head = h / (q.dim[1] / k.dim[1]);
      const std::int64_t diagonal =
          t + (options.alignment == DiagonalAlignment_t::TOP_LEFT ? 0 : keys - q.dim[2]);
      const std::int64_t first = options.left ? std::max<std::int64_t>(0, diagonal - *options.left + 1) : 0;
      const std::int64_t end = options.right ? std::min(keys, diagonal + *options.right + 1) : keys;
      float largest = -INFINITY, sum = 0;
      for (std::int64_t i = first; i < end; ++i) {
        scores[i] =
            dot(q_data + q.at(s, h, t), k_data + k.at(s, kv_head, i), head_dim) * options.scale.value_or(1);
        largest = std::max(largest, scores[i]);
      }
      for (std::int64_t i = first; i < end; ++i) sum += scores[i] = std::exp(scores[i] - largest);
      std::vector<float> result(static_cast<std::size_t>(head_dim));
      for (std::int64_t i = first; i < end; ++i)
        add(result.data(), scores[i] / sum, v_data + v.at(s, kv_head, i), head_dim);
      for (std::int64_t e = 0; e < head_dim; ++e)
        store(type, data[3], y.at(s, h, t) + e, result[static_cast<std::size_t>(e)]);
    }
    __attribute__((no_sanitize("address", "thread"))) static float dot(const float* a, const float* b,
                                                                       std::int64_t count) {
      float sum = 0;
      for (std::int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
      return sum;
    }
    __attribute__((no_sanitize("address", "thread"))) static void add(float* to, float weight,
                                                                      const float* from, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) to[i] += weight * from[i];
    }
  };

  static error_t missing(const std::string& step) {
    return {error_code_t::GRAPH_NOT_SUPPORTED, step + " comes first"};
  }
  error_t done(State state) { return state_ = state, error_t{}; }
  error_t after(State needed, State next, const char* step) {
    return state_ >= needed ? done(next) : missing(step);
  }

  DataType_t io_ = DataType_t::NOT_SET, intermediate_ = DataType_t::NOT_SET, compute_ = DataType_t::NOT_SET;
  std::array<Tensor, 4> tensors_;
  SDPA_attributes options_;
  std::optional<ConvolutionChain> chain_;
  bool loose_ends_ = false;  // an operation that does not follow the one before
  State state_ = kNew;
};

}  // namespace cudnn_frontend::graph
