// SPDX-License-Identifier: Apache-2.0
#include "measure/correctness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/test_ops.h"

namespace assay::correctness_tests {
namespace {

TEST(SampleUnits, TakesAllWhereItMay) {
  EXPECT_EQ(sample_units(4, 9, 1), (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(SampleUnits, AlwaysHoldsTheFirstAndTheLastInOrderWithoutRepeats) {
  for (const std::int64_t count : {2, 3, 10, 999}) {
    const auto units = sample_units(1000, count, 7);
    ASSERT_EQ(static_cast<std::int64_t>(units.size()), count);
    EXPECT_EQ(units.front(), 0);
    EXPECT_EQ(units.back(), 999);
    for (std::size_t i = 1; i < units.size(); ++i) EXPECT_LT(units[i - 1], units[i]);
  }
}

TEST(SampleUnits, FollowsTheSeedAndReachesEveryPart) {
  const auto units = sample_units(1'000'000, 102, 7);
  EXPECT_EQ(units, sample_units(1'000'000, 102, 7));
  EXPECT_NE(units, sample_units(1'000'000, 102, 8));
  for (std::size_t i = 1; i < units.size(); ++i)
    EXPECT_LT(units[i] - units[i - 1], 20001);  // twice a part's width
}

TEST(AffordableUnits, ComesFromTheCostAlone) {
  // A unit of Scale f32: 2 FLOPs, 4 bytes read, 4 written that weigh 20 each: 86.
  EXPECT_EQ(affordable_units(Scale(1000), 86 * 1000), 1000);
  EXPECT_EQ(affordable_units(Scale(1000), 86 * 100), 100);
  EXPECT_EQ(affordable_units(Scale(1000), 1), 2);
}

/// Outputs of Scale as a test likes them.
struct Fixture {
  explicit Fixture(std::vector<float> x) : x(std::move(x)), op(static_cast<std::int64_t>(this->x.size())) {
    for (const float value : this->x) y.push_back(2 * value + 1);
  }
  KernelCheck compare(double budget = kReferenceBudget) const {
    const TensorView in{x.data(), DType::f32, op.count}, out{y.data(), DType::f32, op.count};
    return Reference(op, {&in, 1}, 1, budget).compare({&out, 1});
  }
  std::vector<float> x, y;
  Scale op;
};

/// y = x0 + x1 + x2, of which most cancels.
struct Cancelling final : Op {
  std::string_view kind() const override { return "cancelling"; }
  std::string shape() const override { return "3"; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return {{.name = "x", .shape = {3}}}; }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {1}}}; }
  Cost cost() const override { return {.flops = 2}; }
  std::int64_t units() const override { return 1; }
  void reference(std::span<const TensorView> in, std::int64_t, Expected& out) const override {
    out.set_sum(0, 0, in[0][0] + in[0][1] + in[0][2],
                std::sqrt(in[0][0] * in[0][0] + in[0][1] * in[0][1] + in[0][2] * in[0][2]));
  }
  Tolerance tolerance() const override { return {{{"1e-6", 1e-6}}}; }
};

// 300 - 400 + 101 is 1, and its terms are of the size 510.
TEST(Reference, ASumIsJudgedByTheSizeOfItsTermsWhereTheyCancel) {
  const std::vector<float> x = {300, -400, 101}, y = {1.0001f};
  const TensorView in{x.data(), DType::f32, 3}, out{y.data(), DType::f32, 1};
  const KernelCheck check = Reference(Cancelling(), {&in, 1}, 1, kReferenceBudget).compare({&out, 1});
  EXPECT_EQ(check.status, KernelCheck::Status::passed);
  EXPECT_NEAR(check.error, 1e-4 / 510.1, 1e-9);
}

TEST(Reference, SmallValuesAreJudgedByTheRootMeanSquareOfTheirOutput) {
  Fixture f({0, -0.5, 49.5, 49.5});  // expected 1, 0, 100, 100: rms 70.7
  f.y[1] = 1e-6f;                    // infinitely wrong by itself, 1.4e-8 of the rms
  EXPECT_EQ(f.compare().status, KernelCheck::Status::passed);
  EXPECT_NEAR(f.compare().error, 1e-6 / 70.7125, 1e-11);
  f.y[1] = 1;
  EXPECT_NEAR(f.compare().error, 1 / 70.7125, 1e-6);
  EXPECT_EQ(f.compare().status, KernelCheck::Status::failed);
}

TEST(Reference, LargeValuesAreJudgedByThemselves) {
  Fixture f({0, 0, 0, 499.5});  // expected 1, 1, 1, 1000: rms 500
  f.y[3] = 1001;
  EXPECT_NEAR(f.compare().error, 1e-3, 1e-9);
}

TEST(Reference, InfinitiesMustAgree) {
  const float inf = std::numeric_limits<float>::infinity();
  Fixture f({1, inf, 3});
  EXPECT_EQ(f.compare().status, KernelCheck::Status::passed) << f.compare().reason;
  f.y[1] = 3e38f;
  EXPECT_EQ(f.compare().reason,
            "output y element 1: expected inf, got 3e+38; 1 of 3 elements compared are wrong");
  f.y[1] = -inf;
  EXPECT_EQ(f.compare().status, KernelCheck::Status::failed);
}

TEST(Reference, NanIsRightOnlyWhereItIsExpected) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Fixture f({1, nan, 3});
  EXPECT_EQ(f.compare().status, KernelCheck::Status::passed) << f.compare().reason;
  f.y[1] = 0;
  EXPECT_EQ(f.compare().status, KernelCheck::Status::failed);
}

TEST(Reference, ASampleStillSeesElementsThatNobodyWrote) {
  std::vector<float> x;
  for (int i = 0; i < 1000; ++i) x.push_back(static_cast<float>(i));
  Fixture f(x);
  const double budget = 86 * 10;
  EXPECT_EQ(f.compare(budget).status, KernelCheck::Status::passed);
  EXPECT_EQ(f.compare(budget).checked, 10);
  std::memset(&f.y[501], 0xff, sizeof(float));
  EXPECT_EQ(f.compare(budget).reason, "output y element 501 was never written");
}

/// Picks one of two equals.
struct Choose final : Op {
  std::string_view kind() const override { return "choose"; }
  std::string shape() const override { return ""; }
  DType dtype() const override { return DType::i32; }
  std::vector<TensorSpec> inputs() const override { return {}; }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "token", .shape = {1}, .dtype = DType::i32}};
  }
  Cost cost() const override { return {}; }
  std::int64_t units() const override { return 1; }
  void reference(std::span<const TensorView>, std::int64_t, Expected& out) const override {
    const std::vector<std::int64_t> right = {4, 7};
    out.one_of(0, 0, right);
  }
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }
};

TEST(Reference, AChoiceMayBeAnyOfTheRightOnes) {
  const Choose op;
  const Reference reference(op, {}, 1);
  for (const std::int32_t token : {4, 7, 5, -1}) {
    const TensorView out{&token, DType::i32, 1};
    const bool right = token == 4 || token == 7;
    EXPECT_EQ(reference.compare({&out, 1}).status == KernelCheck::Status::passed, right) << token;
  }
}

/// Sets nothing.
struct Idle final : Op {
  std::string_view kind() const override { return "idle"; }
  std::string shape() const override { return ""; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return {}; }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {1}}}; }
  Cost cost() const override { return {}; }
  std::int64_t units() const override { return 1; }
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }
};

TEST(Reference, ComparingNothingIsAFailure) {
  const float y = 1;
  const TensorView out{&y, DType::f32, 1};
  EXPECT_EQ(Reference(Idle(), {}, 1).compare({&out, 1}).reason, "output y: nothing was compared");
}

}  // namespace
}  // namespace assay::correctness_tests
