// SPDX-License-Identifier: Apache-2.0
// Fills host memory with a tensor's Fill: the bits that plan/fill_element.h defines, made by all threads,
// with vectors where it matters.
#pragma once

#include <cstdint>
#include <span>

#include "device/device.h"

namespace assay {

void fill_on_cpu(Buffer to, const TensorSpec& spec, std::uint64_t key);

/// Elements first, first + 1 ... of a normal tensor: normal_element() of each. `first` is even.
void normal_floats(std::span<float> out, std::uint64_t key, std::int64_t first, float mean, float scale);
/// Rounds to bf16, f16, tf32 or fp8 as base/dtype.h does. No NaN may be among `from`.
void round_floats(std::span<const float> from, DType dtype, void* to);

}  // namespace assay
