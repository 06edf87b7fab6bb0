// SPDX-License-Identifier: Apache-2.0
// What a comparison of the expected elements does not see: that it proves nothing, and what a kernel left
// undone or did beside its work.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "measure/correctness.h"
#include "measure/poison.h"

namespace assay {
namespace {

constexpr std::int64_t kStretch = 1024;  // elements compared at once where most are alike

/// Of elements [begin, end) of an in-place output, whose input is always at hand as bytes.
bool same_bits(const TensorView& before, const TensorView& after, std::int64_t begin, std::int64_t end) {
  const std::int64_t size = bytes_of(after.dtype);
  return std::memcmp(static_cast<const char*>(before.data) + begin * size,
                     static_cast<const char*>(after.data) + begin * size,
                     static_cast<std::size_t>((end - begin) * size)) == 0;
}

}  // namespace

/// An in-place output may be the same everywhere (positions that all move by one): what it must not do is to
/// leave everything as it was.
std::string Reference::vacuous() const {
  std::int64_t telling = 0, unset = 0;
  for (std::size_t o = 0; o < specs_.size(); ++o) {
    if (checked_[o] == 0) {
      if (!op_.judged_by_objection() || units_.empty())
        return fmt::format("output {}: nothing was compared", specs_[o].name);
      ++unset;
      continue;
    }
    // Where all is judged by objection, integers may well be alike: the sizes of a batch of one camera.
    if (!is_floating(specs_[o].dtype) && !specs_[o].aliases_input && constant_[o] &&
        checked_[o] >= kTellingIntegers && !op_.judged_by_objection())
      return fmt::format(
          "output {}: the reference is the same at all {} elements compared, which proves nothing",
          specs_[o].name, checked_[o]);
    const bool zeros = rms_[o] == 0 && telling_[o] == 0 && is_floating(specs_[o].dtype);
    if (zeros && !specs_[o].aliases_input)
      return fmt::format("output {}: the reference is zero at all {} elements compared, which proves nothing",
                         specs_[o].name, checked_[o]);
    telling += telling_[o];
  }
  if (telling == 0 && unset == 0)
    return "the inputs already hold the right outputs, so that doing nothing would pass";
  return specs_.empty() ? "the op has no outputs" : "";
}

std::string Reference::unwritten(std::span<const TensorView> outputs) const {
  for (std::size_t o = 0; o < specs_.size(); ++o) {
    if (specs_[o].aliases_input || !is_floating(specs_[o].dtype)) continue;
    for (std::int64_t i = 0; i < outputs[o].size; ++i)
      if (all_bits_one(outputs[o], i) && meant(outputs, o, i)) return unwritten_text(specs_[o], i);
  }
  return "";
}

bool Reference::may_be_unwritten(std::span<const TensorView> outputs) const {
  for (std::size_t o = 0; o < specs_.size(); ++o) {
    if (specs_[o].aliases_input || is_floating(specs_[o].dtype)) continue;
    for (std::int64_t i = 0; i < outputs[o].size; ++i)
      if (all_bits_one(outputs[o], i) && meant(outputs, o, i)) return true;
  }
  return false;
}

std::string Reference::unwritten(std::span<const TensorView> outputs, std::size_t o, const TensorView& again,
                                 std::byte other) const {
  for (std::int64_t i = 0; i < outputs[o].size; ++i)
    if (all_bits_one(outputs[o], i) && all_bytes(again, i, other) && meant(outputs, o, i))
      return unwritten_text(specs_[o], i);
  return "";
}

bool Reference::meant(std::span<const TensorView> outputs, std::size_t output, std::int64_t index) const {
  if (!specs_[output].rows_valid) return true;
  const std::size_t counts = *specs_[output].rows_valid;
  const std::int64_t row = index / rows_[output].elements;
  return row % rows_[output].most < outputs[counts].integer(row / rows_[output].most);
}

std::string Reference::wrong_count(std::span<const TensorView> outputs) const {
  for (std::size_t o = 0; o < specs_.size(); ++o) {
    if (!specs_[o].rows_valid) continue;
    const TensorSpec& spec = specs_[*specs_[o].rows_valid];
    const TensorView& counts = outputs[*specs_[o].rows_valid];
    for (std::int64_t i = 0; i < counts.size; ++i) {
      if (all_bits_one(counts, i)) return unwritten_text(spec, i);
      if (counts.integer(i) < 0 || counts.integer(i) > rows_[o].most)
        return fmt::format("output {} element {} counts {} rows of output {}, which has {}", spec.name, i,
                           counts.integer(i), specs_[o].name, rows_[o].most);
    }
  }
  return "";
}

/// In-place outputs, fully checked: what the reference does not set must stay as it was.
std::string Reference::trespass(std::span<const TensorView> outputs) const {
  for (std::size_t o = 0; o < specs_.size(); ++o) {
    if (!specs_[o].aliases_input || checked_[o] == 0) continue;  // of the latter the op judges all
    std::vector<bool> set(static_cast<std::size_t>(specs_[o].elements()));
    for (const Part& part : parts_)
      for (const Element& e : part.elements)
        if (e.output == o) set[static_cast<std::size_t>(e.index)] = true;
    const TensorView& before = inputs_[*specs_[o].aliases_input];
    for (std::int64_t i = 0; i < outputs[o].size; ++i)
      if (!set[static_cast<std::size_t>(i)] && meant(outputs, o, i) &&
          !same_bits(before, outputs[o], i, i + 1))
        return fmt::format("output {} element {} is not the op's to write: it was {:.6g} and is {:.6g}",
                           specs_[o].name, i, before[i], outputs[o][i]);
  }
  return "";
}

/// In-place outputs of which a sample of units is known: where each of these sets as many elements, all of
/// them together can change no more than all units would.
std::string Reference::overreach(std::span<const TensorView> outputs) const {
  for (std::size_t o = 0; o < specs_.size(); ++o) {
    if (!specs_[o].aliases_input || checked_[o] == 0) continue;
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0, changed = 0;
    for (const Part& part : parts_) {
      least = std::min(least, part.least_of_unit[o]);
      most = std::max(most, part.most_of_unit[o]);
    }
    if (least != most) continue;
    const TensorView& before = inputs_[*specs_[o].aliases_input];
    for (std::int64_t at = 0; at < outputs[o].size; at += kStretch) {
      const std::int64_t end = std::min(at + kStretch, outputs[o].size);
      if (same_bits(before, outputs[o], at, end)) continue;
      for (std::int64_t i = at; i < end; ++i)
        changed += meant(outputs, o, i) && !same_bits(before, outputs[o], i, i + 1) ? 1 : 0;
    }
    if (changed > most * op_.units())
      return fmt::format("output {}: {} elements have changed, and {} units write {} each", specs_[o].name,
                         changed, op_.units(), most);
  }
  return "";
}

}  // namespace assay
