// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/peaks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "device/cuda/bulk_probes.h"
#include "device/cuda/cuda_lane.h"
#include "device/cuda/datasheet.h"
#include "device/cuda/median.h"
#include "device/cuda/peak_probe.h"
#include "device/cuda/probes.h"

namespace assay {

std::optional<double> seconds_of_an_empty_graph(CudaLane& lane) {
  constexpr std::size_t kReplays = 64;
  constexpr int kBatches = 4;  // the first warms up
  static_assert(3 * kReplays <= Lane::kHeldLaunches);
  launch_nothing(lane.stream());  // its code is loaded before a capture wants it
  lane.synchronize();
  const auto program = lane.record([](Stream& stream) { launch_nothing(stream); });
  const auto marks = lane.marks(2 * kReplays);
  std::vector<double> seconds;
  for (int batch = 0; batch < kBatches; ++batch) {
    lane.hold();
    for (std::size_t i = 0; i < kReplays; ++i) {
      marks->record(2 * i, lane.stream());
      program->launch(lane.stream());
      marks->record(2 * i + 1, lane.stream());
    }
    const bool in_time = lane.release();
    lane.synchronize();
    for (std::size_t i = 0; in_time && batch > 0 && i < kReplays; ++i)
      seconds.push_back(marks->seconds(2 * i, 2 * i + 1));
  }
  if (seconds.empty()) return std::nullopt;
  return upper_median(std::move(seconds));
}

Peaks measure_cuda_peaks(CudaDevice& device, std::span<const DType> dtypes) {
  constexpr int kTakes = 5;
  CudaLane lane(device);
  Peaks peaks = datasheet_peaks(device.info().name, device.info().units, device.nvml().pcie_link());
  peaks.launch_s = seconds_of_an_empty_graph(lane);
  const auto probe = make_cuda_peak_probe(device, dtypes);
  const auto keep_best = [](std::optional<double>& best, double reached) {
    best = std::max(best.value_or(0), reached);
  };
  for (int i = 0; i < kTakes; ++i) {
    const PeakDraw draw = probe->take();
    if (draw.bytes_per_s) keep_best(peaks.bytes_per_s[Path::memory].measured, *draw.bytes_per_s);
    for (const auto& [dtype, reached] : draw.flops_per_s)
      keep_best(peaks.flops_per_s[dtype].measured, reached);
  }
  for (const auto& [row_bytes, reached] : probe_random_reads(device))
    peaks.random_read_bytes_per_s[row_bytes].measured = reached;
  const LinkRates link = probe_host_link(device);
  Ceiling to_device = peaks.to_device_bytes_per_s, from_device = peaks.from_device_bytes_per_s;
  to_device.measured = link.to_device;
  from_device.measured = link.from_device;
  peaks.set_host_link(std::move(to_device), std::move(from_device));
  return peaks;
}

}  // namespace assay
