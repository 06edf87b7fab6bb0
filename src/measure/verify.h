// SPDX-License-Identifier: Apache-2.0
// One kernel against its op's float64 reference, on a device: what `assay verify` and the kernels' tests
// call.
#pragma once

#include <cstdint>

#include "device/device.h"
#include "measure/correctness.h"
#include "measure/op_data.h"
#include "plan/kernel.h"
#include "plan/op.h"

namespace assay {

enum class Variants : std::uint8_t { first, all };

/// Makes the kernel and checks it; one that throws Unsupported is `skipped` with its reason.
KernelCheck verify_kernel(const Op& op, const KernelEntry& entry, Lane& lane, std::uint64_t seed,
                          Variants variants = Variants::all, OpDataLayout layout = {});

/// Fills the op's inputs from the seed, poisons its outputs, launches once, and judges what came out, on all
/// the op's units or, where that would take over about a second, on a seeded sample of them. Of several
/// variants the first that is wrong is the answer, or else the one with the largest error.
KernelCheck verify_kernel(const Op& op, Kernel& kernel, Lane& lane, std::uint64_t seed,
                          Variants variants = Variants::all, OpDataLayout layout = {});

}  // namespace assay
