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

void one(Bench& bench, const OpCopies& data, const std::string& name, const KernelEntry& entry) {
  bench.attempt(name, [&] {
    const Recorded attention = record_fastest(entry, data, bench);
    const Timing timing = bench.time([&](Stream& stream) { attention.program->launch(stream); });
    const auto times = static_cast<double>(attention.launches);
    bench.add_us(name, timing, times,
                 fmt::format("{}; {} launches a graph over {} copies", attention.variant, attention.launches,
                             data.count()));
    const auto& p = static_cast<const AttentionDecode&>(data.op()).p;
    const double bytes = static_cast<double>(2 * p.cache.sequences * p.context * p.cache.kv_heads *
                                             p.cache.head_dim * bytes_of(p.cache.type));
    bench.add_rate(name, timing, bytes * times, "GB/s", 1e-9, "of keys and values");
  });
}

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
      for (const KernelEntry& entry : bench.kernels_of("attention_decode"))
        one(bench, data, fmt::format("{} {}", name, entry.name), entry);
    });
  }
}

}  // namespace assay::experiments
