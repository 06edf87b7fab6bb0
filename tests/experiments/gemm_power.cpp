// SPDX-License-Identifier: Apache-2.0
// A GEMM right after a rest, and after five seconds of nothing else. Power and clocks are what differs, and
// how many bits of the operands flip.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "experiments/experiment.h"
#include "experiments/op_copies.h"
#include "kernels/matmul/matmul.h"
#include "statistics/statistics.h"

namespace assay::experiments {
namespace {

constexpr double kRest_s = 1, kBurst_s = 0.02, kLoad_s = 5, kWatched_s = 1.2, kStep_s = 0.1;

/// So many launches, each between marks of its own; after a rest nothing stands in front of the first.
std::vector<double> launches(Bench& bench, const Recorded& gemm, std::int64_t count) {
  Lane& lane = bench.lane();
  const auto marks = lane.marks(static_cast<std::size_t>(count) + 1);
  Stream& stream = lane.stream();
  marks->record(0, stream);
  for (std::int64_t i = 0; i < count; ++i) {
    gemm.program->launch(stream);
    marks->record(static_cast<std::size_t>(i) + 1, stream);
  }
  lane.synchronize();
  std::vector<double> seconds;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    seconds.push_back(marks->seconds(i, i + 1));
  return seconds;
}

/// Nothing else, for so long; the last launches.
std::vector<double> load(Bench& bench, const Recorded& gemm, double for_s, std::int64_t a_step) {
  std::vector<double> last;
  for (const double end_s = now_s() + for_s; last.empty() || now_s() < end_s;)
    last = launches(bench, gemm, a_step);
  return last;
}

void burst_and_settled(Bench& bench, const Recorded& gemm, const std::string& name, double flops) {
  const double once_s =
      median(bench.time([&](Stream& stream) { gemm.program->launch(stream); }, {.most = 5, .watched = false})
                 .seconds);
  const auto fitting = [&](double seconds) {
    return std::max<std::int64_t>(5, static_cast<std::int64_t>(std::lround(seconds / once_s)));
  };
  const double work = flops * static_cast<double>(gemm.launches);

  std::this_thread::sleep_for(std::chrono::duration<double>(kRest_s));
  Timing burst;
  burst.conditions = bench.watch([&] { burst.seconds = launches(bench, gemm, fitting(kBurst_s)); });
  bench.add_rate(name + " burst", burst, work, "TFLOP/s", 1e-12,
                 "20 ms after a rest of 1 s; power is a look at its end");
  bench.add_rate(name + " burst, its first launch", {{burst.seconds.front()}, {}}, work, "TFLOP/s", 1e-12);

  load(bench, gemm, kLoad_s - kWatched_s, fitting(kStep_s));
  Timing settled;
  settled.conditions =
      bench.watch([&] { settled.seconds = load(bench, gemm, kWatched_s, fitting(kStep_s)); });
  bench.add_rate(name + " settled", settled, work, "TFLOP/s", 1e-12,
                 fmt::format("the last 100 ms of 5 s; clock and power of the last {} s", kWatched_s));
}

}  // namespace

void gemm_power(Bench& bench) {
  for (const std::int64_t size : {8192, 4096}) {
    const std::string name = fmt::format("{0}x{0}x{0} bf16", size);
    bench.attempt(name, [&] {
      const auto op = std::make_shared<const MatMul>(MatMul::Params{.m = size, .n = size, .k = size});
      OpCopies data(op, bench, 1);
      const Recorded gemm = record_fastest(bench.kernel("matmul", "cublaslt"), data, bench);
      for (const bool zeros : {false, true}) {
        data.fill(zeros);
        bench.attempt(name, [&] {
          burst_and_settled(bench, gemm, name + (zeros ? " zeros" : " random"), op->cost().flops);
        });
      }
    });
  }
}

}  // namespace assay::experiments
