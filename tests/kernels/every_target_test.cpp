// SPDX-License-Identifier: Apache-2.0
// The vectorised CPU kernels on every vector extension that this machine has and that they are compiled for,
// down to the plain baseline: one binary has to be right on any x86-64.
#include "kernels/elements_cpu.h"  // says which extensions are compiled; before any Highway header

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "device/backend.h"
#include "measure/verify.h"
#include "plan/op.h"

namespace assay::every_target_tests {
namespace {

struct Case {
  std::int64_t target;  // Highway's bit
  KernelEntry kernel;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << hwy::TargetName(c.target) << " " << c.kernel.op;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets())
    for (const KernelEntry& kernel : cpu_backend().kernels)
      if (kernel.name != "onednn" && kernel.name != "copy" && kernel.op != "jpeg_decode")
        cases.push_back({target, kernel});  // no Highway
  return cases;
}

class EveryTarget : public testing::TestWithParam<Case> {
 protected:
  EveryTarget() { hwy::SetSupportedTargetsForTest(GetParam().target); }
  ~EveryTarget() override { hwy::SetSupportedTargetsForTest(0); }  // back to what the machine has
};

TEST_P(EveryTarget, GivesTheReferencesNumbers) {
  constexpr double kLongFlops = 1e8;  // a second of the baseline, which has no vectors
  const KernelEntry& kernel = GetParam().kernel;
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  int checked = 0;
  for (const OpEntry& entry : all_ops()) {
    if (entry.kind != kernel.op) continue;
    for (const auto& op : entry.examples()) {
      if (op->cost().flops > kLongFlops) continue;
      const KernelCheck check = verify_kernel(*op, kernel, *lane, 3);
      if (check.status == KernelCheck::Status::skipped) continue;
      ++checked;
      EXPECT_EQ(check.status, KernelCheck::Status::passed)
          << op->shape() << ": " << check.reason << "; error " << check.error << ", allowed "
          << check.tolerance;
    }
  }
  EXPECT_GT(checked, 0);
}

INSTANTIATE_TEST_SUITE_P(Cpu, EveryTarget, testing::ValuesIn(all_cases()), [](const auto& info) {
  return std::string(hwy::TargetName(info.param.target)) + "_" + std::string(info.param.kernel.op) + "_" +
         std::string(info.param.kernel.name);
});

}  // namespace
}  // namespace assay::every_target_tests
