// SPDX-License-Identifier: Apache-2.0
// Every check has here a kernel, or a host, with that very fault; and what a kernel may rely on works.
#include <gtest/gtest.h>

#include <cmath>

#include "cuda_host.h"
#include "device/cuda/launch.cuh"
#include "device/cuda/tensor_tile.cuh"

namespace assay::planted_faults_tests {
namespace {

constexpr int kCount = 64;  // floats in the memory that the kernels are given

struct PlantedFault : testing::Test {
  PlantedFault() { memory_ = device().allocate(kCount * sizeof(float)); }
  Device& device() { return *host_.open.device; }
  Lane& lane() { return *host_.lane; }
  float* data() { return memory_->buffer().as<float>().data(); }
  /// Until the kernel has run.
  template <typename... Params, typename... Args>
  void run(void (*kernel)(Params...), dim3 grid, dim3 block, std::size_t shared_bytes, Args... args) {
    launch(kernel, grid, block, shared_bytes, lane().stream(), args...);
    lane().synchronize();
  }
  std::vector<float> read() {
    std::vector<float> values(kCount);
    lane().read(values.data(), memory_->buffer(), kCount * sizeof(float));
    return values;
  }

  CudaHost host_;
  std::unique_ptr<Memory> memory_;
};

__global__ void write_own(float* to) {
  to[blockIdx.x * blockDim.x + threadIdx.x] = 1;
}

TEST_F(PlantedFault, AWriteBehindTheMemoryNamesKernelBlockAndThread) {
  EXPECT_DEATH(run(write_own, 2, 48, 0, data()),
               "heap-buffer-overflow.*in kernel assay::.*write_own.*, block \\(1, 0, 0\\), thread "
               "\\((1[6-9]|[2-4][0-9]), 0, 0\\)");
}

TEST_F(PlantedFault, AWriteIntoFreedMemory) {
  float* gone = data();
  memory_.reset();
  EXPECT_DEATH(run(write_own, 1, 1, 0, gone), "heap-use-after-free.*kernel assay::.*write_own");
}

__global__ void write_behind_shared(float* to, int at) {
  __shared__ float values[32];
  values[at] = 1;
  to[0] = values[0];
}
template <int kSize>
__global__ void write_behind_shared_template(float* to, int at) {
  __shared__ float values[kSize];
  *(values + at) = 1;
  to[0] = values[0];
}
__global__ void write_behind_dynamic(float* to, int at) {
  float* values = dynamic_shared<float>();
  values[at] = 1;
  to[0] = values[0];
}

TEST_F(PlantedFault, AWriteBehindSharedMemory) {
  EXPECT_DEATH(run(write_behind_shared, 1, 1, 0, data(), 32), "index 32 out of bounds.*write_behind_shared");
  EXPECT_DEATH(run(write_behind_shared_template<40>, 1, 1, 0, data(), 40), "global-buffer-overflow");
  EXPECT_DEATH(run(write_behind_dynamic, 1, 1, 128, data(), 32), "heap-buffer-overflow");
}

__global__ void add_one(float* to) {
  to[threadIdx.x] += 1;
}
__global__ void copy_shared(float* to, bool write_first) {
  __shared__ float values[kCount];
  if (write_first) values[threadIdx.x] = 1;
  to[threadIdx.x] = values[threadIdx.x] + dynamic_shared<float>()[threadIdx.x];
}

TEST_F(PlantedFault, WhatIsReadBeforeItIsWrittenIsNoNumber) {
  run(add_one, 1, kCount, 0, data());
  for (const float value : read()) EXPECT_TRUE(std::isnan(value));
  lane().write(memory_->buffer(), std::vector<float>(kCount).data(), kCount * sizeof(float));
  run(copy_shared, 2, kCount, kCount * sizeof(float), data(), false);
  for (const float value : read()) EXPECT_TRUE(std::isnan(value));
}

__global__ void reverse(float* to, bool wait) {
  __shared__ float values[kCount];
  values[threadIdx.x] = threadIdx.x;
  if (wait) __syncthreads();
  to[threadIdx.x] = values[kCount - 1 - threadIdx.x];
}

TEST_F(PlantedFault, AMissingBarrierShowsInTheNumbersToo) {
  run(reverse, 1, kCount, 0, data(), true);
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(read()[i], kCount - 1 - i);
  run(reverse, 1, kCount, 0, data(), false);
  EXPECT_TRUE(std::ranges::any_of(read(), [](float value) { return std::isnan(value); }));
}

__global__ void copy_asynchronously(float* to, const float* from, bool close, bool wait) {
  alignas(16) __shared__ float values[4];
  copy_16_async(values, from, true);
  if (close) close_copies();
  if (wait) wait_for_copies();
  to[0] = values[3];
  close_copies();
  wait_for_copies();
}

TEST_F(PlantedFault, AnAsynchronousCopyThatNobodyWaitedForShowsInTheNumbers) {
  const std::vector<float> four = {1, 2, 3, 4};
  const auto copied = [&](bool close, bool wait) {
    lane().write(memory_->buffer(), four.data(), 4 * sizeof(float));
    run(copy_asynchronously, 1, 1, 0, data() + 8, data(), close, wait);
    return read()[8];
  };
  EXPECT_EQ(copied(true, true), 4);
  EXPECT_TRUE(std::isnan(copied(true, false)));
  EXPECT_TRUE(std::isnan(copied(false, true)));
}

enum class Barrier { exited, divergent, against_shuffle };
__global__ void wait_wrongly(Barrier how) {
  if (threadIdx.x == 0) {
    if (how == Barrier::exited) return;
    if (how == Barrier::divergent) {
      __syncthreads();
      return;
    }
    __syncwarp();
  }
  __syncthreads();
}

TEST_F(PlantedFault, ABarrierThatNotAllThreadsReach) {
  EXPECT_DEATH(run(wait_wrongly, 1, kCount, 0, Barrier::exited),
               "barrier at planted_faults_test.cpp:[0-9]+.*in kernel assay::.*wait_wrongly.*thread "
               "\\([0-9]+, 0, 0\\)");
  EXPECT_DEATH(run(wait_wrongly, 1, kCount, 0, Barrier::divergent),
               "a barrier at .* while thread .* waits at the one at");
  EXPECT_DEATH(run(wait_wrongly, 1, kCount, 0, Barrier::against_shuffle),
               "thread \\(0, 0, 0\\) waits for lanes of its mask that never come");
}

enum class Shuffle { whole_warp, without_me, outside, exited, two_masks, two_places };
__global__ void shuffle_wrongly(Shuffle how) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float value = 1;
  if (how == Shuffle::whole_warp) value = __shfl_xor_sync(~0u, value, 1);
  if (how == Shuffle::without_me) value = __shfl_sync(~1u, value, 1);
  if (how == Shuffle::outside && lane < 16) value = __shfl_xor_sync(0xffffu, value, 16);
  if (how == Shuffle::exited && lane < 31) value = __shfl_xor_sync(~0u, value, 1);
  if (how == Shuffle::two_masks) value = __shfl_sync(lane < 16 ? ~0u : 0xffff0000u, value, lane);
  if (how == Shuffle::two_places)
    value = lane < 16 ? __shfl_sync(~0u, value, 0) : __shfl_up_sync(~0u, value, 1);
}

TEST_F(PlantedFault, AShuffleThatNamesAnAbsentLane) {
  EXPECT_DEATH(run(shuffle_wrongly, 1, 48, 0, Shuffle::whole_warp),
               "names lane 16, which the block has not.*shuffle_wrongly");
  EXPECT_DEATH(run(shuffle_wrongly, 1, 32, 0, Shuffle::without_me), "mask without the calling lane 0");
  EXPECT_DEATH(run(shuffle_wrongly, 1, 32, 0, Shuffle::outside),
               "reads lane (1[6-9]|2[0-9]|3[01]), which is not in its mask");
  EXPECT_DEATH(run(shuffle_wrongly, 1, 32, 0, Shuffle::exited),
               "names lane 31, which has ended|waits for it in the warp");
  EXPECT_DEATH(run(shuffle_wrongly, 1, 32, 0, Shuffle::two_masks),
               "with another mask|waits for it in the warp");
  EXPECT_DEATH(run(shuffle_wrongly, 1, 32, 0, Shuffle::two_places),
               "with another mask or at planted_faults_test");
}

__global__ void shuffle_rightly(float* to) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  to[lane] = __shfl_down_sync(~0u, lane, 3, 8) + 100 * __shfl_up_sync(~0u, lane, 1, 16) +
             1e4f * __shfl_xor_sync(~0u, lane, 5) + 1e6f * __popc(__ballot_sync(~0u, lane % 3 == 0));
  to[32 + lane] = lane < 8 ? __shfl_sync(0xffu, lane, 2 + lane, 4) : 0;
}

