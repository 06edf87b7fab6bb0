// SPDX-License-Identifier: Apache-2.0
#include "measure/correctness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <stdexcept>

#include "base/random.h"
#include "measure/poison.h"

namespace assay {
namespace {

constexpr std::size_t kParts = 256;        // fixed, so that sums do not depend on the number of threads
constexpr double kWrittenByteWeight = 20;  // an expected value is recorded, not only computed
constexpr double kThreadedWork = 1e6;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double reference_work(const Op& op) {
  const Cost cost = op.cost();
  const Bytes bytes = cost.all_paths();
  return cost.flops + bytes.read + kWrittenByteWeight * bytes.written;
}

bool counts_rows_of(const TensorSpec& counts, const TensorSpec& output) {
  return counts.dtype == DType::i32 && counts.shape.size() < output.shape.size() &&
         std::equal(counts.shape.begin(), counts.shape.end(), output.shape.begin());
}

}  // namespace

std::vector<std::int64_t> sample_units(std::int64_t units, std::int64_t count, std::uint64_t seed) {
  std::vector<std::int64_t> chosen;
  if (count >= units) {
    for (std::int64_t u = 0; u < units; ++u) chosen.push_back(u);
    return chosen;
  }
  count = std::max<std::int64_t>(count, 2);
  const std::uint64_t key = random_key(seed, "reference units");
  chosen.push_back(0);
  for (std::int64_t i = 0; i + 2 < count; ++i) {
    const std::int64_t inner = units - 2, parts = count - 2;
    const std::int64_t begin = 1 + inner / parts * i + std::min(i, inner % parts);
    const std::int64_t width = inner / parts + (i < inner % parts ? 1 : 0);
    const auto counter = static_cast<std::uint64_t>(i);
    chosen.push_back(begin + index_element(key, counter, std::min(width, std::int64_t{1} << 31)));
  }
  chosen.push_back(units - 1);
  return chosen;
}

std::int64_t affordable_units(const Op& op, double budget) {
  const double work = reference_work(op);
  const double affordable = work > 0 ? budget / work * static_cast<double>(op.units()) : kInfinity;
  if (affordable >= static_cast<double>(op.units())) return op.units();
  return std::min(op.units(), std::max<std::int64_t>(2, static_cast<std::int64_t>(affordable)));
}

/// Takes what the reference says of some units.
class Reference::Recorder final : public Expected {
 public:
  Recorder(std::span<const TensorSpec> outputs, Part& part) : outputs_(outputs), part_(part) {}

  void set(std::size_t output, std::int64_t index, double value) override { add(output, index, value, -1); }
  void set_sum(std::size_t output, std::int64_t index, double value, double size) override {
    add(output, index, value, -1, size);
  }
  void one_of(std::size_t output, std::int64_t index, std::span<const std::int64_t> right) override {
    if (right.empty()) throw std::logic_error("a reference gives no right answer");
    add(output, index, static_cast<double>(right.front()), static_cast<std::int32_t>(part_.choices.size()));
    part_.choices.emplace_back(right.begin(), right.end());
  }

 private:
  void add(std::size_t output, std::int64_t index, double value, std::int32_t choices, double size = 0) {
    if (output >= outputs_.size() || index < 0 || index >= outputs_[output].elements())
      throw std::logic_error(fmt::format("a reference sets element {} of output {}", index, output));
    part_.elements.push_back({index, value, size, static_cast<std::uint32_t>(output), choices});
  }

