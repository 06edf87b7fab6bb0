// SPDX-License-Identifier: Apache-2.0
#include "measure/verify.h"

#include "measure/op_data.h"

namespace assay {

KernelCheck verify_kernel(const Op& op, const KernelEntry& entry, Device& device, std::uint64_t seed) {
  std::unique_ptr<Kernel> kernel;
  try {
    kernel = entry.make(op, device);
  } catch (const Unsupported& refusal) {
    return {.status = KernelCheck::Status::skipped, .reason = refusal.what()};
  }
  return verify_kernel(op, *kernel, device, seed);
}

KernelCheck verify_kernel(const Op& op, Kernel& kernel, Device& device, std::uint64_t seed) {
  const std::shared_ptr<const Op> borrowed(std::shared_ptr<const Op>(), &op);  // the caller's, for this call
  return OpData(borrowed, device, seed).verify(kernel);
}

}  // namespace assay
