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

namespace assay::test::gpu_device_tests {
namespace {

constexpr std::uint64_t kKey = random_key(7, "layers.0.w");

std::vector<std::byte> filled(Lane& lane, const TensorSpec& spec) {
  const auto memory = lane.device().allocate(spec.bytes());
  lane.poison(memory->buffer());
  lane.fill(memory->buffer(), spec, kKey);
  std::vector<std::byte> bytes(static_cast<std::size_t>(spec.bytes()));
  lane.read(bytes.data(), memory->buffer(), spec.bytes());
  return bytes;
}

class GpuFill : public Gpu {
 protected:
  void expect_the_cpus_bits(const TensorSpec& spec) {
    const auto cpu = cpu_backend().open(0);
    EXPECT_EQ(filled(lane(), spec), filled(*cpu->lane({}), spec)) << name(spec.dtype);
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
  lane().poison(memory->buffer());
  std::vector<unsigned char> bytes(1001);
  lane().read(bytes.data(), memory->buffer(), 1001);
  EXPECT_EQ(std::ranges::count(bytes, 0xff), 1001);
}

TEST_F(GpuDevice, ReplaysRecordedWorkOnWhatTheMemoryThenHolds) {
  const auto from = device().allocate(4), to = device().allocate(4);
  int first = 1, second = 2, got = 0;
  lane().write(from->buffer(), &first, 4);
  const auto program = lane().record([&](Stream&) { lane().copy(to->buffer(), from->buffer(), 4); });
  lane().write(from->buffer(), &second, 4);
  program->launch(lane().stream());
  lane().synchronize();
  lane().read(&got, to->buffer(), 4);
  EXPECT_EQ(got, 2);
}

TEST_F(GpuDevice, MarksAFlushOfTheCacheAsTimeThatPassed) {
  const auto marks = lane().marks(3);
  lane().flush_cache();  // loads its code and takes its memory
  marks->record(0, lane().stream());
  lane().flush_cache();
  marks->record(1, lane().stream());
  lane().flush_cache();
  lane().flush_cache();
  marks->record(2, lane().stream());
  lane().synchronize();
  EXPECT_GT(marks->seconds(0, 1), 1e-6);
  EXPECT_GT(marks->seconds(1, 2), marks->seconds(0, 1));
}

TEST_F(GpuDevice, MarksOfHeldWorkDoNotSeeTheHost) {
  const auto marks = lane().marks(2);
  for (int i = 0; i < 3; ++i) {
    lane().hold();
    marks->record(0, lane().stream());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    marks->record(1, lane().stream());
    EXPECT_TRUE(lane().release());
    lane().synchronize();
    EXPECT_LT(marks->seconds(0, 1), 1e-3);
  }
}

TEST_F(GpuDevice, AHoldThatIsForgottenEndsByItself) {
  lane().hold();
  lane().synchronize();
  EXPECT_FALSE(lane().release());
  lane().hold();
  EXPECT_TRUE(lane().release());
  lane().synchronize();
}

TEST_F(GpuDevice, TellsItsClockOverAStretch) {
  const auto meter = lane().clock_meter();
  for (int i = 0; i < 2; ++i) {  // the second finds the clocks awake
    meter->begin(lane().stream());
    for (int f = 0; f < 200; ++f) lane().flush_cache();
    meter->end(lane().stream());
    lane().synchronize();
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

TEST_F(GpuDevice, WorksOnAnotherLaneAfterItWasRenewed) {
  const void* before = lane().stream().handle;
  lane_.reset();
  device().renew();
  lane_ = device().lane({});
  EXPECT_NE(lane().stream().handle, before);
  const auto memory = device().allocate(4);
  int got = 0;
  const auto program = lane().record([&](Stream&) { lane().poison(memory->buffer()); });
  program->launch(lane().stream());
  lane().read(&got, memory->buffer(), 4);
  EXPECT_EQ(got, -1);
}

TEST_F(GpuDevice, RunsTwoLanesAtOnceAndKeepsTheirOrders) {
  constexpr std::int64_t kBytes = 64 << 20;
  const auto other = device().lane({1, 2});
  const auto a = device().allocate(kBytes), b = device().allocate(kBytes);
  std::vector<unsigned char> sent(kBytes, 7), got(kBytes);
  lane().write(a->buffer(), sent.data(), kBytes);
  for (int i = 0; i < 20; ++i) {
    lane().copy(b->buffer(), a->buffer(), kBytes);
    other->flush_cache();
  }
  other->synchronize();
  lane().read(got.data(), b->buffer(), kBytes);
  EXPECT_EQ(got, sent);
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
  const Sites sites{{&lane(), gpu_.kernels}, {&lane(), gpu_.kernels}};
  const Choices kernels = first_kernels(plan, sites);
  lane().synchronize();
  const std::int64_t before = device().free_bytes();
  const Session session(plan, sites, kernels, 1);
  lane().synchronize();
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
  within(peaks.of(Path::memory), "bandwidth");
  for (const DType dtype : dtypes) within(peaks.flops_per_s.at(dtype), std::string(name(dtype)));
  ASSERT_TRUE(peaks.launch_s);
  EXPECT_GT(*peaks.launch_s, 0.1e-6);
  EXPECT_LT(*peaks.launch_s, 20e-6);
}

TEST_F(GpuDevice, ProbesAgainWhatItsPeaksAre) {
  const std::array dtypes = {DType::bf16, DType::f32};
  const Peaks peaks = device().measure_peaks(dtypes);
  const PeakDraw draw = device().peak_probe(dtypes)->take();
  EXPECT_NEAR(draw.bytes_per_s.value() / *peaks.of(Path::memory).measured, 1, 0.15);
  for (const auto& [dtype, reached] : draw.flops_per_s)
    EXPECT_NEAR(reached / *peaks.flops_per_s.at(dtype).measured, 1, 0.15) << name(dtype);
}

TEST_F(GpuDevice, TellsTheAlgorithmsOfAMatmulApart) {
  for (const KernelEntry& entry : gpu_.kernels) {
    if (entry.op != "matmul" || entry.name != "cublaslt") continue;
    const MatMul op({.m = 64, .n = 1024, .k = 512, .type = DType::f16, .out = DType::f16});
    const std::vector<std::string> names = entry.make(op, lane())->variants();
    EXPECT_GT(names.size(), 1u);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
    EXPECT_EQ(entry.make(op, lane())->variants(), names) << "and are offered again";
  }
}

}  // namespace
}  // namespace assay::test::gpu_device_tests
