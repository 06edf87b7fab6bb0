// SPDX-License-Identifier: Apache-2.0
// A probe's figure is the fastest of its repetitions: it stands for what the device can do, and a kernel's
// median is set beside it.
#include "device/cuda/peaks.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/random.h"
#include "device/cuda/cuda_device.h"
#include "device/cuda/datasheet.h"
#include "device/cuda/lt_matmul.h"
#include "device/cuda/probes.h"

namespace assay {
namespace {

double fastest_seconds(CudaDevice& device, int repetitions, const std::function<void()>& work) {
  const auto marks = device.marks(2);
  double best = std::numeric_limits<double>::infinity();
  work();  // loads the code, wakes the clocks
  for (int i = 0; i < repetitions; ++i) {
    marks->record(0, device.stream());
    work();
    marks->record(1, device.stream());
    device.synchronize();
    best = std::min(best, marks->seconds(0, 1));
  }
  return best;
}

void fill_normal(CudaDevice& device, Buffer to, DType dtype, std::int64_t elements, std::string_view name) {
  device.fill(to, {.name = std::string(name), .shape = {elements}, .dtype = dtype, .fill = Fill::normal()},
              random_key(1, name));
}

// Several sizes, all far larger than the cache, so that it can serve no more than a sliver of the bytes.
std::optional<double> read_bytes_per_s(CudaDevice& device) {
  constexpr std::int64_t kCaches = 16, kSizes = 3;
  constexpr int kRepetitions = 10;
  std::int64_t bytes = std::max(kCaches * device.info().cache_bytes, std::int64_t{512} << 20) / 256 * 256;
  std::optional<double> best;
  const auto sink = device.allocate(sizeof(unsigned));
  for (int i = 0; i < kSizes; ++i, bytes *= 2) {
    if (bytes > device.free_bytes() / 2) break;
    const auto memory = device.allocate(bytes);
    fill_normal(device, memory->buffer(), DType::f32, bytes / 4, "probe");
    const double seconds = fastest_seconds(device, kRepetitions, [&] {
      read_once(memory->buffer(), sink->buffer(), device.info().units, device.stream());
    });
    best = std::max(best.value_or(0), static_cast<double>(bytes) / seconds);
  }
  return best;
}

// x, w [edge, edge]: the fastest of the algorithms that the library thinks best.
double square_matmul_flops_per_s(CudaDevice& device, DType dtype, std::int64_t edge) {
  constexpr std::size_t kAlgorithms = 6;
  constexpr int kTrials = 2, kRepetitions = 8;
  const bool f8 = dtype == DType::f8e4m3;
  const DType out = f8 ? DType::bf16 : dtype;
  LtMatmul matmul(device.lt(),
                  {.m = edge, .n = edge, .k = edge, .type = dtype, .out = out, .fast_accumulation = f8});
  const auto x = device.allocate(edge * edge * bytes_of(dtype)),
             w = device.allocate(edge * edge * bytes_of(dtype));
  const auto y = device.allocate(edge * edge * bytes_of(out)), one = device.allocate(sizeof(float));
  fill_normal(device, x->buffer(), dtype, edge * edge, "x");
  fill_normal(device, w->buffer(), dtype, edge * edge, "w");
  device.fill(one->buffer(), {.name = "scale", .shape = {1}, .dtype = DType::f32, .fill = Fill::constant(1)},
              0);
  const LtPointers pointers{.x = x->buffer().data,
                            .w = w->buffer().data,
                            .y = y->buffer().data,
                            .scale_x = one->buffer().data,
                            .scale_w = one->buffer().data};
  const auto seconds_of = [&](std::size_t algorithm, int repetitions) {
    return fastest_seconds(device, repetitions, [&] { matmul.run(algorithm, pointers, device.stream()); });
  };
  std::size_t best = 0;
  double best_seconds = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < std::min(kAlgorithms, matmul.algorithms()); ++i)
    if (const double seconds = seconds_of(i, kTrials); seconds < best_seconds) {
      best = i;
      best_seconds = seconds;
    }
  best_seconds = std::min(best_seconds, seconds_of(best, kRepetitions));
  const auto n = static_cast<double>(edge);
  return 2 * n * n * n / best_seconds;
}

std::optional<double> matmul_flops_per_s(CudaDevice& device, DType dtype) {
  constexpr std::int64_t kLargest = 8192, kSmallest = 2048;
  constexpr std::int64_t kMatrices = 3;
  std::optional<double> best;
  // True f32 has a fraction of the tensor cores' rate: half the edge keeps the probe as short.
  for (std::int64_t edge = dtype == DType::f32 ? kLargest / 2 : kLargest; edge >= kSmallest; edge /= 2) {
    if (kMatrices * edge * edge * bytes_of(dtype) > device.free_bytes() / 2) continue;
    try {
      best = std::max(best.value_or(0), square_matmul_flops_per_s(device, dtype, edge));
    } catch (const Unsupported&) {
      return best;  // a board without fp8
    }
  }
  return best;
}

// A graph of empty kernels: what a launch costs once the host is out of the way.
double seconds_a_launch(CudaDevice& device) {
  constexpr int kLaunches = 1000, kRepetitions = 5;
  const auto program = device.record([](Stream& stream) {
    for (int i = 0; i < kLaunches; ++i) launch_nothing(stream);
  });
  return fastest_seconds(device, kRepetitions, [&] { program->launch(device.stream()); }) / kLaunches;
}

}  // namespace

Peaks measure_cuda_peaks(CudaDevice& device, std::span<const DType> dtypes) {
  launch_nothing(device.stream());  // its code is loaded before a capture wants it
  device.synchronize();
  Peaks peaks = datasheet_peaks(device.info().name, device.info().units);
  peaks.launch_s = seconds_a_launch(device);
  peaks.bytes_per_s.measured = read_bytes_per_s(device);
  for (const DType dtype : dtypes)
    if (is_floating(dtype)) peaks.flops_per_s[dtype].measured = matmul_flops_per_s(device, dtype);
  return peaks;
}

}  // namespace assay
