// SPDX-License-Identifier: Apache-2.0
// What an operation is: its tensors, its cost, and what is right. How it is computed is a Kernel's business
// (plan/kernel.h); how long it takes is src/measure's.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/dtype.h"
#include "base/path.h"
#include "base/place.h"
#include "plan/fill.h"

namespace assay {

using Shape = std::vector<std::int64_t>;

std::int64_t elements_of(const Shape& shape);
std::string text_of(const Shape& shape);  // "64x4096"

struct TensorSpec {
  std::string name;
  Shape shape;
  DType dtype = DType::f32;
  Fill fill = {};
  /// Outputs only: the input this output overwrites in place (a KV cache, positions).
  std::optional<std::size_t> aliases_input = {};
  /// Outputs only: the i32 output that says how many leading rows of this one are meant (boxes that a
  /// suppression leaves). The counts' shape is a proper prefix of this shape: counts [images] and boxes
  /// [images, most, 4] say how many of an image's `most` rows; a count of shape {} is of the first dimension.
  /// What lies beyond is nobody's: not judged, not even as unwritten. A count out of range is wrong.
  std::optional<std::size_t> rows_valid = {};
  std::int64_t elements() const { return elements_of(shape); }
  std::int64_t bytes() const { return elements() * bytes_of(dtype); }
};

double bytes_of(std::span<const TensorSpec> specs);

struct Bytes {
  double read = 0;     // each input once, as if caches were infinite; of an indexed one, each row touched
  double written = 0;  // each output once
  double both() const { return read + written; }
};

/// Work one call does, counted from shapes alone; never measured.
struct Cost {
  double flops = 0;  // a multiply-add is 2
  std::map<Path, Bytes> bytes = {};

  Bytes memory() const;       // of the device itself
  Bytes all_paths() const;    // together: how much there is to do, not how long it takes
  BytesByPath moved() const;  // reading and writing together
  Cost& operator+=(const Cost& other);
  Cost operator*(double times) const;
};
/// For what stays in the device's memory, as most ops do: `.bytes = in_memory({.read = r, .written = w})`.
inline std::map<Path, Bytes> in_memory(Bytes bytes) {
  return {{Path::memory, bytes}};
}

/// Whole rows of a table that an op reads at the places its integers name. Their bytes are in its Cost, each
/// different row once; what memory gives such reads is less than it gives a stream.
struct RandomReads {
  std::int64_t rows = 0;           // asked for, repeats included
  std::int64_t distinct_rows = 0;  // among them: what must be read
  std::int64_t row_bytes = 0;
  std::int64_t table_bytes = 0;  // of all rows there are
  Path path = Path::memory;      // to where the table lives
  /// By bytes of a cache: the share of what is asked for that it could serve at best in the long run, by the
  /// law of the traffic; empty where that is not known.
  std::map<std::int64_t, double> cacheable = {};
};

class FillFunction;

/// Read-only elements of one tensor as doubles, whatever its dtype. Without data they are evaluated, never
/// stored: the very bits that a device holds once it has filled the tensor, for tensors of which a second
/// copy would not fit.
struct TensorView {
  const void* data = nullptr;
  DType dtype = DType::f32;
  std::int64_t size = 0;
  const FillFunction* fill = nullptr;  // not owned; asked where there is no data
  double operator[](std::int64_t index) const {
    return data != nullptr ? load_element(dtype, data, index) : evaluated(index);
  }
  /// Of an integer dtype.
  std::int64_t integer(std::int64_t index) const { return static_cast<std::int64_t>((*this)[index]); }

