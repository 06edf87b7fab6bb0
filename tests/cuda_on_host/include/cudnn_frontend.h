// SPDX-License-Identifier: Apache-2.0
// The part of cuDNN's C++ frontend that attention_prefill_cuda_cudnn.cpp uses, for the host, under the
// frontend's own names: one graph with one SDPA in it. It refuses what cuDNN and its frontend refuse, with
// the frontend's error codes, and computes in f32 in work enqueued on the handle's stream. It always asks for
// a workspace, and keeps each query's scores there.
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
  std::vector<std::int64_t> dim, stride;  // [sequence, head, token, element]
  bool output = false;
  Tensor_attributes& set_name(const std::string& text) { return name = text, *this; }
  Tensor_attributes& set_uid(std::int64_t value) { return uid = value, *this; }
  Tensor_attributes& set_dim(const std::vector<std::int64_t>& value) { return dim = value, *this; }
  Tensor_attributes& set_stride(const std::vector<std::int64_t>& value) { return stride = value, *this; }
  Tensor_attributes& set_output(bool value) { return output = value, *this; }

  std::int64_t at(std::int64_t sequence, std::int64_t head, std::int64_t token) const {
    return sequence * stride[0] + head * stride[1] + token * stride[2];
  }
  std::int64_t elements() const { return at(dim[0] - 1, dim[1] - 1, dim[2] - 1) + dim[3]; }  // from the first
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

  error_t validate() {
    using enum error_code_t;
    if (!tensors_[0]) return {ATTRIBUTE_NOT_SET, "the graph is empty"};
    if (io_ != DataType_t::HALF && io_ != DataType_t::BFLOAT16)
      return {GRAPH_NOT_SUPPORTED, "attention reads and writes half or bfloat16"};
    if (intermediate_ != DataType_t::FLOAT || compute_ != DataType_t::FLOAT)
      return {ATTRIBUTE_NOT_SET, "intermediate and compute types must be float"};
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
    bytes = tensors_[1]->dim[2] * static_cast<std::int64_t>(sizeof(float));  // a query's scores
    return {};
  }

  error_t execute(cudnnHandle_t handle, const std::unordered_map<std::int64_t, void*>& pointers,
                  void* workspace) const {
    using enum error_code_t;
    std::int64_t workspace_bytes = 0;
    if (error_t status = get_workspace_size(workspace_bytes); status.is_bad()) return status;
    if (workspace == nullptr) return {INVALID_VARIANT_PACK, "the plan's workspace is missing"};
    Call call{io_, options_, {}, {}, static_cast<float*>(workspace)};
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const auto found = pointers.find(*tensors_[i]->uid);
      if (found == pointers.end() || found->second == nullptr)
        return {INVALID_VARIANT_PACK, "no pointer for uid " + std::to_string(*tensors_[i]->uid)};
      if (reinterpret_cast<std::uintptr_t>(found->second) % kAlignment != 0)
        return {INVALID_VARIANT_PACK, "uid " + std::to_string(*tensors_[i]->uid) + " is not 16-byte aligned"};
      call.tensors[i] = *tensors_[i];
      call.data[i] = found->second;
    }
    if (pointers.size() != tensors_.size()) return {INVALID_VARIANT_PACK, "a pointer's uid is unknown"};
    for (std::size_t i = 0; i < tensors_.size(); ++i)
      assay::host_require_device(call.data[i], static_cast<std::size_t>(tensors_[i]->elements() * kBytes), 1,
                                 "cuDNN execute: uid " + std::to_string(*tensors_[i]->uid));
    assay::host_require_device(workspace, static_cast<std::size_t>(workspace_bytes), 1,
                               "cuDNN execute: workspace");
    assay::host_enqueue(
        handle->stream, [call] { call.run(); }, "cuDNN sdpa");
    return {};
  }

 private:
  static constexpr std::int64_t kBytes = 2, kAlignment = 16;  // of an element, of an access
  enum State { kNew, kValidated, kGraph, kPlans, kBuilt };

  /// What a launch does, with copies of all that it needs.
  struct Call {
    DataType_t type;
    SDPA_attributes options;
    std::array<Tensor_attributes, 4> tensors;  // q, k, v, y
    std::array<void*, 4> data;
    float* scores;

    float load(int tensor, std::int64_t i) const {
      return type == DataType_t::HALF ? __half2float(static_cast<const __half*>(data[tensor])[i])
                                      : __bfloat162float(static_cast<const __nv_bfloat16*>(data[tensor])[i]);
    }
    void store(std::int64_t i, float value) const {
      if (type == DataType_t::HALF)
        static_cast<__half*>(data[3])[i] = __float2half_rn(value);
      else
        static_cast<__nv_bfloat16*>(data[3])[i] = __float2bfloat16_rn(value);
    }
    void run() const {
      std::array<std::vector<float>, 3> values;  // of q, k, v, strides kept
      for (int i = 0; i < 3; ++i)
        for (std::int64_t e = 0; e < tensors[i].elements(); ++e) values[i].push_back(load(i, e));
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
        store(y.at(s, h, t) + e, result[static_cast<std::size_t>(e)]);
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
  State state_ = kNew;
};

}  // namespace graph
}  // namespace cudnn_frontend
