// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/clock_meter.h"

#include "device/cuda/counters.cuh"
#include "device/cuda/launch.cuh"

namespace assay {
namespace {

constexpr std::int64_t kLongestLook = 4096;  // cycles, about 2 us: most timers have moved by then

// Right after a step of the timer both counters belong together, however long its steps are.
__global__ void read_both(ClockReading* to) {
  const std::int64_t began = clock64();
  const std::uint64_t before_ns = global_ns();
  std::uint64_t ns = before_ns;
  while (ns == before_ns && clock64() - began < kLongestLook) ns = global_ns();
  to[blockIdx.x] = {clock64(), ns, multiprocessor(), static_cast<unsigned>(ns - before_ns)};
}

}  // namespace

void read_clocks(std::span<ClockReading> to, const Stream& stream) {
  launch(read_both, static_cast<unsigned>(to.size()), 1, 0, stream, to.data());
}

}  // namespace assay
