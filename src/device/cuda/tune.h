// SPDX-License-Identifier: Apache-2.0
// Chooses among several ways to run one op by timing them on this device, in a kernel's factory.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "plan/kernel.h"

namespace assay {

class CudaDevice;

/// The fastest of `ways`, tried on random inputs with a cold cache. The first should be the best guess: it is
/// taken untimed where the op's tensors do not fit beside what the device already holds. The answer is kept
/// on the device by kernel and shape. A way that fails to launch is out.
std::size_t fastest_way(
    CudaDevice& device, const Op& op, std::string_view kernel, std::size_t ways,
    const std::function<void(std::size_t way, Stream& stream, Buffers in, Buffers out)>& run);

}  // namespace assay
