// SPDX-License-Identifier: Apache-2.0
#include "experiments/experiment.h"
#include "experiments/kernels.h"

namespace assay::experiments {
namespace {

constexpr std::int64_t kBytes = 4'000'000'000;  // a multiple of 16

}  // namespace

void bandwidth(Bench& bench) {
  use_first_gpu();
  const int units = bench.multiprocessors();
  const auto from = bench.random_bytes(kBytes), to = bench.random_bytes(kBytes),
             sink = bench.device().allocate(4);
  std::uint32_t seed = 0;
  struct Way {
    const char* name;
    double times;  // bytes moved, of those of a buffer
    std::function<void(Stream&)> work;
  };
  const Way ways[] = {
      {"read", 1, [&](Stream& stream) { read_bytes(from->buffer(), sink->buffer(), units, stream); }},
      {"write", 1, [&](Stream& stream) { write_bytes(to->buffer(), ++seed, units, stream); }},
      {"copy, both ways counted", 2,
       [&](Stream& stream) { copy_bytes(to->buffer(), from->buffer(), units, stream); }},
      {"copy by cudaMemcpyAsync, both ways counted", 2,
       [&](Stream&) { bench.lane().copy(to->buffer(), from->buffer(), kBytes); }},
      {"cudaMemsetAsync", 1, [&](Stream&) { bench.lane().poison(to->buffer()); }},
  };
  for (const Way& way : ways)
    bench.attempt(way.name, [&] {
      const Timing timing = bench.time(way.work, {.most = 60});
      bench.add_rate(way.name, timing, way.times * static_cast<double>(kBytes), "GB/s");
    });
}

}  // namespace assay::experiments
