// SPDX-License-Identifier: Apache-2.0
// Under ThreadSanitizer, each thread of a block an OS thread: every CUDA kernel on small examples, and
// kernels with the races that it is there to find.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "cuda_host.h"
#include "device/cuda/launch.cuh"
#include "measure/verify.h"

extern "C" const char* __tsan_default_options() {
  return "halt_on_error=1";
}

namespace assay::races_tests {

inline void PrintTo(const KernelEntry& kernel, std::ostream* out) {
  *out << kernel.op << "/" << kernel.name;
}

namespace {

constexpr int kCount = 64;

enum class Order { none, warp, block };
__device__ void wait(Order order) {
  if (order == Order::warp) __syncwarp();
  if (order == Order::block) __syncthreads();
}

// Every thread reads what the one `distance` further on has written.
__global__ void read_shared(float* to, int distance, Order order) {
  __shared__ float values[kCount];
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  wait(order);
  to[threadIdx.x] = values[(threadIdx.x + distance) % kCount];
}
__global__ void read_dynamic(float* to, int distance, Order order) {
  float* values = dynamic_shared<float>();
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  wait(order);
  to[threadIdx.x] = values[(threadIdx.x + distance) % kCount];
}
__global__ void read_after_shuffle(float* to) {
  __shared__ float values[kCount];
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  const int next = __shfl_xor_sync(~0u, static_cast<int>(threadIdx.x), 1);
  to[threadIdx.x] = values[next];
}
__global__ void write_same(float* to) {
  to[threadIdx.x / 2] = 1;
}
__global__ void write_same_in_each_block(float* to) {
  to[threadIdx.x] = static_cast<float>(blockIdx.x);
}
__global__ void count_all(unsigned* to) {
  atomicAdd(to, 1u);
}

struct Races : testing::Test {
  Races() {
    testing::FLAGS_gtest_death_test_style = "threadsafe";  // a forked child cannot start threads here
    memory_ = host_.open.device->allocate(kCount * sizeof(float));
  }
  template <typename... Params, typename... Args>
  void run(void (*kernel)(Params...), unsigned blocks, std::size_t shared_bytes, Args... args) {
    launch(kernel, blocks, kCount, shared_bytes, host_.lane->stream(), args...);
    host_.lane->synchronize();
  }
  float* data() { return memory_->buffer().as<float>().data(); }

  CudaHost host_;
  std::unique_ptr<Memory> memory_;
};

TEST_F(Races, OnSharedMemoryAreFoundWhereABarrierIsMissing) {
  EXPECT_DEATH(run(read_shared, 1, 0, data(), 1, Order::none),
               "data race.*in kernel assay::.*read_shared.*thread \\([0-9]+, 0, 0\\)");
  EXPECT_DEATH(run(read_dynamic, 1, kCount * sizeof(float), data(), 1, Order::none), "data race");
  for (int i = 0; i < 3; ++i) run(read_shared, 2, 0, data(), 1, Order::block);
  run(read_dynamic, 2, kCount * sizeof(float), data(), 1, Order::block);
}

TEST_F(Races, BetweenWarpsAreFoundWhereOnlyTheWarpWaits) {
  EXPECT_DEATH(run(read_shared, 1, 0, data(), 32, Order::warp), "data race");
}

TEST_F(Races, AreNotHiddenByAShuffle) {
  EXPECT_DEATH(run(read_after_shuffle, 1, 0, data()), "data race.*read_after_shuffle");
}

TEST_F(Races, OnDeviceMemoryAreFoundWithinABlockAndBetweenBlocks) {
  EXPECT_DEATH(run(write_same, 1, 0, data()), "data race.*in kernel assay::.*write_same");
  EXPECT_DEATH(run(write_same_in_each_block, 2, 0, data()), "data race");
  run(write_same_in_each_block, 1, 0, data());
}

TEST_F(Races, AtomicsAreNone) {
  const unsigned zero = 0;
  unsigned counted = 0;
  host_.lane->write(memory_->buffer(), &zero, sizeof zero);
  run(count_all, 3, 0, reinterpret_cast<unsigned*>(data()));
  host_.lane->read(&counted, memory_->buffer(), sizeof counted);
  EXPECT_EQ(counted, 3 * kCount);
}

std::vector<KernelEntry> all_kernels() {
  const KernelTable table = assay_backend()->kernels;
  return {table.begin(), table.end()};
}

class EveryCudaKernel : public testing::TestWithParam<KernelEntry> {};

TEST_P(EveryCudaKernel, HasNoRaceOnItsSmallestExamples) {
  constexpr int kExamples = 2;
  const KernelEntry& kernel = GetParam();
  const CudaHost host;
  std::vector<std::shared_ptr<const Op>> examples;
  for (const OpEntry& entry : all_ops())
    if (entry.kind == kernel.op) examples = entry.examples();
  std::ranges::stable_sort(examples, {},
                           [](const auto& op) { return op->cost().flops + op->cost().memory().both(); });
  int run = 0;
  for (const auto& op : examples) {
    const KernelCheck check = verify_kernel(*op, kernel, *host.lane, 3, Variants::first, kExactBlocks);
    if (check.status == KernelCheck::Status::skipped) continue;
    EXPECT_EQ(check.status, KernelCheck::Status::passed) << op->shape() << ": " << check.reason;
    if (++run == kExamples) break;
  }
  EXPECT_EQ(run, kExamples) << "served";
}
INSTANTIATE_TEST_SUITE_P(CudaHost, EveryCudaKernel, testing::ValuesIn(all_kernels()), [](const auto& info) {
  return std::string(info.param.op) + "_" + std::string(info.param.name);
});

}  // namespace
}  // namespace assay::races_tests
