// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "experiments/experiment.h"
#include "experiments/kernels.h"

namespace assay::experiments {
namespace {

constexpr int kNodes = 200;

/// Whether each of `launches` kernels found what the one before had written.
std::string order_note(Bench& bench, Buffer counters, std::int64_t launches) {
  std::vector<std::uint32_t> counted(static_cast<std::size_t>(counters.bytes) / sizeof(std::uint32_t));
  bench.lane().read(counted.data(), counters, counters.bytes);
  for (const std::uint32_t count : counted)
    if (count != static_cast<std::uint32_t>(launches))
      return fmt::format("OUT OF ORDER: a counter is at {} after {} kernels", count, launches);
  return "in order";
}

void graph_of(Bench& bench, ShortKernel kernel) {
  const std::string name =
      fmt::format("node of {}, {} block{}, {}", kernel.works ? "2 us" : "nothing", kernel.blocks,
                  kernel.blocks == 1 ? "" : "s", kernel.dependent ? "dependent" : "plain");
  bench.attempt(name, [&] {
    Lane& lane = bench.lane();
    const auto counters = bench.device().allocate(std::int64_t{4} * kernel.blocks * kShortThreads);
    const std::vector<std::uint32_t> none(static_cast<std::size_t>(counters->buffer().bytes) / 4, 0);
    launch_short(kernel, counters->buffer(), lane.stream());  // loads its code, which a capture may not
    lane.synchronize();
    const auto program = lane.record([&](Stream& stream) {
      for (int i = 0; i < kNodes; ++i) launch_short(kernel, counters->buffer(), stream);
    });
    lane.write(counters->buffer(), none.data(), counters->buffer().bytes);
    std::int64_t replays = 0;
    const Timing timing = bench.time([&](Stream& stream) {
      ++replays;
      program->launch(stream);
    });
    bench.add_us(name, timing, kNodes,
                 kernel.works ? order_note(bench, counters->buffer(), replays * kNodes) : "");
  });
}

}  // namespace

void launch_gap(Bench& bench) {
  use_first_gpu();
  Lane& lane = bench.lane();
  bench.attempt("two marks", [&] {
    bench.add_us("two marks", bench.time([](Stream&) {}, {.most = 200}), 1, "nothing between two events");
  });
  const auto counters = bench.device().allocate(4 * kShortThreads);
  const ShortKernel empty{.works = false};
  bench.attempt("an empty kernel, launched", [&] {
    bench.add_us(
        "an empty kernel, launched",
        bench.time([&](Stream& stream) { launch_short(empty, counters->buffer(), stream); }, {.most = 200}));
  });
  bench.attempt("an empty kernel, a graph", [&] {
    const auto program =
        lane.record([&](Stream& stream) { launch_short(empty, counters->buffer(), stream); });
    bench.add_us("an empty kernel, a graph",
                 bench.time([&](Stream& stream) { program->launch(stream); }, {.most = 200}));
  });
  for (const bool works : {false, true})
    for (const int blocks : {1, bench.multiprocessors()})
      for (const bool dependent : {false, true})
        graph_of(bench, {.works = works, .dependent = dependent, .blocks = blocks});
}

}  // namespace assay::experiments
