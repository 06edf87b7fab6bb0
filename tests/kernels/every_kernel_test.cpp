// SPDX-License-Identifier: Apache-2.0
// In the CPU's kernel table means tested: every kernel on every example of its op, against the float64
// reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "device/backend.h"
#include "measure/verify.h"
#include "plan/kernel.h"
#include "plan/op.h"

namespace assay::every_kernel_tests {
namespace {

constexpr std::uint64_t kSeed = 11;

struct Case {
  KernelEntry kernel;
  std::shared_ptr<const Op> op;
};

std::string text_of(const Case& c) {
  return std::string(c.kernel.op) + "/" + std::string(c.kernel.name) + "/" + c.op->shape();
}
void PrintTo(const Case& c, std::ostream* out) {
  *out << text_of(c);
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const OpEntry& entry : all_ops())
    for (const std::shared_ptr<const Op>& op : entry.examples())
      for (const KernelEntry& kernel : cpu_backend().kernels)
        if (kernel.op == entry.kind && op->unserved().empty()) cases.push_back({kernel, op});
  return cases;
}

/// The CPU has no tensor cores, so these are not promised on it; f32 and bf16 always are.
bool may_be_unserved(DType type) {
  return type == DType::f8e4m3 || type == DType::tf32 || type == DType::f16;
}

class EveryKernel : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    device_ = cpu_backend().open(0);
    lane_ = device_->lane({});
  }
  static void TearDownTestSuite() {
    lane_.reset();
    device_.reset();
  }

  static bool another_serves(const Case& c) {
    return std::ranges::any_of(cpu_backend().kernels, [&](const KernelEntry& other) {
      if (other.op != c.kernel.op || other.name == c.kernel.name) return false;
      try {
        return other.make(*c.op, *lane_) != nullptr;
      } catch (const Unsupported&) {
        return false;
      }
    });
  }

  static std::unique_ptr<Device> device_;
  static std::unique_ptr<Lane> lane_;
};
std::unique_ptr<Device> EveryKernel::device_;
std::unique_ptr<Lane> EveryKernel::lane_;

TEST_P(EveryKernel, GivesTheReferencesNumbers) {
  const Case& c = GetParam();
  const KernelCheck check = verify_kernel(*c.op, c.kernel, *lane_, kSeed);
  if (check.status == KernelCheck::Status::skipped) {
    EXPECT_TRUE(may_be_unserved(c.op->dtype()) || another_serves(c))
        << "no kernel of the CPU serves " << text_of(c) << ": " << check.reason;
    return;
  }
  EXPECT_EQ(check.status, KernelCheck::Status::passed)
      << text_of(c) << ": " << check.reason << "; error " << check.error << ", allowed " << check.tolerance
      << " = " << check.tolerance_factors;
  EXPECT_GT(check.checked, 0);
}

/// GoogleTest allows letters, digits and underscores; the index keeps names apart.
std::string test_name(const testing::TestParamInfo<Case>& info) {
  std::string text = text_of(info.param);
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return std::to_string(info.index) + "_" + text;
}

INSTANTIATE_TEST_SUITE_P(Cpu, EveryKernel, testing::ValuesIn(all_cases()), test_name);

bool is_sized_alone(const OpEntry& entry) {
  return std::ranges::none_of(entry.examples(), [](const auto& op) { return op->unserved().empty(); });
}

TEST(KernelTable, HasAKernelForEveryOpThatIsNotSizedAlone) {
  for (const OpEntry& entry : all_ops())
    EXPECT_TRUE(is_sized_alone(entry) !=
                std::ranges::any_of(cpu_backend().kernels,
                                    [&](const KernelEntry& kernel) { return kernel.op == entry.kind; }))
        << entry.kind << ": kernels/cpu_table.cpp and its unserved() disagree";
}

TEST(KernelTable, RefusesWhatNoKernelComputesYet) {
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  std::size_t refused = 0;
  for (const OpEntry& entry : all_ops())
    for (const auto& op : entry.examples())
      for (const KernelEntry& kernel : cpu_backend().kernels)
        if (kernel.op == entry.kind && !op->unserved().empty()) {
          EXPECT_THROW(kernel.make(*op, *lane), Unsupported) << entry.kind << " " << op->shape();
          ++refused;
        }
  EXPECT_GE(refused, 6u);
}

TEST(KernelTable, NamesNoOpThatDoesNotExistAndNoKernelTwice) {
  std::vector<std::string> names;
  for (const KernelEntry& kernel : cpu_backend().kernels) {
    EXPECT_TRUE(std::ranges::any_of(all_ops(), [&](const OpEntry& entry) { return entry.kind == kernel.op; }))
        << kernel.op;
    names.push_back(std::string(kernel.op) + "/" + std::string(kernel.name));
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

}  // namespace
}  // namespace assay::every_kernel_tests
