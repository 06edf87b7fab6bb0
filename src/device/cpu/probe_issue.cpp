// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <vector>

#include "device/cpu/probe.h"

namespace assay {
namespace {

constexpr std::size_t kElements = 2048;  // of x and of y: 16 KiB, half of the smallest first cache

struct alignas(64) Vectors {
  std::array<float, kElements> x, y;
};

/// Bytes read and written.
double step(Vectors& v) {
  constexpr float kA = 1e-9F;  // y stays what it is, give or take
  for (std::size_t i = 0; i < kElements; ++i) v.y[i] += kA * v.x[i];
  asm volatile("" : : "r"(&v) : "memory");  // y is looked at
  return 3 * kElements * sizeof(float);
}

}  // namespace

double CpuSpeedMeter::measure() {
  constexpr double kSeconds = 150e-6;
  constexpr int kSteps = 32;  // some 10 us between looks at the clock
  std::vector<ThreadShare> shares(static_cast<std::size_t>(omp_get_max_threads()));
#pragma omp parallel num_threads(static_cast <int>(shares.size()))
  {
    Vectors own;
    own.x.fill(1);
    own.y.fill(1);
    step(own);
#pragma omp barrier
    shares[static_cast<std::size_t>(omp_get_thread_num())] = work_for(kSeconds, [&] {
      double bytes = 0;
      for (int i = 0; i < kSteps; ++i) bytes += step(own);
      return bytes;
    });
  }
  double slowest = std::numeric_limits<double>::infinity();
  for (const ThreadShare& share : shares) slowest = std::min(slowest, joint_rate({&share, 1}));
  return slowest;
}

}  // namespace assay
