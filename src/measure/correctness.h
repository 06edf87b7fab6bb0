// SPDX-License-Identifier: Apache-2.0
// Judges the outputs of a kernel against the op's float64 reference. Host data in, verdict out: no device
// here.
//
// The error of an element is |actual - expected| / max(|expected|, rms of the expected values of that
// output), so that small values beside large ones are judged by what matters downstream. It may not exceed
// Op::tolerance(). Integers must be equal, infinities must agree, NaN is right only where the reference has
// NaN. A pass that proves nothing is a failure: an element nobody wrote, an output that is zero everywhere in
// the reference or, of integers, the same, an in-place op that has nothing to change. Where many answers are
// right the op's own objection() is asked besides, unit by unit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/op.h"

namespace assay {

struct KernelCheck {
  enum class Status : std::uint8_t { passed, failed, skipped };
  Status status = Status::passed;
  double error = 0;  // the worst element's; infinite where one is not a matter of rounding
  double tolerance = 0;
  std::string tolerance_factors = {};
  std::int64_t checked = 0;  // output elements compared; units, where an op answers by objection alone
  std::string reason = {};   // of a failure or a skip
};

/// What data are there to show. That of a pass is what it is: an output may be zero, or in place already.
enum class Proof : std::uint8_t { of_a_kernel, of_a_pass };

/// Work (FLOPs, bytes read and, weighted, bytes written) that the reference may do: well below a second on
/// two cores. A count, not a clock, so that every machine checks the same elements.
inline constexpr double kReferenceBudget = 2e8;

/// Integers that are all the same prove nothing from so many on; fewer may be so by chance (the tokens of two
/// sequences).
inline constexpr std::int64_t kTellingIntegers = 16;

/// `count` of `units`, in order: the first, the last, and one at random of each of equal parts between them.
std::vector<std::int64_t> sample_units(std::int64_t units, std::int64_t count, std::uint64_t seed);

/// How many units of `op` the budget allows; at least 2 (or all).
std::int64_t affordable_units(const Op& op, double budget);

/// The expected values of an op for given inputs, over all its units or a seeded sample; made once, compared
/// with the outputs of any number of kernels.
class Reference {
 public:
  /// `inputs` as they are before the launch, those that outputs overwrite with their data; they and the op
  /// must outlive this object.
  Reference(const Op& op, std::span<const TensorView> inputs, std::uint64_t seed,
            double budget = kReferenceBudget);

  /// `outputs` as they are after the launch; those that alias no input were poisoned before it.
  KernelCheck compare(std::span<const TensorView> outputs, Proof proof = Proof::of_a_kernel) const;

  /// Whether an integer output holds the poison, which may be an answer: all bits one are -1, or 255.
  bool may_be_unwritten(std::span<const TensorView> outputs) const;
  /// Then output `o` of another launch, over a poison of bytes `other`, tells: what was the poison both times
  /// nobody wrote. "" or the first of them.
  std::string unwritten(std::span<const TensorView> outputs, std::size_t o, const TensorView& again,
                        std::byte other) const;

  bool sampled() const { return sampled_; }

 private:
  struct Element {
    std::int64_t index;
    double value;
    double size;  // of the terms that it is the sum of; 0: it is none
    std::uint32_t output;
    std::int32_t choices;  // into Part::choices, or -1: `value` alone is right
  };
  struct Part {  // a run of units, computed by one thread
    std::vector<Element> elements;
    std::vector<std::vector<std::int64_t>> choices;
    std::vector<std::int64_t> least_of_unit, most_of_unit;  // an output: elements that a unit sets
  };
  class Recorder;
  void compute(const Op& op, std::span<const std::int64_t> units);
  struct Findings;

  void judge(const Part& part, std::span<const TensorView> outputs, Findings& findings) const;
  std::string vacuous() const;
  std::string unwritten(std::span<const TensorView> outputs) const;
  std::string trespass(std::span<const TensorView> outputs) const;
  std::string overreach(std::span<const TensorView> outputs) const;
  std::string wrong_count(std::span<const TensorView> outputs) const;
  std::string objection(std::span<const TensorView> outputs) const;
  /// Whether the element lies in a row that the op's counts say is meant.
  bool meant(std::span<const TensorView> outputs, std::size_t output, std::int64_t index) const;

  struct CountedRows {
    std::int64_t most = 0, elements = 0;  // rows that a count may be of, elements of one row
  };

  const Op& op_;
  std::vector<TensorSpec> specs_;  // of the outputs
  std::vector<CountedRows> rows_;  // an output, where another one counts its rows
  std::vector<TensorView> inputs_;
  Tolerance tolerance_;
  std::vector<std::int64_t> units_;  // those checked
  bool sampled_ = false;
  bool threaded_ = false;  // waking threads costs more than small ops do
  std::vector<Part> parts_;
  std::vector<double> rms_;            // an output
  std::vector<std::int64_t> checked_;  // an output
  std::vector<bool> constant_;         // an output: all expected values are the same
  std::vector<std::int64_t>
      telling_;  // an output: expected values that a kernel that does nothing would miss
};

}  // namespace assay
