// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/bulk_probes.h"

#include <algorithm>

#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_lane.h"
#include "device/cuda/launch.cuh"
#include "device/cuda/probe_tools.h"
#include "device/cuda/probes.h"

namespace assay {
namespace {

constexpr int kRepetitions = 5;

}  // namespace

std::map<std::int64_t, double> probe_random_reads(CudaDevice& device) {
  CudaLane lane(device);
  const ProbeSizes& sizes = device.probe_sizes();
  constexpr std::int64_t kWhole = kRandomRowBytes[std::size(kRandomRowBytes) - 1];
  const std::int64_t bytes =
      std::max(sizes.random_caches * device.info().cache_bytes, sizes.random_at_least) / kWhole * kWhole;
  if (!fits(device, bytes)) return {};
  const auto memory = device.allocate(bytes), sink = device.allocate(sizeof(unsigned));
  fill_normal(lane, memory->buffer(), DType::f32, bytes / 4, "probe");
  std::map<std::int64_t, double> rates;
  for (const std::int64_t row_bytes : kRandomRowBytes) {
    std::int64_t read = 0;
    std::uint32_t seed = 0;  // each run looks elsewhere: what the last one left in the cache is no help
    const auto run = [&] {
      read =
          read_rows(memory->buffer(), row_bytes, seed++, sink->buffer(), device.info().units, lane.stream());
    };
    run();  // loads the code
    const double seconds = fastest_seconds(lane, kRepetitions, run);
    rates[row_bytes] = static_cast<double>(read) / seconds;
  }
  return rates;
}

LinkRates probe_host_link(CudaDevice& device) {
  CudaLane lane(device);
  const std::int64_t bytes = device.probe_sizes().link_bytes;
  if (!fits(device, bytes)) return {};
  const auto memory = device.allocate(bytes);
  const auto size = static_cast<std::size_t>(bytes);
  std::unique_ptr<Memory> pinned;  // pageable memory would be copied twice
  try {
    pinned = device.allocate_host(bytes);
  } catch (const Error&) {
    return {};
  }
  fill_normal(lane, memory->buffer(), DType::f32, bytes / 4, "probe");
  const auto rate = [&](void* to, const void* from, cudaMemcpyKind kind) {
    const auto copy = [&] { ASSAY_CUDA(cudaMemcpyAsync(to, from, size, kind, cuda_stream(lane.stream()))); };
    copy();
    return static_cast<double>(bytes) / fastest_seconds(lane, kRepetitions, copy);
  };
  LinkRates rates;  // out first, so that what goes back in was written
  rates.from_device = rate(pinned->buffer().data, memory->buffer().data, cudaMemcpyDeviceToHost);
  rates.to_device = rate(memory->buffer().data, pinned->buffer().data, cudaMemcpyHostToDevice);
  return rates;
}

}  // namespace assay
