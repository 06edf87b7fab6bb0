// SPDX-License-Identifier: Apache-2.0
// Kernels are made once and used in several sessions, each of which begins with Device::renew(): what a
// kernel or a library keeps for each thread must not be missed when the threads are others.
#include <gtest/gtest.h>

#include <memory>

#include "device/backend.h"
#include "measure/op_data.h"
#include "plan/kernel.h"
#include "plan/op.h"

namespace assay::renewal_tests {
namespace {

TEST(Renewal, LeavesEveryKernelRight) {
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  int served = 0;
  for (const OpEntry& entry : all_ops()) {
    for (const KernelEntry& maker : cpu_backend().kernels) {
      if (maker.op != entry.kind) continue;
      const std::shared_ptr<const Op> op = entry.examples().front();
      std::unique_ptr<Kernel> kernel;
      try {
        kernel = maker.make(*op, *lane);
      } catch (const Unsupported&) {
        continue;
      }
      OpData data(op, *lane, 11);
      EXPECT_EQ(data.verify(*kernel).reason, "") << maker.op << "/" << maker.name;
      for (int session = 0; session < 2; ++session) {
        device->renew();
        EXPECT_EQ(data.verify(*kernel).reason, "") << maker.op << "/" << maker.name;
      }
      ++served;
    }
  }
  EXPECT_GE(served, 11);
}

}  // namespace
}  // namespace assay::renewal_tests
