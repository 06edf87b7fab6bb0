// SPDX-License-Identifier: Apache-2.0
// From an op's dtype to the element type its kernel is compiled for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/dtype.h"
#include "base/error.h"
#include "device/cuda/convert.cuh"
#include "plan/kernel.h"

namespace assay {

/// `make.template operator()<T>()` with T = float, __half or __nv_bfloat16:
///   return kernel_for(p.type, "rmsnorm", [&]<typename T>() { return std::make_unique<RmsNormCuda<T>>(p); });
template <typename Make>
std::unique_ptr<Kernel> kernel_for(DType dtype, std::string_view kernel, Make make) {
  switch (dtype) {
    case DType::f32: return make.template operator()<float>();
    case DType::f16: return make.template operator()<__half>();
    case DType::bf16: return make.template operator()<__nv_bfloat16>();
    default:
      throw Unsupported(std::string(kernel) + " takes f32, f16 and bf16, not " + std::string(name(dtype)));
  }
}

}  // namespace assay