TEST_F(PlantedFault, ShufflesAndVotesGiveWhatTheLanesHold) {
  run(shuffle_rightly, 1, 32, 0, data());
  const std::vector<float> values = read();
  for (int lane = 0; lane < 32; ++lane) {
    const int down = lane % 8 < 5 ? lane + 3 : lane, up = lane % 16 > 0 ? lane - 1 : lane;
    EXPECT_EQ(values[lane], down + 100 * up + 1e4f * (lane ^ 5) + 11e6f) << lane;
    EXPECT_EQ(values[32 + lane], lane < 8 ? lane / 4 * 4 + (2 + lane) % 4 : 0) << lane;
  }
}

__global__ void load_four(float* to, int at) {
  const float4 four = *reinterpret_cast<const float4*>(to + at);
  to[0] = four.x;
}

TEST_F(PlantedFault, AMisalignedVectorAccess) {
  EXPECT_DEATH(run(load_four, 1, 1, 0, data(), 1),
               "misaligned address.*in kernel assay::.*load_four.*thread \\(0, 0, 0\\)");
}

__global__ void load_tile(float* from, int at, int stride) {
  TileC tile;
  tile.load(from + at, stride);
}

TEST_F(PlantedFault, ATileThatTheTensorCoresCouldNotLoad) {
  EXPECT_DEATH(run(load_tile, 1, 32, 0, data(), 4, 4),
               "a tile that is not aligned.*in kernel assay::.*load_tile");
  EXPECT_DEATH(run(load_tile, 1, 32, 0, data(), 0, 18), "whose rows are not");
}

