// SPDX-License-Identifier: Apache-2.0
// What the device says about itself: cuda-host, with the limits of the target that it stands for.
#include <array>
#include <cstdio>
#include <cstring>

#include <cuda_runtime_api.h>

#include "block.h"
#include "device/cuda/counters.cuh"
#include "host_runtime.h"

namespace assay {
namespace {

constexpr std::size_t kKiB = 1024;
// CUDA C++ Programming Guide, "Compute Capabilities", technical specifications: shared memory per thread
// block.
constexpr std::array kTargets = {
    HostTarget{"sm_80", 8, 0, 163 * kKiB},   HostTarget{"sm_86", 8, 6, 99 * kKiB},
    HostTarget{"sm_89", 8, 9, 99 * kKiB},    HostTarget{"sm_90", 9, 0, 227 * kKiB},
    HostTarget{"sm_100", 10, 0, 227 * kKiB}, HostTarget{"sm_120", 12, 0, 99 * kKiB}};
const HostTarget* current = &kTargets[3];

constexpr int kMultiprocessors = 4;  // few, so that grids made for them stay small
constexpr int kCacheBytes = 1 << 20;
constexpr char kBusId[] = "0000:00:00.0";

}  // namespace

const HostTarget& host_target() {
  return *current;
}
void host_set_target(const std::string& name) {
  for (const HostTarget& target : kTargets)
    if (name == target.name) {
      current = &target;
      return;
    }
  host_fault("no target " + name);
}

// What counters.cuh leaves to who runs kernels on the host. Reading takes time: a loop that watches it ends.
constexpr std::uint64_t kRead_ns = 8;
std::uint64_t global_ns() {
  HostClock& clock = host_knobs().clock;
  clock.pass(kRead_ns);
  return clock.now_ns / clock.timer_step_ns * clock.timer_step_ns;
}
unsigned multiprocessor() {
  return blockIdx.x % kMultiprocessors;
}

}  // namespace assay

using namespace assay;

long long clock64() {
  HostClock& clock = host_knobs().clock;
  clock.pass(kRead_ns);
  return static_cast<long long>(clock.cycles) + 1000 * multiprocessor();  // each has a counter of its own
}
void __nanosleep(unsigned ns) {
  HostClock& clock = host_knobs().clock;
  clock.pass(ns);
  if (clock.on_nap) clock.on_nap();
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (device != 0) host_fault("cudaSetDevice(" + std::to_string(device) + "): there is one device");
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* text, int bytes, int) {
  std::snprintf(text, static_cast<std::size_t>(bytes), "%s", kBusId);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *total = host_knobs().memory_bytes;
  *free = *total - host_taken_bytes();
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  switch (attribute) {
    case cudaDevAttrComputeCapabilityMajor: *value = host_target().major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = host_target().minor; break;
    case cudaDevAttrMultiProcessorCount: *value = kMultiprocessors; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = static_cast<int>(host_target().most_shared); break;
    case cudaDevAttrClockRate:
    case cudaDevAttrMemoryClockRate: *value = 0; break;
    default: host_fault("cudaDeviceGetAttribute(" + std::to_string(attribute) + ") is not modelled");
  }
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* board, int) {
  *board = {};
  std::snprintf(board->name, sizeof board->name, "cuda-host %s", host_target().name);
  board->totalGlobalMem = host_knobs().memory_bytes;
  board->l2CacheSize = kCacheBytes;
  board->multiProcessorCount = kMultiprocessors;
  board->major = host_target().major;
  board->minor = host_target().minor;
  board->sharedMemPerBlockOptin = host_target().most_shared;
  board->warpSize = 32;
  board->maxThreadsPerBlock = 1024;
  return cudaSuccess;
}
