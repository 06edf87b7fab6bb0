// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "experiments/experiment.h"
#include "experiments/op_copies.h"
#include "kernels/sample/sample.h"

namespace assay::experiments {
namespace {

constexpr std::int64_t kVocab = 128256, kCapacity = 4096;

struct Rule {
  const char *kernel, *name;
  float temperature;
  std::int64_t top_k;
  float top_p;
};
constexpr std::array kRules = {Rule{"argmax", "argmax", 0, 0, 1}, Rule{"draw", "draw", 0.8f, 0, 1},
                               Rule{"draw", "draw top-k 50 top-p 0.9", 0.8f, 50, 0.9f},
                               Rule{"draw", "draw top-p 0.9", 0.8f, 0, 0.9f}};

}  // namespace

void sampling(Bench& bench) {
  for (const Rule& rule : kRules)
    for (const std::int64_t batch : {1, 16, 64})
      for (const bool hot : {true, false}) {  // hot: as the matrix product before leaves them
        const std::string name = fmt::format("{} batch {} {}", rule.name, batch, hot ? "hot" : "cold");
        bench.attempt(name, [&] {
          const auto op = std::make_shared<const Sample>(Sample::Params{.sequences = batch,
                                                                        .vocab = kVocab,
                                                                        .capacity = kCapacity,
                                                                        .temperature = rule.temperature,
                                                                        .top_k = rule.top_k,
                                                                        .top_p = rule.top_p});
          const OpCopies data(op, bench, 1);
          const auto kernel = bench.kernel("sample", rule.kernel).make(*op, bench.lane());
          data.launch(*kernel, 0, bench.lane().stream());
          bench.lane().synchronize();
          const auto program = bench.lane().record([&](Stream& stream) { data.launch(*kernel, 0, stream); });
          const auto run = [&](Stream& stream) { program->launch(stream); };
          const auto flush = [&](Stream&) { bench.lane().flush_cache(); };
          const Timing timing =
              bench.time(run, {.most = 50, .before = hot ? std::function<void(Stream&)>(run) : flush});
          bench.add_us(name, timing, 1, "a graph between two marks, what they cost included");
        });
      }
}

}  // namespace assay::experiments
