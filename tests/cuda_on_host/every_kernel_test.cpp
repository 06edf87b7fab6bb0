// SPDX-License-Identifier: Apache-2.0
// In the CUDA kernel table means run here: every kernel on every example of its op, against the float64
// reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "cuda_host.h"
#include "kernels/matmul/matmul.h"
#include "measure/verify.h"

// What leaks on the device, the stand-in says; LeakSanitizer needs a right that containers may not give.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}

namespace assay::every_kernel_tests {
namespace {

constexpr std::uint64_t kSeed = 11;
// 99 KiB of shared memory, the least of all targets, and fp8.
constexpr const char* kTarget = "sm_120";

struct Case {
  KernelEntry kernel;
  DType dtype;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.kernel.op << "/" << c.kernel.name << " " << name(c.dtype);
}

std::vector<std::shared_ptr<const Op>> examples_of(std::string_view kind) {
  for (const OpEntry& entry : all_ops())
    if (entry.kind == kind) return entry.examples();
  return {};
}

/// A test a kernel and type, so that they can share the processors.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const KernelEntry& kernel : assay_backend()->kernels)
    for (const auto& op : examples_of(kernel.op))
      if (std::ranges::none_of(cases, [&](const Case& c) {
            return c.kernel.op == kernel.op && c.kernel.name == kernel.name && c.dtype == op->dtype();
          }))
        cases.push_back({kernel, op->dtype()});
  return cases;
}

class EveryCudaKernel : public testing::TestWithParam<Case> {};

TEST_P(EveryCudaKernel, GivesTheReferencesNumbersOnEveryExample) {
  const auto& [kernel, dtype] = GetParam();
  const CudaHost host(kTarget);
  for (const auto& op : examples_of(kernel.op)) {
    if (op->dtype() != dtype) continue;
    const KernelCheck check = verify_kernel(*op, kernel, *host.lane, kSeed, Variants::all, kExactBlocks);
    if (check.status == KernelCheck::Status::skipped) continue;
    EXPECT_EQ(check.status, KernelCheck::Status::passed)
        << op->shape() << ": " << check.reason << "; error " << check.error << ", allowed " << check.tolerance
        << " = " << check.tolerance_factors;
    EXPECT_GT(check.checked, 0) << op->shape();
  }
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.kernel.op) + "_" + std::string(info.param.kernel.name) + "_" +
         std::string(name(info.param.dtype));
}
INSTANTIATE_TEST_SUITE_P(CudaHost, EveryCudaKernel, testing::ValuesIn(all_cases()), test_name);

bool serves(const KernelEntry& kernel, const Op& op, Lane& lane) {
  try {
    return kernel.make(op, lane) != nullptr;
  } catch (const Unsupported&) {
    return false;
  }
}

TEST(CudaKernelTable, HoldsNoKernelThatServesNoExample) {
  const CudaHost host(kTarget);
  for (const KernelEntry& kernel : host.open.kernels)
    EXPECT_TRUE(std::ranges::any_of(examples_of(kernel.op),
                                    [&](const auto& op) { return serves(kernel, *op, *host.lane); }))
        << kernel.op << "/" << kernel.name << " is never run here";
}

TEST(CudaKernelTable, ServesEveryExampleOfEveryOp) {
  const CudaHost host(kTarget);
  for (const OpEntry& entry : all_ops())
    for (const auto& op : entry.examples())
      EXPECT_TRUE(op->runs_at() == Place::host || !op->unserved().empty() ||
                  std::ranges::any_of(host.open.kernels,
                                      [&](const KernelEntry& kernel) {
                                        return kernel.op == entry.kind && serves(kernel, *op, *host.lane);
                                      }))
          << entry.kind << " " << op->shape();
}

class EveryWay : public testing::TestWithParam<MatMul::Params> {};

TEST_P(EveryWay, ThatSkinnyMayTakeIsRight) {
  const MatMul op(GetParam());
  const CudaHost host(kTarget);
  const auto skinny = std::ranges::find(host.open.kernels, "skinny", &KernelEntry::name);
  const auto kernel = skinny->make(op, *host.lane);
  EXPECT_GE(kernel->variants().size(), 3u);
  const KernelCheck check = verify_kernel(op, *kernel, *host.lane, kSeed, Variants::all, kExactBlocks);
  EXPECT_EQ(check.status, KernelCheck::Status::passed) << check.reason;
}

// k long enough to be split eight ways; n that no number of rows divides.
INSTANTIATE_TEST_SUITE_P(
    CudaHost, EveryWay,
    testing::Values(MatMul::Params{.m = 3, .n = 45, .k = 301, .type = DType::f32, .out = DType::f32},
                    MatMul::Params{.m = 1, .n = 45, .k = 2056, .type = DType::bf16, .out = DType::bf16},
                    MatMul::Params{
                        .m = 8, .n = 45, .k = 2056, .type = DType::f16, .out = DType::f16, .bias = true},
                    MatMul::Params{.m = 16, .n = 45, .k = 4112, .type = DType::f8e4m3, .out = DType::bf16}),
    [](const auto& info) { return std::string(name(info.param.type)); });

TEST(CudaHost, IsNoDeviceOfTheProgram) {
  for (const Backend* backend : backends().present) {
    std::vector<DeviceInfo> devices;
    try {
      devices = backend->find();
    } catch (const Error&) {  // the CUDA library, where there is no GPU
    }
    for (const DeviceInfo& info : devices) EXPECT_FALSE(info.name.starts_with("cuda-host")) << info.id;
  }
}

TEST(CudaHost, HasNoClock) {
  const CudaHost host;
  const auto marks = host.lane->marks(2);
  for (const std::size_t mark : {0, 1}) marks->record(mark, host.lane->stream());
  host.lane->synchronize();
  EXPECT_THROW(marks->seconds(0, 1), Error);
}

}  // namespace
}  // namespace assay::every_kernel_tests
