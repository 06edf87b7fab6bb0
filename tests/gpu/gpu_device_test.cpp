// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "base/random.h"
#include "gpu/gpu.h"
#include "kernels/matmul/matmul.h"
#include "measure/session.h"
#include "plan/memory.h"
#include "support/every_fill.h"
#include "support/source_dir.h"
#include "workloads/workload.h"

namespace assay::testing {
namespace {

constexpr std::uint64_t kKey = random_key(7, "layers.0.w");

std::vector<std::byte> filled(Device& device, const TensorSpec& spec) {
  const auto memory = device.allocate(spec.bytes());
  device.poison(memory->buffer());
  device.fill(memory->buffer(), spec, kKey);
  std::vector<std::byte> bytes(static_cast<std::size_t>(spec.bytes()));
  device.read(bytes.data(), memory->buffer(), spec.bytes());
  return bytes;
}

class GpuFill : public Gpu {
 protected:
  void expect_the_cpus_bits(const TensorSpec& spec) {
    const auto cpu = cpu_backend().open(0);
    EXPECT_EQ(filled(device(), spec), filled(*cpu, spec)) << name(spec.dtype);
  }
};

TEST_F(GpuFill, MakesTheBitsThatTheCpuMakesInEveryDtype) {
  for (const DType dtype : all_dtypes())
    for (const Fill& fill : every_fill(50021))
      expect_the_cpus_bits({.name = "w", .shape = {50021}, .dtype = dtype, .fill = fill});
}

using GpuDevice = Gpu;

TEST_F(GpuDevice, PoisonsEveryBit) {
  const auto memory = device().allocate(1001);
  device().poison(memory->buffer());
  std::vector<unsigned char> bytes(1001);
  device().read(bytes.data(), memory->buffer(), 1001);
  EXPECT_EQ(std::ranges::count(bytes, 0xff), 1001);
}

TEST_F(GpuDevice, ReplaysRecordedWorkOnWhatTheMemoryThenHolds) {
  const auto from = device().allocate(4), to = device().allocate(4);
  int first = 1, second = 2, got = 0;
  device().write(from->buffer(), &first, 4);
  const auto program = device().record([&](Stream&) { device().copy(to->buffer(), from->buffer(), 4); });
  device().write(from->buffer(), &second, 4);
  program->launch(device().stream());
  device().synchronize();
  device().read(&got, to->buffer(), 4);
  EXPECT_EQ(got, 2);
}

TEST_F(GpuDevice, MarksAFlushOfTheCacheAsTimeThatPassed) {
  const auto marks = device().marks(3);
  marks->record(0, device().stream());
  device().flush_cache();
  marks->record(1, device().stream());
  device().flush_cache();
  device().flush_cache();
  marks->record(2, device().stream());
  device().synchronize();
  EXPECT_GT(marks->seconds(0, 1), 1e-6);
  EXPECT_GT(marks->seconds(1, 2), marks->seconds(0, 1));
}

TEST_F(GpuDevice, MarksOfHeldWorkDoNotSeeTheHost) {
  const auto marks = device().marks(2);
  for (int i = 0; i < 3; ++i) {
    device().hold();
    marks->record(0, device().stream());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    marks->record(1, device().stream());
    EXPECT_TRUE(device().release());
    device().synchronize();
    EXPECT_LT(marks->seconds(0, 1), 1e-3);
  }
}

TEST_F(GpuDevice, AHoldThatIsForgottenEndsByItself) {
  device().hold();
  device().synchronize();
  EXPECT_FALSE(device().release());
  device().hold();
  EXPECT_TRUE(device().release());
  device().synchronize();
}

TEST_F(GpuDevice, TellsItsClockOverAStretch) {
  const auto meter = device().clock_meter();
  for (int i = 0; i < 2; ++i) {  // the second finds the clocks awake
    meter->begin(device().stream());
    for (int f = 0; f < 200; ++f) device().flush_cache();
    meter->end(device().stream());
    device().synchronize();
  }
  const auto hz = meter->hz();
  ASSERT_TRUE(hz);
  for (const auto& [key, value] : device().info().properties)
    if (key == "max_sm_clock_mhz" && value != "0") {
      EXPECT_LT(*hz, std::stod(value) * 1e6 * 1.02);
    }
  EXPECT_GT(*hz, 200e6);
}

TEST_F(GpuDevice, CountsTheBytesItHasGivenOut) {
  constexpr std::int64_t kBytes = std::int64_t{256} << 20;
  const std::int64_t before = device().used_bytes().value();
  const auto memory = device().allocate(kBytes);
  EXPECT_NEAR(static_cast<double>(device().used_bytes().value() - before), kBytes, 0.05 * kBytes);
}

TEST_F(GpuDevice, RunsProgramsOfBeforeItWasRenewed) {
  const auto memory = device().allocate(4);
  int got = 0;
  const auto program = device().record([&](Stream&) { device().poison(memory->buffer()); });
  device().renew();
  program->launch(device().stream());
  device().read(&got, memory->buffer(), 4);
  EXPECT_EQ(got, -1);
}

TEST_F(GpuDevice, SaysHowManyBytesItLacks) {
  const std::int64_t too_much = device().info().memory_bytes + (std::int64_t{1} << 30);
  try {
    const auto memory = device().allocate(too_much);
    FAIL() << "it gave " << too_much << " bytes of " << device().info().memory_bytes;
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::device_failed) << error.what();
  }
  EXPECT_NE(device().allocate(1 << 20), nullptr) << "and can be used afterwards";
}

TEST_F(GpuDevice, TakesThePlannedBytesWithinOnePercent) {
  const std::vector<std::filesystem::path> configs = {test_source_dir() / "configs/llm/llama-3.2-1b.json"};
  const std::vector<std::string> overrides = {"/load/batch=1"};
  const Plan plan = load_runs(configs, overrides).expand().at(0).make_plan();
  const KernelMap kernels = first_kernels(plan, gpu_);
  device().synchronize();
  const std::int64_t before = device().free_bytes();
  const Session session(plan, device(), kernels, 1);
  device().synchronize();
  const double taken = static_cast<double>(before - device().free_bytes());
  EXPECT_NEAR(taken / static_cast<double>(plan_memory(plan).peak_bytes()), 1, 0.01) << taken << " bytes";
}

// A probe above the datasheet counts wrongly; one far below it does not load the machine.
TEST_F(GpuDevice, ProbesPeaksBetweenHalfAndAllOfTheDatasheets) {
  const std::array dtypes = {DType::bf16, DType::f32};
  const Peaks peaks = device().measure_peaks(dtypes);
  const auto within = [](const Ceiling& ceiling, const std::string& what) {
    ASSERT_TRUE(ceiling.measured) << what;
    if (!ceiling.datasheet) return;
    EXPECT_LT(*ceiling.measured / *ceiling.datasheet, 1.02) << what;
    EXPECT_GT(*ceiling.measured / *ceiling.datasheet, 0.5) << what;
  };
  within(peaks.bytes_per_s, "bandwidth");
  for (const auto& [dtype, ceiling] : peaks.flops_per_s) within(ceiling, std::string(name(dtype)));
  ASSERT_TRUE(peaks.launch_s);
  EXPECT_GT(*peaks.launch_s, 0.1e-6);
  EXPECT_LT(*peaks.launch_s, 20e-6);
}

TEST_F(GpuDevice, ProbesAgainWhatItsPeaksAre) {
  const std::array dtypes = {DType::bf16, DType::f32};
  const Peaks peaks = device().measure_peaks(dtypes);
  const PeakDraw draw = device().peak_probe(dtypes)->take();
  EXPECT_NEAR(draw.bytes_per_s.value() / *peaks.bytes_per_s.measured, 1, 0.15);
  for (const auto& [dtype, reached] : draw.flops_per_s)
    EXPECT_NEAR(reached / *peaks.flops_per_s.at(dtype).measured, 1, 0.15) << name(dtype);
}

TEST_F(GpuDevice, TellsTheAlgorithmsOfAMatmulApart) {
  for (const KernelEntry& entry : gpu_.kernels) {
    if (entry.op != "matmul" || entry.name != "cublaslt") continue;
    const MatMul op({.m = 64, .n = 1024, .k = 512, .type = DType::f16, .out = DType::f16});
    const std::vector<std::string> names = entry.make(op, device())->variants();
    EXPECT_GT(names.size(), 1u);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
    EXPECT_EQ(entry.make(op, device())->variants(), names) << "and are offered again";
  }
}

}  // namespace
}  // namespace assay::testing
