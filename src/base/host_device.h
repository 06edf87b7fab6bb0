// SPDX-License-Identifier: Apache-2.0
// Marks functions that host C++ and CUDA both compile.
#pragma once

#ifdef __CUDACC__
#define ASSAY_HOST_DEVICE __host__ __device__
#else
#define ASSAY_HOST_DEVICE
#endif
