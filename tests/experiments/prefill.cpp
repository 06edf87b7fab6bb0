// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "experiments/experiment.h"
#include "experiments/op_copies.h"
#include "kernels/attention_prefill/attention_prefill.h"

namespace assay::experiments {
namespace {

struct Prompts {
  std::int64_t count, tokens;
};
constexpr std::array kPrompts = {Prompts{1, 1024}, Prompts{1, 4096}, Prompts{4, 4096}};
constexpr std::int64_t kQueryHeads = 32, kKvHeads = 8, kHeadDim = 128;

void one(Bench& bench, const OpCopies& data, const std::string& name, const KernelEntry& entry) {
  bench.attempt(name, [&] {
    const Recorded attention = record_fastest(entry, data, bench);
    const Timing timing =
        bench.time([&](Stream& stream) { attention.program->launch(stream); }, {.fewest = 3, .most_s = 0.1});
    const auto times = static_cast<double>(attention.launches);
    bench.add_us(name, timing, times, attention.variant);
    bench.add_rate(name, timing, data.op().cost().flops * times, "TFLOP/s", 1e-12,
                   "of the pairs that are not masked");
  });
}

}  // namespace

void prefill(Bench& bench) {
  for (const Prompts& prompts : kPrompts)
    for (const DType type : {DType::bf16, DType::f16}) {
      const std::string name = fmt::format("{}x{} {}", prompts.count, prompts.tokens, assay::name(type));
      bench.attempt(name, [&] {
        const OpCopies data(
            std::make_shared<const AttentionPrefill>(AttentionPrefill::Params{.sequences = prompts.count,
                                                                              .tokens = prompts.tokens,
                                                                              .q_heads = kQueryHeads,
                                                                              .kv_heads = kKvHeads,
                                                                              .head_dim = kHeadDim,
                                                                              .type = type}),
            bench);
        for (const KernelEntry& entry : bench.kernels_of("attention_prefill"))
          one(bench, data, fmt::format("{} {}", name, entry.name), entry);
      });
    }
}

}  // namespace assay::experiments
