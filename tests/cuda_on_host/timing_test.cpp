// SPDX-License-Identifier: Apache-2.0
// What the CUDA device offers for honest timing, by a scripted clock: holding work back, the clock's own
// rate, probes, telemetry of timed work alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cuda_host.h"
#include "device/cuda/clock_meter.h"
#include "device/cuda/cuda_lane.h"
#include "device/cuda/datasheet.h"
#include "device/cuda/launch.cuh"
#include "device/cuda/peaks.h"
#include "kernels/matmul/matmul.h"
#include "measure/kernel_choice.h"
#include "measure/session.h"
#include "nvml_host.h"

namespace assay::timing_tests {
namespace {

constexpr int kCount = 32;

__global__ void add_one(int* to) {
  to[threadIdx.x] += 1;
}

struct Timing : testing::Test {
  Timing() { lane().write(memory_->buffer(), std::array<int, kCount>{}.data(), kCount * sizeof(int)); }
  CudaDevice& device() { return lane().device(); }
  CudaLane& lane() { return cuda_lane(*host_.lane); }
  HostClock& clock() { return host_knobs().clock; }
  void enqueue() { launch(add_one, 1, kCount, 0, lane().stream(), data()); }
  int* data() { return memory_->buffer().as<int>().data(); }

  CudaHost host_;
  std::unique_ptr<Memory> memory_ = host_.open.device->allocate(kCount * sizeof(int));
};

TEST_F(Timing, HeldWorkRunsWhenItIsReleasedAndNotBefore) {
  for (int turn = 1; turn <= 3; ++turn) {
    lane().hold();
    enqueue();
    int naps = 0;
    clock().on_nap = [&] {  // the device waits; meanwhile the host goes on
      EXPECT_EQ(data()[0], turn - 1);
      if (++naps == 5) {
        EXPECT_TRUE(lane().release());
      }
    };
    lane().synchronize();
    EXPECT_EQ(naps, 5);
    EXPECT_EQ(data()[0], turn);
  }
}

TEST_F(Timing, AReleaseBeforeTheDeviceComesToTheGateIsInTime) {
  lane().hold();
  enqueue();
  EXPECT_TRUE(lane().release());
  EXPECT_TRUE(lane().release()) << "nothing is held";
  lane().hold();
  enqueue();
  EXPECT_TRUE(lane().release());
  const std::uint64_t began_ns = clock().now_ns;
  lane().synchronize();
  EXPECT_LT(clock().now_ns - began_ns, 10'000u) << "the first gate waits for what the second has said";
  EXPECT_EQ(data()[0], 2);
}

TEST_F(Timing, AReleaseThatNeverComesEndsByItselfAndSaysSo) {
  lane().hold();
  enqueue();
  const std::uint64_t began_ns = clock().now_ns;
  lane().synchronize();  // release() is forgotten
  EXPECT_EQ(data()[0], 1);
  EXPECT_NEAR(static_cast<double>(clock().now_ns - began_ns) * 1e-9, Gate::kLongest_s, 0.01);
  EXPECT_FALSE(lane().release());
  lane().hold();  // and the next is none the worse
  EXPECT_TRUE(lane().release());
  lane().synchronize();
}

TEST_F(Timing, MarksBehindAGateDoNotSeeIt) {
  host_knobs().has_clock = true;
  const auto marks = lane().marks(2);
  lane().hold();
  marks->record(0, lane().stream());
  enqueue();
  marks->record(1, lane().stream());
  int naps = 0;
  clock().on_nap = [&] {
    if (++naps == 5000) lane().release();  // after 5 ms
  };
  lane().synchronize();
  EXPECT_NEAR(marks->seconds(0, 1), 2e-6, 1e-9) << "a mark and a kernel, 1 us each by the script";
}

TEST_F(Timing, ALaneThatIsClosedWhileItHoldsDoesNotWait) {
  lane().hold();
  const std::uint64_t began_ns = clock().now_ns;
  host_.lane.reset();
  EXPECT_LT(clock().now_ns - began_ns, 100'000u);
}

TEST_F(Timing, TheFloorIsTheMedianOfAGraphWithAnEmptyKernel) {
  host_knobs().has_clock = true;
  int launches = 0;
  clock().work_ns = [&](const std::string& what) -> std::uint64_t {
    if (what.find("nothing") == std::string::npos) return what == "an event" ? 0 : 50'000;
    return ++launches % 5 == 0 ? 90'000 : 2'500;
  };
  EXPECT_NEAR(*seconds_of_an_empty_graph(lane()), 2.5e-6, 1e-10);
}

TEST_F(Timing, TheFloorIsUnknownWhereTheHostIsAlwaysLate) {
  host_knobs().has_clock = host_knobs().eager = true;
  clock().on_nap = [&] { clock().pass(1'000'000'000); };
  EXPECT_FALSE(seconds_of_an_empty_graph(lane()).has_value());
}

double passed(Lane& lane, ClockMeter& meter, const std::function<void(HostClock&)>& script) {
  meter.begin(lane.stream());
  host_enqueue(cuda_stream(lane.stream()), [&] { script(host_knobs().clock); });
  meter.end(lane.stream());
  lane.synchronize();
  return meter.hz().value_or(0);
}

TEST_F(Timing, TheClocksRateIsThatOfTheStretchBetween) {
  const auto meter = lane().clock_meter();
  clock().hz = 1.98e9;
  EXPECT_NEAR(passed(lane(), *meter, [](HostClock& c) { c.pass(5'000'000); }), 1.98e9, 0.01e9);
  const double throttled = passed(lane(), *meter, [](HostClock& c) {
    c.hz = 1.2e9;
    c.pass(3'000'000);
    c.hz = 1.98e9;
    c.pass(1'000'000);
  });
  EXPECT_NEAR(throttled, (3 * 1.2e9 + 1.98e9) / 4, 0.01e9);
  EXPECT_NEAR(passed(lane(), *meter, [](HostClock& c) { c.pass(5'000'000); }), 1.98e9, 0.01e9);
}

TEST_F(Timing, TheClocksRateIsNotGuessedFromAStretchTooShortForTheTimer) {
  const auto meter = lane().clock_meter();
  const auto after = [&](std::uint64_t ns) {
    return passed(lane(), *meter, [ns](HostClock& c) { c.pass(ns); });
  };
  clock().timer_step_ns = 1000;
  EXPECT_EQ(after(100'000), 0);
  EXPECT_NEAR(after(1'000'000), 1e9, 0.01e9);
  clock().timer_step_ns = 1'000'000;  // does not move while a kernel looks
  EXPECT_EQ(after(50'000'000), 0);
  EXPECT_NEAR(after(400'000'000), 1e9, 0.01e9);
}

TEST(ClockHz, IsTheMedianOfTheMultiprocessorsSeenAtBothEnds) {
  const auto at = [](unsigned sm, std::int64_t cycles, std::uint64_t ns) {
    return ClockReading{.cycles = cycles, .ns = ns, .multiprocessor = sm, .step_ns = 32};
  };
  const std::array begin = {at(0, 500, 0), at(1, 0, 0), at(2, 7, 100), at(5, 0, 0)};
  const std::array end = {at(1, 1'000'000, 1'000'000), at(2, 2'000'007, 1'000'100),
                          at(0, 1'500'500, 1'000'000), at(6, 0, 1'000'000)};
  EXPECT_EQ(clock_hz(begin, end), 1.5e9);
  EXPECT_FALSE(clock_hz(begin, std::span(end).last(1)).has_value());
  EXPECT_FALSE(clock_hz(end, begin).has_value());
}

TEST_F(Timing, KernelAndVariantAreChosenByTheDevicesClockAndCanBeChosenAgain) {
  host_knobs().has_clock = true;
  std::string quick = "by its workspace";
  clock().work_ns = [&](const std::string& what) -> std::uint64_t {
    return what == "an event" ? 0 : what.find(quick) != std::string::npos ? 20'000 : 50'000;
  };
  const Watch watch{.now_s = [&] { return static_cast<double>(clock().now_ns) * 1e-9; }, .interrupted = {}};
  const auto op = std::make_shared<MatMul>(
      MatMul::Params{.m = 4, .n = 48, .k = 512, .type = DType::bf16, .out = DType::bf16});
  RunOptions options;
  const KernelChoice choice = choose_kernel(op, Place::device, {&lane(), host_.open.kernels}, options, watch);
  EXPECT_EQ(choice.name(), "cublaslt");
  EXPECT_EQ(choice.chosen.variant, "algo 1 tile 0 stages 0 split 0 reduction 0 swizzle 0 custom 0");
  EXPECT_NEAR(choice.rejected.at("skinny"), 50e-6, 1e-9);

  options.choices[placed_key(*op, Place::device)] = {choice.name(), choice.chosen.variant};
  quick = "skinny";
  const KernelChoice again = choose_kernel(op, Place::device, {&lane(), host_.open.kernels}, options, watch);
  EXPECT_EQ(again.chosen.variant, choice.chosen.variant);
  options.choices.clear();
  EXPECT_EQ(choose_kernel(op, Place::device, {&lane(), host_.open.kernels}, options, watch).name(), "skinny");
}

struct Probes : Timing {
  Probes() {
    host_knobs().has_clock = true;
    device().probe_sizes().read_at_least = std::int64_t{1} << 20;
    device().probe_sizes().edges = {64, 32};
    device().probe_sizes().random_caches = 2;
    device().probe_sizes().random_at_least = device().probe_sizes().link_bytes = 1 << 20;
    clock().work_ns = [this](const std::string& what) { return reading(what) ? read_ns : 1000; };
  }
  static bool reading(const std::string& what) { return what.find("read_words") != std::string::npos; }
  double bytes_read() { return 4 * 8.0 * static_cast<double>(device().info().cache_bytes); }

  std::uint64_t read_ns = 2'000'000;
  const std::array<DType, 2> dtypes = {DType::bf16, DType::i32};
};

TEST_F(Probes, GiveWhatTheDeviceReachesNow) {
  const Peaks peaks = device().measure_peaks(dtypes);
  EXPECT_NEAR(*peaks.of(Path::memory).measured, bytes_read() / 2.001e-3, 1e6);  // with the second mark
  ASSERT_EQ(peaks.flops_per_s.size(), 1u) << "an index has no arithmetic";
  EXPECT_EQ(device().probe_sizes().products.at(DType::bf16).edge, 64)
      << "as quick as 32: eight times the rate";
  const auto probe = device().peak_probe(dtypes);
  EXPECT_NEAR(*probe->take().bytes_per_s, *peaks.of(Path::memory).measured, 1e6);
  read_ns = 3'000'000;
  const PeakDraw slower = probe->take();
  EXPECT_NEAR(*slower.bytes_per_s, bytes_read() / 3.001e-3, 1e6);
  EXPECT_NEAR(slower.flops_per_s.at(DType::bf16), 2 * 64. * 64 * 64 / 2e-6, 1e6);
}

/// Bytes that a run reads: threads in groups of a row, eight rows at a time, about as many as there are.
double bytes_at_random(CudaDevice& device, std::int64_t row_bytes) {
  const std::int64_t groups = device.info().units * 4 * 512 * 16 / row_bytes;
  const std::int64_t rows = 2 * device.info().cache_bytes / row_bytes;
  return static_cast<double>(groups * std::max<std::int64_t>(1, rows / (groups * 8)) * 8 * row_bytes);
}

TEST_F(Probes, TellRandomReadsByTheSizeOfTheirRows) {
  clock().work_ns = [](const std::string& what) -> std::uint64_t {
    return what.find("read_random_rows") != std::string::npos ? 3'000'000 : 1000;
  };
  const Peaks peaks = device().measure_peaks({});
  ASSERT_EQ(peaks.random_read_bytes_per_s.size(), std::size(kRandomRowBytes));
  for (const auto& [row_bytes, ceiling] : peaks.random_read_bytes_per_s)
    EXPECT_NEAR(*ceiling.measured, bytes_at_random(device(), row_bytes) / 3.001e-3, 1e6) << row_bytes;
}

TEST_F(Probes, TellBothWaysBetweenHostAndDevice) {
  clock().work_ns = [](const std::string& what) -> std::uint64_t {
    return what == "a copy" ? 100'000 : 1000;
  };
  const Peaks peaks = device().measure_peaks({});
  const double rate = (1 << 20) / 101e-6;
  EXPECT_NEAR(*peaks.to_device_bytes_per_s.measured, rate, 1e6);
  EXPECT_NEAR(*peaks.from_device_bytes_per_s.measured, rate, 1e6);
  EXPECT_NEAR(*peaks.of(Path::host_link).measured, rate, 1e6);
  EXPECT_FALSE(peaks.of(Path::host_link).datasheet) << "NVML is not there";
}

TEST_F(Probes, LeaveOutTheLinkWhereTheHostPinsNoMemory) {
  host_knobs().pinnable_bytes = 1 << 19;
  const Peaks peaks = device().measure_peaks({});
  EXPECT_FALSE(peaks.of(Path::host_link).measured);
  EXPECT_EQ(peaks.random_read_bytes_per_s.size(), std::size(kRandomRowBytes));
}

TEST_F(Probes, LeaveOutRandomReadsWhereMemoryIsShort) {
  host_knobs().memory_bytes = host_taken_bytes() + (std::size_t{256} << 20) + (3 << 19);
  const Peaks peaks = device().measure_peaks({});
  EXPECT_TRUE(peaks.random_read_bytes_per_s.empty()) << "two caches of 1 MiB";
  EXPECT_TRUE(peaks.of(Path::host_link).measured) << "1 MiB";
}

TEST_F(Probes, LeaveOutWhatTheDeviceHasNoRoomFor) {
  host_knobs().memory_bytes =
      host_taken_bytes() + LtContext::kWorkspaceBytes + (std::size_t{256} << 20) + 30'000;
  PeakDraw draw = device().peak_probe(dtypes)->take();
  EXPECT_FALSE(draw.bytes_per_s.has_value()) << "eight caches of 1 MiB";
  EXPECT_FLOAT_EQ(draw.flops_per_s.at(DType::bf16), 2 * 64. * 64 * 64 / 2e-6) << "24,576 bytes fit";
  host_knobs().memory_bytes -= 10'000;
  EXPECT_TRUE(device().peak_probe(dtypes)->take().flops_per_s.empty()) << "another size is another figure";
  host_knobs().memory_bytes = HostKnobs{}.memory_bytes;
  draw = device().peak_probe(dtypes)->take();
  EXPECT_TRUE(draw.bytes_per_s.has_value());
  EXPECT_EQ(draw.flops_per_s.size(), 1u);
}

TEST_F(Probes, HoldTheirMemoryWhileTheyLive) {
  const std::size_t before = host_taken_bytes();
  const auto probe = device().peak_probe(dtypes);
  EXPECT_GT(host_taken_bytes(), before);
  const std::size_t held = host_taken_bytes();
  probe->take();
  EXPECT_EQ(host_taken_bytes(), held);
}

TEST_F(Timing, UsedBytesAreWhatWasGivenOutWhereNvmlDoesNotSeeTheProcess) {
  const std::int64_t before = device().used_bytes().value();
  const auto more = device().allocate(1 << 20);
  EXPECT_EQ(device().used_bytes().value() - before, 1 << 20);
}

TEST_F(Timing, ARenewedDeviceHasLanesOfOtherStreams) {
  const void* before = lane().stream().handle;
  for (int i = 1; i <= 3; ++i) {
    CudaDevice& renewed = device();
    host_.lane.reset();
    renewed.renew();
    host_.lane = renewed.lane({});
    EXPECT_NE(lane().stream().handle, before);
    before = lane().stream().handle;
    const auto program = lane().record([this](Stream&) { enqueue(); });
    program->launch(lane().stream());
    lane().synchronize();
    EXPECT_EQ(data()[0], i);
  }
}

struct Watched : testing::Test {
  Watched() {
    nvml_script.present = true;
    nvml_script.power_mw = 100'000;
    nvml_script.clock_mhz = 1980;
    nvml_script.temperature_c = 40;
  }
  ~Watched() override {
    nvml_script.present = false;
    nvml_script.clock_limit_bits = 0;
    nvml_script.counts_energy = true;
    nvml_script.link_generation = nvml_script.link_lanes = 0;
  }
  void pass(double seconds, double joules) {
    now_s_ += seconds;
    nvml_script.energy_mj += static_cast<unsigned long long>(joules * 1e3);
  }
  double now_s_ = 100;
};

TEST_F(Watched, TelemetryIsOfWhatIsNotPaused) {
  const Nvml nvml("0000:00:00.0");
  TelemetrySampler sampler(nvml, [this] { return now_s_; });
  sampler.start();
  sampler.pause();
  nvml_script.temperature_c = 95;  // while nothing is timed
  nvml_script.clock_limit_bits = 0x40;
  sampler.look();
  pass(50, 5000);
  nvml_script.temperature_c = 61;
  nvml_script.clock_limit_bits = 0x04;
  for (int block = 0; block < 4; ++block) {
    sampler.resume();
    pass(0.5, 150);
    sampler.pause();
    nvml_script.temperature_c = 55;
    nvml_script.clock_limit_bits = 0;
    pass(1, 60);
  }
  const Telemetry seen = sampler.stop().value();
  EXPECT_DOUBLE_EQ(seen.energy_j.value(), 600);
  EXPECT_DOUBLE_EQ(seen.power_w.value(), 300) << "energy over its time";
  EXPECT_EQ(seen.temperature_max_c, 61);
  EXPECT_EQ(seen.throttle_reasons, std::vector<std::string>{"software power cap"});
}

TEST_F(Watched, EnergyIsUnknownWhereTheBoardCountsNoneOrTheWorkIsTooShort) {
  const Nvml nvml("0000:00:00.0");
  TelemetrySampler sampler(nvml, [this] { return now_s_; });
  sampler.start();
  pass(0.9, 270);
  const Telemetry brief = sampler.stop().value();
  EXPECT_FALSE(brief.energy_j.has_value());
  EXPECT_DOUBLE_EQ(brief.power_w.value(), 100) << "as sampled";
  nvml_script.counts_energy = false;
  sampler.start();
  pass(5, 1500);
  EXPECT_FALSE(sampler.stop()->energy_j.has_value());
}

TEST_F(Watched, TheLinkToTheHostIsWhatBoardAndSlotHaveInCommon) {
  const Nvml nvml("0000:00:00.0");
  EXPECT_FALSE(nvml.pcie_link());
  nvml_script.link_generation = 5;
  EXPECT_FALSE(nvml.pcie_link()) << "of unknown width";
  nvml_script.link_lanes = 8;
  const PcieLink link = nvml.pcie_link().value();
  EXPECT_NEAR(link.bytes_per_s().value(), 31.5e9, 0.1e9);  // 32 GT/s, 128 bits of 130, 8 lanes
  EXPECT_EQ((PcieLink{.generation = 1, .lanes = 1}).bytes_per_s(), 250e6);
  EXPECT_NEAR((PcieLink{.generation = 4, .lanes = 16}).bytes_per_s().value(), 31.5e9, 0.1e9);
  EXPECT_FALSE((PcieLink{.generation = 9, .lanes = 16}).bytes_per_s());

  const auto datasheet = [&](const char* board, int multiprocessors) {
    return datasheet_peaks(board, multiprocessors, link).of(Path::host_link);
  };
  EXPECT_EQ(datasheet("NVIDIA H100 80GB HBM3", 132).source, "PCI Express 5.0 x8, each way");
  EXPECT_EQ(datasheet("a board of tomorrow", 1).datasheet, link.bytes_per_s());
  EXPECT_EQ(datasheet("NVIDIA GH200 480GB", 132).datasheet, 450e9) << "NVLink-C2C";
  EXPECT_FALSE(datasheet("NVIDIA GB200", 148).datasheet) << "no PCI Express either";
  EXPECT_FALSE(datasheet("NVIDIA B200 MIG 1g.23gb", 14).datasheet) << "a share of it, not known which";
}

TEST_F(Watched, UsedBytesAreNvmlsWhereItSeesTheProcess) {
  CudaHost host;
  nvml_script.process = static_cast<unsigned>(getpid());
  nvml_script.process_bytes = 123 << 20;
  EXPECT_EQ(host.open.device->used_bytes(), 123 << 20);
  nvml_script.process_bytes = ~0ULL;  // not available
  EXPECT_LT(host.open.device->used_bytes().value(), 100 << 20);
  nvml_script.process = 1;
}

}  // namespace
}  // namespace assay::timing_tests