struct LaunchLimits : PlantedFault, testing::WithParamInterface<const char*> {
  LaunchLimits() { host_set_target(GetParam()); }
};

TEST_P(LaunchLimits, AreThoseOfTheTarget) {
  const std::size_t most = host_target().most_shared;
  run(write_behind_dynamic, 1, 1, most, data(), 0);  // in fact in front
  EXPECT_DEATH(run(write_behind_dynamic, 1, 1, most + 1, data(), 0),
               "write_behind_dynamic.*bytes of .*shared memory");
  run(write_own, 1, kCount, 0, data());
  EXPECT_DEATH(run(write_own, 1, 1025, 0, data()), "write_own.* 1025 threads along x; sm_[0-9]+ allows 1024");
  EXPECT_DEATH(run(write_own, 1, dim3(32, 33), 0, data()), "1056 threads a block");
  EXPECT_DEATH(run(write_own, dim3(1, 65536), 1, 0, data()), "65536 blocks along y");
  EXPECT_DEATH(run(write_own, 0, 1, 0, data()), "empty grid");
}
INSTANTIATE_TEST_SUITE_P(Every, LaunchLimits,
                         testing::Values("sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"),
                         [](const auto& info) { return std::string(info.param); });

template <int kBytes>
__global__ void hold(char* to) {
  __shared__ char bytes[kBytes];
  bytes[threadIdx.x] = 1;
  to[0] = bytes[0];
}

