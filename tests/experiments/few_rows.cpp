// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "experiments/experiment.h"
#include "experiments/op_copies.h"
#include "kernels/matmul/matmul.h"

namespace assay::experiments {
namespace {

struct Weights {
  std::int64_t n, k;
};
constexpr std::array kWeights = {Weights{4096, 4096}, Weights{8192, 8192}, Weights{4096, 14336},
                                 Weights{28672, 4096}};
constexpr std::int64_t kMostSkinnyRows = 16;

void one(Bench& bench, const OpCopies& data, std::int64_t rows, Weights weights, const char* kernel) {
  const std::string name = fmt::format("{} x {}x{} {}", rows, weights.n, weights.k, kernel);
  bench.attempt(name, [&] {
    const Recorded matmul = record_fastest(bench.kernel("matmul", kernel), data, bench);
    const Timing timing =
        bench.time([&](Stream& stream) { matmul.program->launch(stream); }, {.most_s = 0.03});
    const auto times = static_cast<double>(matmul.launches);
    bench.add_us(
        name, timing, times,
        fmt::format("{}; {} launches a graph over {} copies", matmul.variant, matmul.launches, data.count()));
    const double bytes = static_cast<double>(weights.n * weights.k * bytes_of(DType::bf16));
    bench.add_rate(name, timing, bytes * times, "GB/s", 1e-9, "of weights");
  });
}

}  // namespace

void few_rows(Bench& bench) {
  for (const Weights& weights : kWeights)
    for (const std::int64_t rows : {1, 2, 4, 8, 16, 32, 64})
      bench.attempt(fmt::format("{} x {}x{}", rows, weights.n, weights.k), [&] {
        const OpCopies data(
            std::make_shared<const MatMul>(MatMul::Params{.m = rows, .n = weights.n, .k = weights.k}), bench);
        if (rows <= kMostSkinnyRows) one(bench, data, rows, weights, "skinny");
        one(bench, data, rows, weights, "cublaslt");
      });
}

}  // namespace assay::experiments
