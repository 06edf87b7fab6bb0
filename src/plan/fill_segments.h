// SPDX-License-Identifier: Apache-2.0
// What a fill in segments is made of. The laws are worked out when an element is first asked for, and once
// however many copies of the fill there are: a plan that is only printed does without.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "plan/fill.h"
#include "plan/fill_element.h"

namespace assay {

class FillSegments {
 public:
  explicit FillSegments(std::vector<Fill::Segment> parts) : parts_(std::move(parts)) {}

  const std::vector<Fill::Segment>& parts() const { return parts_; }
  std::int64_t elements() const;
  /// Of the parts that have elements, in order; their tables are on the host, and live as long as this does.
  const std::vector<FillSegment>& rules() const;

 private:
  const std::vector<Fill::Segment> parts_;
  mutable std::once_flag once_;
  mutable std::map<std::pair<std::int64_t, double>, std::unique_ptr<const ZipfTable>>
      tables_;  // limit and skew
  mutable std::vector<FillSegment> rules_;
};

}  // namespace assay
