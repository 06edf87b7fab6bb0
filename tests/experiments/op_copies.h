// SPDX-License-Identifier: Apache-2.0
// One op's tensors on the GPU, so many times that a kernel that goes through them in turn finds none of them
// in cache: weights of one layer after another. No copies on the host: nothing here is verified.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "experiments/bench.h"
#include "plan/op.h"

namespace assay::experiments {

class OpCopies {
 public:
  /// `copies` 0: as many as are beyond the cache together, at most 64.
  OpCopies(std::shared_ptr<const Op> op, Bench& bench, std::int64_t copies = 0);

  /// The inputs as the op says, or all zeros.
  void fill(bool zeros = false);

  /// What input `name` of an op of that kind is filled by.
  static std::uint64_t key(std::string_view kind, std::string_view name);
  const Op& op() const { return *op_; }
  std::int64_t count() const { return static_cast<std::int64_t>(copies_.size()); }
  void launch(Kernel& kernel, std::int64_t copy, Stream& stream) const;

 private:
  struct Copy {
    std::vector<Buffer> in, out;
  };
  Buffer take(std::int64_t bytes);

  std::shared_ptr<const Op> op_;
  Bench& bench_;
  std::vector<TensorSpec> inputs_;
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<Copy> copies_;
};

/// A kernel recorded so many times in a row, each launch on the next copy.
struct Recorded {
  std::unique_ptr<Kernel> kernel;  // outlives the program
  std::unique_ptr<Program> program;
  std::int64_t launches = 0;
  std::string variant;  // the fastest of the kernel's, tried once each; empty: it has none
};
/// Unsupported where the kernel does not serve the op. So many launches that a replay takes 400 us or more.
Recorded record_fastest(const KernelEntry& entry, const OpCopies& copies, Bench& bench);

}  // namespace assay::experiments
