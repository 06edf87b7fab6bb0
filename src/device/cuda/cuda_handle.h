// SPDX-License-Identifier: Apache-2.0
// Owns a CUDA handle (stream, event, graph, descriptor): destroyed once, moved but not copied.
#pragma once

#include <utility>

namespace assay {

template <typename T, auto kDestroy>
class CudaHandle {
 public:
  CudaHandle() = default;
  CudaHandle(CudaHandle&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
  CudaHandle& operator=(CudaHandle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~CudaHandle() {
    if (value_ != T{})
      static_cast<void>(kDestroy(value_));  // nothing useful can be done about a failure here
  }
  T get() const { return value_; }
  T* out() { return &value_; }  // for the call that creates it, once

 private:
  T value_{};
};

}  // namespace assay