  std::span<const TensorSpec> outputs_;
  Part& part_;
};

Reference::Reference(const Op& op, std::span<const TensorView> inputs, std::uint64_t seed, double budget)
    : op_(op),
      specs_(op.outputs()),
      inputs_(inputs.begin(), inputs.end()),
      tolerance_(op.tolerance()),
      units_(sample_units(op.units(), affordable_units(op, budget), seed)) {
  for (const TensorSpec& spec : specs_) {
    rows_.emplace_back();
    if (!spec.rows_valid) continue;
    if (*spec.rows_valid >= specs_.size() || !counts_rows_of(specs_[*spec.rows_valid], spec))
      throw std::logic_error("no i32 output counts the rows of output " + spec.name);
    const auto rows = spec.shape.begin() + static_cast<std::ptrdiff_t>(specs_[*spec.rows_valid].shape.size());
    rows_.back() = {*rows, elements_of(Shape(rows + 1, spec.shape.end()))};
  }
  threaded_ = reference_work(op) > kThreadedWork;
  sampled_ = static_cast<std::int64_t>(units_.size()) < op.units();
  compute(op, units_);

  std::vector<double> squares(specs_.size(), 0);
  std::vector<std::int64_t> finite(specs_.size(), 0);
  checked_.assign(specs_.size(), 0);
  telling_.assign(specs_.size(), 0);
  constant_.assign(specs_.size(), true);
  std::vector<double> first(specs_.size(), 0);
  for (const Part& part : parts_)
    for (const Element& e : part.elements) {
      const TensorSpec& spec = specs_[e.output];
      if (checked_[e.output] == 0) first[e.output] = e.value;
      if (e.value != first[e.output]) constant_[e.output] = false;
      ++checked_[e.output];
      if (std::isfinite(e.value)) {
        squares[e.output] += e.value * e.value;
        ++finite[e.output];
      }
      if (spec.aliases_input) {
        telling_[e.output] += inputs_[*spec.aliases_input][e.index] != e.value;
      } else {
        telling_[e.output] += is_floating(spec.dtype) ? e.value != 0 : 1;
      }
    }
  for (std::size_t o = 0; o < specs_.size(); ++o)
    rms_.push_back(finite[o] > 0 ? std::sqrt(squares[o] / static_cast<double>(finite[o])) : 0);
}

void Reference::compute(const Op& op, std::span<const std::int64_t> units) {
  parts_.resize(std::min<std::size_t>(kParts, units.size()));
  std::exception_ptr failure;  // none may leave an OpenMP region
#pragma omp parallel for schedule(dynamic) if (threaded_)
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    try {
      Recorder recorder(specs_, parts_[p]);
      std::vector<std::int64_t> set(specs_.size());
      std::vector<std::int64_t>&least = parts_[p].least_of_unit, &most = parts_[p].most_of_unit;
      least.assign(specs_.size(), std::numeric_limits<std::int64_t>::max());
      most.assign(specs_.size(), 0);
      const std::size_t begin = units.size() * p / parts_.size(),
                        end = units.size() * (p + 1) / parts_.size();
      for (std::size_t u = begin; u < end; ++u) {
        const std::size_t before = parts_[p].elements.size();
        op.reference(inputs_, units[u], recorder);
        std::ranges::fill(set, 0);
        for (std::size_t e = before; e < parts_[p].elements.size(); ++e) ++set[parts_[p].elements[e].output];
        for (std::size_t o = 0; o < specs_.size(); ++o) {
          least[o] = std::min(least[o], set[o]);
          most[o] = std::max(most[o], set[o]);
        }
      }
    } catch (...) {
#pragma omp critical(assay_reference_failure)
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

/// What one part's comparison found; merged in the order of the parts.
struct Reference::Findings {
  const Element* unwritten = nullptr;  // the first
  const Element* mismatch = nullptr;   // the first that is not a matter of rounding
  const Element* worst = nullptr;
  double error = 0;
  std::int64_t wrong = 0;

  void merge(const Findings& next) {
    if (unwritten == nullptr) unwritten = next.unwritten;
    if (mismatch == nullptr) mismatch = next.mismatch;
    if (next.error > error || worst == nullptr) {
      error = next.error;
      worst = next.worst;
    }
    wrong += next.wrong;
  }
};

void Reference::judge(const Part& part, std::span<const TensorView> outputs, Findings& f) const {
  const double tolerance = tolerance_.value();
  for (const Element& e : part.elements) {
    if (specs_[e.output].rows_valid && !meant(outputs, e.output, e.index)) continue;
    const TensorView& view = outputs[e.output];
    const double actual = view[e.index];
    double error = 0;
    bool mismatch = false;
    if (!is_floating(view.dtype)) {
      mismatch = e.choices < 0 ? actual != e.value
                               : std::ranges::count(part.choices[static_cast<std::size_t>(e.choices)],
                                                    view.integer(e.index)) == 0;
    } else if (!std::isfinite(e.value) || !std::isfinite(actual)) {
      mismatch = std::isnan(e.value) ? !std::isnan(actual) : actual != e.value;
    } else {
      const double scale = std::max({std::abs(e.value), rms_[e.output], e.size});
      if (actual != e.value) error = std::abs(actual - e.value) / scale;  // scale is 0 only where all is
    }
    if (mismatch) {
      error = kInfinity;
      if (f.mismatch == nullptr) f.mismatch = &e;
    }
    const bool suspect =
        mismatch || std::isnan(actual);  // a poison NaN where NaN is right is still nobody's work
    if (suspect && !specs_[e.output].aliases_input && all_bits_one(view, e.index)) {
      error = kInfinity;
      if (f.unwritten == nullptr) f.unwritten = &e;
    }
    if (!(error <= tolerance)) ++f.wrong;
    if (error > f.error || f.worst == nullptr) {
      f.error = error;
      f.worst = &e;
    }
  }
}

std::string Reference::objection(std::span<const TensorView> outputs) const {
  for (const std::int64_t unit : units_) {
    std::string said = op_.objection(inputs_, outputs, unit);
    if (!said.empty()) return said;
  }
  return "";
}

KernelCheck Reference::compare(std::span<const TensorView> outputs, Proof proof) const {
  KernelCheck check{.status = KernelCheck::Status::failed,
                    .tolerance = tolerance_.value(),
                    .tolerance_factors = tolerance_.text()};
  for (const std::int64_t checked : checked_) check.checked += checked;
  if (check.checked == 0 && op_.judged_by_objection())
    check.checked = static_cast<std::int64_t>(units_.size());
  if (proof == Proof::of_a_kernel) check.reason = vacuous();
  if (!check.reason.empty()) return check;
  check.reason = wrong_count(outputs);
  if (!check.reason.empty()) {
    check.error = kInfinity;
    return check;
  }

  std::vector<Findings> found(parts_.size());
#pragma omp parallel for schedule(dynamic) if (threaded_)
  for (std::size_t p = 0; p < parts_.size(); ++p) judge(parts_[p], outputs, found[p]);
  Findings all;
  for (const Findings& part : found) all.merge(part);

  check.error = all.error;
  if (all.unwritten != nullptr) {
    check.reason = unwritten_text(specs_[all.unwritten->output], all.unwritten->index);
  } else if (all.wrong > 0) {
    const Element& e = all.mismatch != nullptr ? *all.mismatch : *all.worst;
    check.reason = fmt::format("output {} element {}: expected {:.7g}, got {:.7g}", specs_[e.output].name,
                               e.index, e.value, outputs[e.output][e.index]);
    if (all.mismatch == nullptr)
      check.reason += fmt::format(" (relative error {:.3g}, tolerance {:.3g})", all.error, check.tolerance);
    check.reason += fmt::format("; {} of {} elements compared are wrong", all.wrong, check.checked);
  } else {
    check.reason = sampled_ ? overreach(outputs) : trespass(outputs);
    // Elements of units that were not checked, and what reference() leaves to objection().
    if (check.reason.empty() && (sampled_ || op_.judged_by_objection())) check.reason = unwritten(outputs);
    if (check.reason.empty()) check.reason = objection(outputs);
  }
  if (!check.reason.empty() && all.wrong == 0) check.error = kInfinity;
  if (check.reason.empty()) check.status = KernelCheck::Status::passed;
  return check;
}

}  // namespace assay
