// SPDX-License-Identifier: Apache-2.0
#include "experiments/experiment.h"
#include "experiments/kernels.h"

namespace assay::experiments {
namespace {

constexpr std::int64_t kBytes = 20'000'000;  // a multiple of 16

}  // namespace

void cold_read(Bench& bench) {
  use_first_gpu();
  const int units = bench.multiprocessors();
  const auto data = bench.random_bytes(kBytes),
             other = bench.random_bytes(bench.beyond_cache_bytes() / 16 * 16),
             sink = bench.device().allocate(4);
  const auto read = [&](Stream& stream) { read_bytes(data->buffer(), sink->buffer(), units, stream); };
  std::uint32_t seed = 0;
  struct State {
    const char* name;
    std::function<void(Stream&)> before;
  };
  // Each replay of `hot` reads once before it, since the lead of a batch flushes the cache.
  const State states[] = {
      {"hot", read},
      {"cold, by reading 3 caches",
       [&](Stream& stream) { read_bytes(other->buffer(), sink->buffer(), units, stream); }},
      {"cold, by writing 3 caches",
       [&](Stream& stream) { write_bytes(other->buffer(), ++seed, units, stream); }},
      {"cold, by writing, then reading 3 caches", [&](Stream& stream) {
         write_bytes(other->buffer(), ++seed, units, stream);
         bench.lane().flush_cache();
       }}};
  for (const State& state : states)
    bench.attempt(state.name, [&] {
      const Timing timing = bench.time(read, {.most = 100, .before = state.before});
      bench.add_us(state.name, timing, 1, "20 MB between two marks, what the marks cost included");
      bench.add_rate(state.name, timing, static_cast<double>(kBytes), "GB/s");
    });
}

}  // namespace assay::experiments
