// SPDX-License-Identifier: Apache-2.0
// One op's tensors on a device, filled from a seed, with the inputs as the device holds them kept on the
// host: the judge reads what the kernel reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/device.h"
#include "measure/correctness.h"
#include "plan/kernel.h"
#include "plan/op.h"

namespace assay {

class OpData {
 public:
  /// Fills input `x` of an op of kind `k` with random_key(seed, "op/k/x").
  OpData(std::shared_ptr<const Op> op, Lane& lane, std::uint64_t seed);

  /// Restores the inputs that outputs overwrite, and poisons the other outputs.
  void reset();
  /// The first half of that, for timing: an in-place op starts from the same inputs each time.
  void reset_in_place();

  /// reset(), one launch, and the judgement of all it wrote and of what it should have left alone.
  KernelCheck verify(Kernel& kernel);

  Buffers in() const { return in_; }
  Buffers out() const { return out_; }
  const Op& op() const { return *op_; }

 private:
  std::string changed_input();  // names the first input that a launch overwrote, or ""

  std::shared_ptr<const Op> op_;
  Lane& lane_;
  std::uint64_t seed_;
  std::vector<TensorSpec> inputs_, outputs_;
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<Buffer> in_, out_;
  std::vector<std::vector<std::byte>> before_;  // an input, as the device holds it before a launch
  std::optional<Reference> reference_;          // made at the first verify()
};

}  // namespace assay
