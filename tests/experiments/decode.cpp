// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "experiments/experiment.h"
#include "experiments/op_copies.h"
#include "kernels/attention_decode/attention_decode.h"

namespace assay::experiments {
namespace {

struct Load {
  std::int64_t batch, context;
};
constexpr std::array kLoads = {Load{1, 4096},  Load{1, 16384}, Load{1, 65536}, Load{8, 4096},
                               Load{24, 4096}, Load{32, 4096}, Load{40, 4096}, Load{64, 8192}};
constexpr std::int64_t kQueryHeads = 32, kKvHeads = 8, kHeadDim = 128;

}  // namespace

void decode(Bench& bench) {
  for (const Load& load : kLoads) {
    const std::string name = fmt::format("{}x{} bf16", load.batch, load.context);
    bench.attempt(name, [&] {
      const OpCopies data(std::make_shared<const AttentionDecode>(AttentionDecode::Params{
                              .q_heads = kQueryHeads,
                              .cache = {load.batch, load.context, kKvHeads, kHeadDim, DType::bf16},
                              .context = load.context}),
                          bench);
      const Recorded attention = record_fastest(bench.kernel("attention_decode", "paged_split"), data, bench);
      const Timing timing = bench.time([&](Stream& stream) { attention.program->launch(stream); });
      const auto times = static_cast<double>(attention.launches);
      bench.add_us(name, timing, times,
                   fmt::format("{} launches a graph over {} copies", attention.launches, data.count()));
      const double bytes =
          static_cast<double>(2 * load.batch * load.context * kKvHeads * kHeadDim * bytes_of(DType::bf16));
      bench.add_rate(name, timing, bytes * times, "GB/s", 1e-9, "of keys and values");
    });
  }
}

}  // namespace assay::experiments