  double evaluated(std::int64_t index) const;
};

/// What a reference says of outputs: expected values (or, for choices, the set of right answers).
class Expected {
 public:
  virtual ~Expected() = default;
  virtual void set(std::size_t output, std::int64_t index, double value) = 0;
  /// A sum whose terms may cancel: rounding errors go with the terms, and not with what is left of them.
  /// `size`: the root of the sum of their squares, which is about the sum where they are independent.
  virtual void set_sum(std::size_t output, std::int64_t index, double value, double /*size*/) {
    set(output, index, value);
  }
  /// A choice with more than one right answer within rounding (a sampled token at a boundary).
  virtual void one_of(std::size_t output, std::int64_t index, std::span<const std::int64_t> right) = 0;
};

/// The allowed relative error, as a product of named factors, so that nobody can widen it in silence.
/// Relative: |actual - expected| / max(|expected|, root mean square of the expected values of that output),
/// and of a sum (Expected::set_sum) also its size.
struct Tolerance {
  struct Factor {
    std::string name;  // "epsilon(bf16)", "sqrt(K=4096)"
    double value;
  };
  std::vector<Factor> factors;
  double value() const;
  std::optional<double> rounding() const;  // one, to the stored type: its epsilon; nothing where exact
  std::string text() const;                // "epsilon(bf16) 0.00391 x 2 roundings 2"
};
Tolerance::Factor epsilon_factor(DType dtype);

/// Of an op that has no kernel at all yet (Op::unserved).
inline constexpr std::string_view kWholeOp = "this op";

/// One operation at fixed shapes.
class Op {
 public:
  virtual ~Op() = default;
  virtual std::string_view kind() const = 0;  // key in the kernel tables
  virtual std::string shape() const = 0;      // "64x4096 bf16", goes in reports; tells apart ops of one kind
  virtual DType dtype() const = 0;            // the precision whose arithmetic peak is its ceiling
  virtual std::vector<TensorSpec> inputs() const = 0;
  virtual std::vector<TensorSpec> outputs() const = 0;
  virtual Cost cost() const = 0;
  /// Of an op that is mostly that.
  virtual std::optional<RandomReads> random_reads() const { return std::nullopt; }
  /// The one thing that may take inputs from the other place than its outputs': a copy, to there. The
  /// device's queue does it, whichever way it goes.
  virtual std::optional<Place> moves_to() const { return std::nullopt; }
  /// Where an input lives that is read where it is, over the link (embedding tables in the host's memory);
  /// nothing: where the others do.
  virtual std::optional<Place> input_place(std::size_t /*input*/) const { return std::nullopt; }

  /// The one place whose stages may have it: the host, for what feeds a device and has no kernel there (files
  /// decoded). Nothing: either.
  virtual std::optional<Place> runs_at() const { return std::nullopt; }

  /// What of this op no kernel computes yet, or "": it is sized alone. A contract may go ahead of its
  /// kernels; what they do not know of is refused, and not computed wrongly.
  virtual std::string_view unserved() const { return ""; }  // kWholeOp: all of it

  /// "" or what is wrong with inputs that say where to read: the row that no table has, and who asked for it.
  /// Asked of every run before the first call is judged. Views of integers (i32) can be read, others may be
  /// empty.
  virtual std::string check_inputs(std::span<const TensorView> /*in*/) const { return ""; }

  /// The reference falls into `units()` pieces that can be computed alone (rows, output elements), so that a
  /// large op can be checked on a seeded sample of them. Float64 from end to end. Over all units, every
  /// element of every output that the op writes is set once; elements that are never set are never checked.
  virtual std::int64_t units() const = 0;
  virtual void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const = 0;
  virtual Tolerance tolerance() const = 0;

  /// For answers of which many are right (which boxes a suppression keeps, in which order equals stand): ""
  /// or what is wrong with what `out` holds of this unit. Asked of each unit that is checked, once the
  /// elements that reference() sets have passed; `out` is as the kernel left it, so indices in it may be
  /// anything.
  virtual std::string objection(std::span<const TensorView> /*in*/, std::span<const TensorView> /*out*/,
                                std::int64_t /*unit*/) const {
    return "";
  }
  /// True: reference() may leave whole outputs unset, because objection() judges them.
  virtual bool judged_by_objection() const { return false; }
};

/// A line of kernels/ops.cpp: the kind, what it is, and the shapes that tests and `assay verify` use.
struct OpEntry {
  std::string_view kind;
  std::string_view summary;
  std::vector<std::shared_ptr<const Op>> (*examples)();
};
std::span<const OpEntry> all_ops();  // kernels/ops.cpp

}  // namespace assay
