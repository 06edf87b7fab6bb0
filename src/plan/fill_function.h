// SPDX-License-Identifier: Apache-2.0
// A tensor's fill as a function of the index: what a device stores, for those who do not want to store it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "plan/fill.h"
#include "plan/fill_element.h"

namespace assay {

class FillFunction {
 public:
  /// Of a tensor of `count` elements; `key` is random_key(seed, name). std::logic_error for a fill that makes
  /// no sense (no limit, too few values).
  FillFunction(const Fill& fill, std::int64_t count, std::uint64_t key);

  /// Element i before it is rounded to the dtype (`stored()` of base/dtype.h does).
  double operator()(std::int64_t i) const { return fill_element(rule_, i); }
  /// Elements first, first + 1 ... of an integer kind, as i32 keeps them: faster than one by one.
  void integers(std::int64_t first, std::span<std::int32_t> out) const;

  const FillRule& rule() const { return rule_; }

 private:
  std::shared_ptr<const ZipfTable> popularity_;
  std::shared_ptr<const LazyList<float>> values_;
  std::shared_ptr<const LazyList<std::int32_t>> listed_;
  std::shared_ptr<const std::vector<std::uint8_t>> bytes_;
  std::shared_ptr<const FillSegments> segments_;
  FillRule rule_;
};

/// How many different rows an integer fill of `count` elements names: what an indexed read has to fetch.
/// Those of one segment are none of another's.
std::int64_t distinct_rows(const Fill& fill, std::int64_t count, std::uint64_t key);

}  // namespace assay
