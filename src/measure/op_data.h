// SPDX-License-Identifier: Apache-2.0
// One op's tensors on a device, filled from a seed, with the inputs as the device holds them at hand on the
// host: the judge reads what the kernel reads. Small inputs, and those that outputs overwrite, are copied; of
// large ones each element is evaluated when it is asked for, so that an op fits whose table fits once.
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
#include "plan/fill_function.h"
#include "plan/kernel.h"
#include "plan/op.h"

namespace assay {

struct OpDataLayout {
  /// An input of more bytes is not copied to the host. Below it a copy is quicker to read than to evaluate.
  std::int64_t most_copied_bytes = std::int64_t{256} << 20;
  /// Poisoned before and behind every buffer: what a loop hits that runs a row or a vector too far. A
  /// multiple of the alignment that kernels may expect. 0 where something else watches the ends of a block.
  std::int64_t guard_bytes = 4096;
};

class OpData {
 public:
  /// Fills input `x` of an op of kind `k` with random_key(seed, "op/k/x").
  OpData(std::shared_ptr<const Op> op, Lane& lane, std::uint64_t seed, OpDataLayout layout = {});

  /// Restores the inputs that outputs overwrite, and poisons the other outputs.
  void reset();
  /// The first half of that, for timing: an in-place op starts from the same inputs each time.
  void reset_in_place();

  /// Lets a kernel that keeps inputs in a form of its own take them, before it is launched.
  void pack(Kernel& kernel);

  /// reset(), pack(), one launch, and the judgement of all it wrote and of what it should have left alone. A
  /// second launch over another poison where an integer output holds what may be the poison of the first.
  /// None at all where the op objects to its inputs.
  KernelCheck verify(Kernel& kernel);

  Buffers in() const { return in_; }
  Buffers out() const { return out_; }
  const Op& op() const { return *op_; }
  std::int64_t host_bytes() const;  // copies of inputs that are held on the host

 private:
  /// What an input holds before a launch: a copy, or how to make each element and what its pieces add up to.
  struct Before {
    std::vector<std::byte> copy;
    std::optional<FillFunction> fill;
    std::vector<std::uint64_t> checksums;
  };

  Buffer take(std::int64_t bytes, Place place);
  std::uint64_t key(const TensorSpec& input) const;
  std::vector<TensorView> views_before() const;
  bool is_aliased(std::size_t input) const;
  std::string changed_input();  // names the first input that a launch overwrote, or ""
  /// The first element that is not as before, of those that stand at byte `at`.
  std::optional<std::int64_t> first_difference(std::size_t input, std::int64_t at,
                                               std::span<const std::byte> now) const;
  std::string stray_write();  // names the first buffer beside which a launch wrote, or ""
  std::string kept_poison(Kernel& kernel, std::span<const TensorView> outputs);

  std::shared_ptr<const Op> op_;
  Lane& lane_;
  std::uint64_t seed_;
  OpDataLayout layout_;
  std::vector<TensorSpec> inputs_, outputs_;
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<Buffer> in_, out_;
  std::vector<Before> before_;               // an input
  std::optional<std::string> inputs_wrong_;  // what check_inputs() says; asked at the first verify()
  std::optional<Reference> reference_;       // made at the first verify()
};

}  // namespace assay
