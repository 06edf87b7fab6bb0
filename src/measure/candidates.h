// SPDX-License-Identifier: Apache-2.0
// Times the kernels that could serve one op, each with all its variants, to tell them apart. Not to report
// them: what is taken is timed again in its place. Knows nothing of right and wrong.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "device/device.h"
#include "measure/op_data.h"
#include "measure/sampler.h"
#include "plan/kernel.h"

namespace assay {

/// Candidates that are at most this share slower than the fastest are as fast: of them the first is taken, so
/// that noise does not choose.
inline constexpr double kAsFast = 0.03;

struct Candidate {
  Kernel* kernel;
  std::size_t variant;
};
/// All variants of a kernel, in their order; one for a kernel that has none.
std::vector<Candidate> candidates_of(Kernel& kernel);

/// Where launches overlap, kernels are told apart by what a launch takes among others like it, as in a stage:
/// then each launch needs weights of its own, that the launches before have not left in the cache.
class InputSets {
 public:
  /// One set: the op's own.
  explicit InputSets(OpData& data) : sets_{{data.in().begin(), data.in().end()}} {}
  /// With copies of these inputs (of what is in memory, so no kernel may have packed them), where it pays and
  /// there is room.
  InputSets(OpData& data, Lane& lane, std::span<const std::size_t> inputs);
  std::size_t count() const { return sets_.size(); }
  Buffers operator[](std::size_t i) const { return sets_[i]; }

 private:
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<std::vector<Buffer>> sets_;
};

/// Whether in each of the last rounds (a block each) the same one was faster than every other, and not only
/// as fast.
bool one_is_faster(std::span<const BlockedSeries> series);

/// Median seconds of each, cold, sampled in rounds until one is faster or their intervals are narrow;
/// infinite for one that does not run, or that was far off in the first rounds. The fastest of each kernel is
/// never left out.
std::vector<double> time_candidates(std::span<const Candidate> candidates, OpData& data, Lane& lane,
                                    const Watch& watch, const InputSets& sets);

/// The first that is as fast as the fastest.
std::size_t first_as_fast(std::span<const double> seconds);

/// From then on the kernel uses the variant that is taken so.
void use_fastest_variant(Kernel& kernel, OpData& data, Lane& lane, const Watch& watch);

}  // namespace assay
