// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/probe_tools.h"

#include <algorithm>
#include <limits>

#include "base/random.h"
#include "device/cuda/cuda_lane.h"

namespace assay {

bool fits(CudaDevice& device, std::int64_t bytes) {
  constexpr std::int64_t kRoomLeft = std::int64_t{256} << 20;
  return bytes + kRoomLeft <= device.free_bytes();
}

double fastest_seconds(CudaLane& lane, int repetitions, const std::function<void()>& work) {
  constexpr int kTries = 3;  // until the host was in time
  const auto marks = lane.marks(static_cast<std::size_t>(2 * repetitions));
  double best = std::numeric_limits<double>::infinity();
  bool in_time = false;
  for (int t = 0; t < kTries && !in_time; ++t) {
    lane.hold();
    for (int i = 0; i < repetitions; ++i) {
      marks->record(static_cast<std::size_t>(2 * i), lane.stream());
      work();
      marks->record(static_cast<std::size_t>(2 * i + 1), lane.stream());
    }
    in_time = lane.release();
    lane.synchronize();
    for (int i = 0; i < repetitions; ++i)
      best = std::min(best,
                      marks->seconds(static_cast<std::size_t>(2 * i), static_cast<std::size_t>(2 * i + 1)));
  }
  return best;
}

void fill_normal(CudaLane& lane, Buffer to, DType dtype, std::int64_t elements, std::string_view name) {
  lane.fill(to, {.name = std::string(name), .shape = {elements}, .dtype = dtype, .fill = Fill::normal()},
            random_key(1, name));
}

}  // namespace assay