TEST_F(PlantedFault, SharedMemoryThatWasNotGranted) {
  void* to = data();
  void* arguments[] = {&to};
  const auto stream = cuda_stream(lane().stream());
  EXPECT_DEATH(cudaLaunchKernel(hold<64>, 1, 1, arguments, 49 << 10, stream), "it was granted 49088");
  EXPECT_DEATH(cudaLaunchKernel(hold<49 << 10>, 1, 1, arguments, 0, stream), "static shared memory");
}

TEST_F(PlantedFault, ADestroyedStream) {
  cudaStream_t stream = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaStreamDestroy(stream), cudaSuccess);
  EXPECT_DEATH(launch(write_own, 1, 1, 0, Stream{stream}, data()),
               "kernel assay::.*write_own.* uses a stream that was destroyed");
  EXPECT_DEATH(cudaMemcpyAsync(data(), data() + 1, 4, cudaMemcpyDeviceToDevice, stream),
               "a copy uses a stream that was");
}

TEST_F(PlantedFault, ACopyBeyondTheMemoryOrOfAnotherKind) {
  const auto stream = cuda_stream(lane().stream());
  std::vector<float> host(kCount + 1);
  EXPECT_DEATH(cudaMemcpyAsync(data(), host.data(), 4 * kCount + 4, cudaMemcpyHostToDevice, stream),
               "its memory ends after 256");
  EXPECT_DEATH(cudaMemcpyAsync(host.data(), host.data(), 4, cudaMemcpyDeviceToHost, stream),
               "not device memory");
  EXPECT_DEATH(cudaMemcpyAsync(data(), data(), 4, cudaMemcpyHostToDevice, stream), "another kind");
}

TEST_F(PlantedFault, AnErrorThatNobodyRead) {
  const auto marks = lane().marks(2);
  EXPECT_THROW(marks->seconds(0, 1), Error);  // reads the error
  run(write_own, 1, 1, 0, data());
  cudaEvent_t event = nullptr;
  ASSERT_EQ(cudaEventCreateWithFlags(&event, cudaEventDefault), cudaSuccess);
  float milliseconds = 0;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, event, event), cudaErrorNotReady);
  EXPECT_DEATH(run(write_own, 1, 1, 0, data()), "cudaErrorNotReady of cudaEventElapsedTime was left unread");
  EXPECT_EQ(cudaGetLastError(), cudaErrorNotReady);
  ASSERT_EQ(cudaEventDestroy(event), cudaSuccess);
}

TEST_F(PlantedFault, WhatIsLeftBehind) {
  EXPECT_DEATH(host_require_clean(), "left behind: [0-9]+ allocation");
  void* twice = nullptr;
  ASSERT_EQ(cudaMalloc(&twice, 16), cudaSuccess);
  ASSERT_EQ(cudaFree(twice), cudaSuccess);
  EXPECT_DEATH(cudaFree(twice), "or twice");
}

TEST_F(PlantedFault, WorkWaitsUntilTheHostDoesAndAGraphReadsMemoryAsItReplays) {
  lane().write(memory_->buffer(), std::vector<float>(kCount).data(), kCount * sizeof(float));
  launch(add_one, 1, kCount, 0, lane().stream(), data());
  EXPECT_EQ(data()[5], 0);
  lane().synchronize();
  EXPECT_EQ(data()[5], 1);
  const auto program =
      lane().record([this](Stream& stream) { launch(add_one, 1, kCount, 0, stream, data()); });
  EXPECT_EQ(read()[5], 1);
  for (int i = 0; i < 3; ++i) program->launch(lane().stream());
  EXPECT_EQ(read()[5], 4);
}

TEST_F(PlantedFault, ACaptureDoesNotAllocateOrWait) {
  EXPECT_THROW(lane().record([this](Stream&) { device().allocate(16); }), Error);
  EXPECT_THROW(lane().record([this](Stream&) { lane().synchronize(); }), Error);
  const auto stream = cuda_stream(lane().stream());
  cudaGraph_t graph = nullptr;
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
  EXPECT_EQ(cudaGetLastError(), cudaErrorStreamCaptureInvalidated);
}

}  // namespace
}  // namespace assay::planted_faults_tests
