// SPDX-License-Identifier: Apache-2.0
// Host and device, and several streams at once, on the CUDA backend's own sources.
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "device/cuda/launch.cuh"
#include "measure/lanes.h"
#include "measure/outputs.h"
#include "measure/runner.h"
#include "support/crossing_plan.h"
#include "workloads/tiny_models.h"

namespace assay::lanes_tests {
namespace {

__global__ void find_positives(const float* x, std::int32_t* places, std::int32_t* counts, int width) {
  const int row = static_cast<int>(blockIdx.x);
  if (threadIdx.x != 0) return;
  std::int32_t count = 0;
  for (int c = width - 1; c >= 0; --c)
    if (x[row * width + c] > 0) places[row * width + count++] = c;
  counts[row] = count;
}

/// Descending, where the CPU's is ascending.
class PositivesCuda final : public Kernel {
 public:
  explicit PositivesCuda(const Positives& op) : rows_(op.rows), width_(op.width) {}
  void launch(Stream& stream, Buffers in, Buffers out) override {
    assay::launch(find_positives, static_cast<unsigned>(rows_), 32, 0, stream, in[0].as<const float>().data(),
                  out[0].as<std::int32_t>().data(), out[1].as<std::int32_t>().data(),
                  static_cast<int>(width_));
  }

 private:
  const std::int64_t rows_, width_;
};
std::unique_ptr<Kernel> make_positives_cuda(const Op& op, Lane&) {
  return std::make_unique<PositivesCuda>(op_cast<Positives>(op));
}

struct CudaCrossing : ::testing::Test {
  CudaCrossing()
      : kernels(with_kernel(host.open.kernels, {"positives", "descending", "", make_positives_cuda})),
        cpu_kernels(with_kernel(cpu_backend().kernels, {"positives", "ascending", "", make_positives<true>})),
        cpu{cpu_backend().open(0), cpu_kernels} {
    host.open.kernels = kernels;
  }
  CudaHost host;
  std::vector<KernelEntry> kernels, cpu_kernels;
  OpenDevice cpu;
};

TEST_F(CudaCrossing, IsVerifiedInSituWithATableOfMoreThanHalfOfTheMemory) {
  host_knobs().has_clock = true;  // passes are marked; nothing is made of the times
  constexpr std::int64_t kRows = 30'000, kTable = kRows * 64 * 4;
  host_knobs().memory_bytes = host_taken_bytes() + kTable + kTable / 2;
  const CaseResult result = run_plan(crossing_plan(kRows), host.open, cpu, {}, {.time = false});
  host_knobs().memory_bytes = HostKnobs{}.memory_bytes;
  ASSERT_TRUE(result.verification) << result.reason.value_or("");
  EXPECT_EQ(result.verification->status, CheckStatus::passed) << result.reason.value_or("");
  ASSERT_TRUE(result.verification->in_situ);
  EXPECT_EQ(result.verification->in_situ->status, CheckStatus::passed);
  EXPECT_EQ(result.verification->in_situ->ops, 4);
  std::set<Place> places;
  for (const ChoiceResult& choice : result.choices) places.insert(choice.place);
  EXPECT_EQ(places.size(), 2u) << "kernels of the CPU for the host's stage";

  const CaseResult on_cpu = run_plan(crossing_plan(kRows), cpu, cpu, {}, {.time = false});
  for (const char* output : {"read", "crossed"})
    EXPECT_EQ(result.verification->outputs.at(output).values, on_cpu.verification->outputs.at(output).values);
}

TEST_F(CudaCrossing, TwoLanesGiveWhatOneGives) {
  const test::TinyModel model = test::TinyModel("llama-llama3");
  const Plan plan = model.plan("f32");
  const Watch watch = real_watch();
  host_knobs().has_clock = true;  // passes are marked; nothing is made of the times
  std::vector<OutputPass> found(3);
  const auto pass_of = [&](Lanes& lanes, std::size_t first) {
    const Choices choices = [&] {
      Choices all;
      lanes.first([&](OneLane& lane) { all = first_kernels(plan, lane.sites); });
      return all;
    }();
    lanes.each(
        [&](OneLane& lane) { lane.session = std::make_unique<Session>(plan, lane.sites, choices, 1); });
    lanes.each([&](OneLane& lane) {
      found[first + static_cast<std::size_t>(lane.index)] = run_output_pass(*lane.session, watch);
    });
  };
  {
    Lanes one(host.open, host.open, false, 1);
    pass_of(one, 0);
  }
  {
    Lanes two(host.open, host.open, false, 2);
    pass_of(two, 1);
  }
  host_knobs().has_clock = false;
  for (const auto& [name, output] : found[0].outputs)
    for (const std::size_t lane : {1, 2})
      EXPECT_EQ(found[lane].outputs.at(name).values, output.values) << name;
  EXPECT_FALSE(found[0].outputs.empty());
}

}  // namespace
}  // namespace assay::lanes_tests
