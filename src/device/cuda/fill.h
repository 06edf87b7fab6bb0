// SPDX-License-Identifier: Apache-2.0
// Fills a tensor on the device with the same bits as the CPU makes (base/random.h, base/dtype.h).
#pragma once

#include <cstdint>

#include "plan/kernel.h"
#include "plan/op.h"

namespace assay {

/// Every Fill but `values`, which the host converts and copies.
void fill_on_device(Buffer to, const TensorSpec& spec, std::uint64_t key, const Stream& stream);

}  // namespace assay
