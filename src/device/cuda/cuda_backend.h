// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "device/backend.h"

namespace assay {

KernelTable cuda_kernels();  // kernels/cuda_table.cpp

}  // namespace assay

/// What the program looks up in libassay_cuda.so; its only exported symbol.
extern "C" const assay::Backend* assay_backend();
