// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "device/device.h"

namespace assay {

class CudaDevice;

/// Datasheet figures of the board, and what probes reach on it now.
Peaks measure_cuda_peaks(CudaDevice& device, std::span<const DType> dtypes);

}  // namespace assay
