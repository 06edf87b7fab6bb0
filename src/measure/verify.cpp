// SPDX-License-Identifier: Apache-2.0
#include "measure/verify.h"

#include <fmt/format.h>

#include <optional>

namespace assay {
namespace {

/// Empty for a variant that does not run: nothing can choose it.
std::optional<KernelCheck> check_variant(OpData& data, Kernel& kernel, std::size_t variant, Lane& lane) {
  try {
    kernel.use(variant);
    return data.verify(kernel);
  } catch (const Error&) {
    lane.synchronize();  // throws again where the device itself is lost
    return std::nullopt;
  }
}

}  // namespace

KernelCheck verify_kernel(const Op& op, const KernelEntry& entry, Lane& lane, std::uint64_t seed,
                          Variants variants, OpDataLayout layout) {
  std::unique_ptr<Kernel> kernel;
  try {
    kernel = entry.make(op, lane);
  } catch (const Unsupported& refusal) {
    return {.status = KernelCheck::Status::skipped, .reason = refusal.what()};
  }
  return verify_kernel(op, *kernel, lane, seed, variants, layout);
}

KernelCheck verify_kernel(const Op& op, Kernel& kernel, Lane& lane, std::uint64_t seed, Variants variants,
                          OpDataLayout layout) {
  const std::shared_ptr<const Op> borrowed(std::shared_ptr<const Op>(), &op);  // the caller's, for this call
  OpData data(borrowed, lane, seed, layout);
  KernelCheck worst = data.verify(kernel);
  std::vector<std::string> names;
  if (variants == Variants::all) names = kernel.variants();
  for (std::size_t v = 1; v < names.size() && worst.status == KernelCheck::Status::passed; ++v) {
    auto check = check_variant(data, kernel, v, lane);
    if (!check) continue;
    if (check->status != KernelCheck::Status::passed)
      check->reason = fmt::format("variant {}: {}", names[v], check->reason);
    if (check->status != KernelCheck::Status::passed || check->error > worst.error) worst = *check;
  }
  if (!names.empty()) kernel.use(0);
  return worst;
}

}  // namespace assay
