// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "device/device.h"

namespace assay {

class CudaDevice;
class CudaLane;

/// Datasheet figures of the board, and the best of several takes of its probes (peak_probe.h).
Peaks measure_cuda_peaks(CudaDevice& device, std::span<const DType> dtypes);

/// The floor of every time: the median of a replayed graph that holds one empty kernel, between two marks
/// that stand in line with it. Empty where the host was late each time.
std::optional<double> seconds_of_an_empty_graph(CudaLane& lane);

}  // namespace assay
