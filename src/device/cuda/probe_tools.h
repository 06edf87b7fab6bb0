// SPDX-License-Identifier: Apache-2.0
// What all probes of the GPU share. Not for use elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "device/device.h"

namespace assay {

class CudaDevice;
class CudaLane;

/// With room left for graphs, and for what the driver takes.
bool fits(CudaDevice& device, std::int64_t bytes);
/// Of one repetition, by the device's clock, each standing in line with its marks: the fastest of them.
double fastest_seconds(CudaLane& lane, int repetitions, const std::function<void()>& work);
void fill_normal(CudaLane& lane, Buffer to, DType dtype, std::int64_t elements, std::string_view name);

}  // namespace assay
