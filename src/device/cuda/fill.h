// SPDX-License-Identifier: Apache-2.0
// Fills a tensor on the device with the bits that plan/fill_element.h and base/dtype.h define.
#pragma once

#include <cstdint>

#include "base/dtype.h"
#include "plan/fill_element.h"
#include "plan/kernel.h"

namespace assay {

/// Every kind but those that are listed, which the host converts and copies. The rule's popularity and its
/// segments are in the device's memory.
void fill_on_device(void* to, DType dtype, std::int64_t count, const FillRule& rule, const Stream& stream);

}  // namespace assay
