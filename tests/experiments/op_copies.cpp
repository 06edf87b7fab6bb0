// SPDX-License-Identifier: Apache-2.0
#include "experiments/op_copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/random.h"
#include "statistics/statistics.h"

namespace assay::experiments {
namespace {

constexpr std::int64_t kMostCopies = 64;
constexpr double kShortestReplay_s = 400e-6;  // beside it what a graph takes to begin is a percent

/// Of the variant in use; null where it does not run: a library may offer an algorithm and refuse it.
std::unique_ptr<Program> record(Kernel& kernel, const OpCopies& copies, std::int64_t launches, Bench& bench) {
  try {
    copies.launch(kernel, 0, bench.lane().stream());  // loads its code
    bench.lane().synchronize();
    return bench.lane().record([&kernel, &copies, launches](Stream& stream) {
      for (std::int64_t i = 0; i < launches; ++i) copies.launch(kernel, i % copies.count(), stream);
    });
  } catch (const Error&) {
    bench.lane().synchronize();  // throws again where the device itself is lost
    return nullptr;
  }
}

/// By the time of the variant in use; 0 where it does not run.
std::int64_t launches_for(Kernel& kernel, const OpCopies& copies, Bench& bench) {
  double once_s = 0;
  try {
    once_s = median(bench
                        .time([&](Stream& stream) { copies.launch(kernel, 0, stream); },
                              {.most = 3, .fewest = 1, .watched = false})
                        .seconds);
  } catch (const Error&) {
    bench.lane().synchronize();
    return 0;
  }
  const auto enough = static_cast<std::int64_t>(std::ceil(kShortestReplay_s / once_s));
  const std::int64_t rounds = std::max<std::int64_t>(1, (enough + copies.count() - 1) / copies.count());
  return rounds * copies.count();
}

}  // namespace

OpCopies::OpCopies(std::shared_ptr<const Op> op, Bench& bench, std::int64_t copies)
    : op_(std::move(op)), bench_(bench), inputs_(op_->inputs()) {
  const std::vector<TensorSpec> outputs = op_->outputs();
  if (copies == 0) {
    // Twice what a flush reads: in a round the cache may keep what it likes of the first half.
    const double wanted = std::ceil(2 * static_cast<double>(bench.beyond_cache_bytes()) / bytes_of(inputs_));
    copies = std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted), 1, kMostCopies);
  }
  for (std::int64_t c = 0; c < copies; ++c) {
    Copy copy;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (op_->input_place(i) == Place::host) throw std::logic_error("an input of the host's");
      copy.in.push_back(take(inputs_[i].bytes()));
    }
    for (const TensorSpec& spec : outputs)
      copy.out.push_back(spec.aliases_input ? copy.in.at(*spec.aliases_input) : take(spec.bytes()));
    copies_.push_back(std::move(copy));
  }
  fill();
}

Buffer OpCopies::take(std::int64_t bytes) {
  memory_.push_back(bench_.device().allocate(bytes));
  return memory_.back()->buffer();
}

void OpCopies::fill(bool zeros) {
  for (const Copy& copy : copies_)
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      TensorSpec spec = inputs_[i];
      if (zeros) spec.fill = Fill::constant(0);
      bench_.lane().fill(copy.in[i], spec, key(op_->kind(), spec.name));
    }
  bench_.lane().synchronize();
}

std::uint64_t OpCopies::key(std::string_view kind, std::string_view name) {
  return random_key(1, fmt::format("op/{}/{}", kind, name));
}

void OpCopies::launch(Kernel& kernel, std::int64_t copy, Stream& stream) const {
  const Copy& tensors = copies_.at(static_cast<std::size_t>(copy));
  kernel.launch(stream, tensors.in, tensors.out);
}

Recorded record_fastest(const KernelEntry& entry, const OpCopies& copies, Bench& bench) {
  Recorded best;
  best.kernel = entry.make(copies.op(), bench.lane());
  if (!best.kernel->packs().empty()) throw Unsupported("it packs its weights, which no copy here is told of");

  const std::vector<std::string> variants = best.kernel->variants();
  double least_s = std::numeric_limits<double>::infinity();
  for (std::size_t v = 0; v < std::max<std::size_t>(1, variants.size()); ++v) {
    if (!variants.empty()) best.kernel->use(v);
    if (best.launches == 0) best.launches = launches_for(*best.kernel, copies, bench);
    if (best.launches == 0) continue;
    auto program = record(*best.kernel, copies, best.launches, bench);
    if (program == nullptr) continue;
    double took_s = 0;
    if (variants.size() > 1)
      took_s = median(bench
                          .time([&](Stream& stream) { program->launch(stream); },
                                {.most = 2, .fewest = 1, .most_s = 0.02, .watched = false})
                          .seconds);
    if (took_s >= least_s) continue;
    least_s = took_s;
    best.program = std::move(program);
    best.variant = variants.empty() ? "" : variants[v];
  }
  if (best.program == nullptr) throw Unsupported("none of its variants ran");
  return best;
}

}  // namespace assay::experiments
