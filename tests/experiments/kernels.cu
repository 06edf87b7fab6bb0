// SPDX-License-Identifier: Apache-2.0
#include "experiments/kernels.h"

#include <cuda_profiler_api.h>
#include <cuda_runtime.h>

#include <string>

#include "base/error.h"

namespace assay::experiments {
namespace {

constexpr int kThreads = 512, kBlocksPerMultiprocessor = 4;  // as the backend's own probe of memory
constexpr int kInFlight = 8;                                 // 16-byte accesses of a thread

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  throw Error(ExitCode::device_failed, std::string(what) + ": " + cudaGetErrorString(status));
}

cudaStream_t cuda_stream(const Stream& stream) {
  return static_cast<cudaStream_t>(stream.handle);
}

__global__ void __launch_bounds__(kThreads)
    read_words(const uint4* __restrict__ from, std::int64_t count, unsigned* __restrict__ sink) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  unsigned mix = 0;
  for (; i + (kInFlight - 1) * stride < count; i += kInFlight * stride) {
    uint4 word[kInFlight];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) word[j] = from[i + j * stride];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) mix += word[j].x ^ word[j].y ^ word[j].z ^ word[j].w;
  }
  for (; i < count; i += stride) mix += from[i].x ^ from[i].y ^ from[i].z ^ from[i].w;
  if (mix == 0x9E3779B9u) *sink = mix;  // keeps the loads; random data hardly ever gives it
}

// What is written looks random, so that neither compression nor quiet wires flatter it.
__global__ void __launch_bounds__(kThreads)
    write_words(uint4* __restrict__ to, std::int64_t count, unsigned seed) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride) {
    const unsigned a = (static_cast<unsigned>(i) + seed) * 0x9E3779B9u, b = (a ^ (a >> 15)) * 0x85EBCA6Bu;
    to[i] = make_uint4(b, b ^ (a << 7), b * 0xC2B2AE35u, a ^ (b >> 9));
  }
}

__global__ void __launch_bounds__(kThreads)
    copy_words(uint4* __restrict__ to, const uint4* __restrict__ from, std::int64_t count) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (; i + (kInFlight - 1) * stride < count; i += kInFlight * stride) {
    uint4 word[kInFlight];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) word[j] = from[i + j * stride];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) to[i + j * stride] = word[j];
  }
  for (; i < count; i += stride) to[i] = from[i];
}

/// The next kernel may begin as soon as all blocks of this one have.
__device__ void let_dependents_begin() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// Until the kernels before have ended and what they wrote can be read.
__device__ void wait_for_those_before() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

template <bool kWorks, bool kDependent>
__global__ void __launch_bounds__(kShortThreads) short_kernel(volatile unsigned* counters) {
  if constexpr (kDependent) {
    let_dependents_begin();
    wait_for_those_before();
  }
  if constexpr (kWorks) {
    const long long began = clock64();
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    counters[i] = counters[i] + 1;
    while (clock64() - began < kCycles) {
    }
  }
}

unsigned blocks_of(int multiprocessors) {
  return static_cast<unsigned>(multiprocessors * kBlocksPerMultiprocessor);
}

}  // namespace

void use_first_gpu() {
  check(cudaSetDevice(0), "cudaSetDevice");
}

void read_bytes(Buffer from, Buffer sink, int multiprocessors, const Stream& stream) {
  read_words<<<blocks_of(multiprocessors), kThreads, 0, cuda_stream(stream)>>>(
      static_cast<const uint4*>(from.data), from.bytes / 16, static_cast<unsigned*>(sink.data));
  check(cudaGetLastError(), "read_words");
}

void write_bytes(Buffer to, std::uint32_t seed, int multiprocessors, const Stream& stream) {
  write_words<<<blocks_of(multiprocessors), kThreads, 0, cuda_stream(stream)>>>(static_cast<uint4*>(to.data),
                                                                                to.bytes / 16, seed);
  check(cudaGetLastError(), "write_words");
}

void copy_bytes(Buffer to, Buffer from, int multiprocessors, const Stream& stream) {
  copy_words<<<blocks_of(multiprocessors), kThreads, 0, cuda_stream(stream)>>>(
      static_cast<uint4*>(to.data), static_cast<const uint4*>(from.data), from.bytes / 16);
  check(cudaGetLastError(), "copy_words");
}

void launch_short(ShortKernel kernel, Buffer counters, const Stream& stream) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(kernel.blocks));
  config.blockDim = dim3(kShortThreads);
  config.stream = cuda_stream(stream);
  config.attrs = &attribute;
  config.numAttrs = kernel.dependent ? 1 : 0;
  using Function = void (*)(volatile unsigned*);
  const Function function = kernel.works
                                ? (kernel.dependent ? short_kernel<true, true> : short_kernel<true, false>)
                                : (kernel.dependent ? short_kernel<false, true> : short_kernel<false, false>);
  check(cudaLaunchKernelEx(&config, function, static_cast<volatile unsigned*>(counters.data)),
        "short_kernel");
}

void begin_profile() {
  check(cudaProfilerStart(), "cudaProfilerStart");
}

void end_profile() {
  check(cudaProfilerStop(), "cudaProfilerStop");
}

}  // namespace assay::experiments
