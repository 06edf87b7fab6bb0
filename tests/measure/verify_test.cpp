// SPDX-License-Identifier: Apache-2.0
#include "measure/verify.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/fake_device.h"
#include "support/test_ops.h"

namespace assay::verify_tests {
namespace {

constexpr std::uint64_t kSeed = 1;

KernelCheck check(const Op& op, Fault fault) {
  FakeDevice device;
  TestKernel kernel(op, device, fault, 0);
  return verify_kernel(op, kernel, device, kSeed);
}

TEST(VerifyKernel, PassesARightKernel) {
  const KernelCheck right = check(Scale(100), Fault::none);
  EXPECT_EQ(right.status, KernelCheck::Status::passed) << right.reason;
  EXPECT_EQ(right.checked, 100);
  EXPECT_DOUBLE_EQ(right.tolerance, 2 * epsilon(DType::f32));
  EXPECT_LE(right.error, right.tolerance);
  EXPECT_EQ(right.tolerance_factors, "epsilon(f32) x 2 roundings");
}

TEST(VerifyKernel, PassesARightKernelInEveryFloatingType) {
  for (const DType type : {DType::f32, DType::f16, DType::bf16, DType::f8e4m3}) {
    const KernelCheck right = check(Scale(500, type), Fault::none);
    EXPECT_EQ(right.status, KernelCheck::Status::passed) << name(type) << ": " << right.reason;
    EXPECT_TRUE(type == DType::f32 || right.error > 0) << "rounding to " << name(type) << " leaves an error";
  }
}

TEST(VerifyKernel, NamesTheElementThatIsWrong) {
  const KernelCheck wrong = check(Scale(100), Fault::wrong);
  EXPECT_EQ(wrong.status, KernelCheck::Status::failed);
  EXPECT_EQ(wrong.reason.find("output y element 17: expected "), 0u) << wrong.reason;
  EXPECT_NE(wrong.reason.find("1 of 100 elements"), std::string::npos) << wrong.reason;
  EXPECT_GT(wrong.error, wrong.tolerance);
}

TEST(VerifyKernel, DistrustsAKernelThatWritesNothing) {
  EXPECT_EQ(check(Scale(100), Fault::silent).reason, "output y element 0 was never written");
  EXPECT_EQ(check(Scale(100, DType::bf16), Fault::stops_early).reason,
            "output y element 99 was never written");
}

TEST(VerifyKernel, DistrustsZeros) {
  EXPECT_EQ(check(Scale(100), Fault::zeros).status, KernelCheck::Status::failed);
  // 2 * -0.5 + 1 = 0 everywhere: right, and worth nothing.
  const KernelCheck vacuous = check(Scale(100, DType::f32, Fill::normal(0, -0.5)), Fault::none);
  EXPECT_EQ(vacuous.status, KernelCheck::Status::failed);
  EXPECT_NE(vacuous.reason.find("proves nothing"), std::string::npos) << vacuous.reason;
}

TEST(VerifyKernel, NanIsWrongWhereTheReferenceHasNone) {
  const KernelCheck nan = check(Scale(100), Fault::nan);
  EXPECT_EQ(nan.status, KernelCheck::Status::failed);
  EXPECT_EQ(nan.reason.find("output y element 2: expected "), 0u) << nan.reason;
  EXPECT_NE(nan.reason.find("got nan"), std::string::npos) << nan.reason;
}

TEST(VerifyKernel, InputsMustStayAsTheyWere) {
  EXPECT_EQ(check(Scale(100), Fault::clobbers_input).reason, "input x was overwritten at element 3");
}

TEST(VerifyKernel, InPlaceOpsAreJudgedByTheInputsBeforeTheLaunch) {
  const KernelCheck right = check(Step2(9), Fault::none);
  EXPECT_EQ(right.status, KernelCheck::Status::passed) << right.reason;
  EXPECT_EQ(right.checked, 5);
  EXPECT_EQ(right.error, 0);
}

TEST(VerifyKernel, AnInPlaceKernelThatDoesNothingFails) {
  const KernelCheck silent = check(Step2(9), Fault::silent);
  EXPECT_EQ(silent.status, KernelCheck::Status::failed);
  EXPECT_EQ(silent.reason, "output p element 0: expected 1, got 0; 5 of 5 elements compared are wrong");
  EXPECT_EQ(silent.error, std::numeric_limits<double>::infinity());
}

TEST(VerifyKernel, WhatAnInPlaceOpDoesNotWriteMustStay) {
  EXPECT_EQ(check(Step2(9), Fault::trespasses).reason,
            "output p element 1 is not the op's to write: it was 1 and is 2");
}

TEST(VerifyKernel, ARefusalIsSkippedWithItsReason) {
  FakeDevice device;
  const KernelEntry entry{"scale", "picky", "refuses", make_test_kernel<Fault::refuses>};
  const KernelCheck check = verify_kernel(Scale(8), entry, device, kSeed);
  EXPECT_EQ(check.status, KernelCheck::Status::skipped);
  EXPECT_EQ(check.reason, "takes no 8 f32");
}

TEST(VerifyKernel, LeavesNothingOnTheDevice) {
  FakeDevice device;
  const KernelEntry entry{"scale", "right", "", make_test_kernel<Fault::none>};
  verify_kernel(Scale(1000), entry, device, kSeed);
  EXPECT_EQ(device.allocated_bytes, 0);
  EXPECT_EQ(device.most_allocated_bytes, 8000 + 2 * 2 * 4096);  // two buffers between poisoned pages
}

}  // namespace
}  // namespace assay::verify_tests
