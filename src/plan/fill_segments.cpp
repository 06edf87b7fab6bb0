// SPDX-License-Identifier: Apache-2.0
#include "plan/fill_segments.h"

#include <stdexcept>
#include <string>

namespace assay {

std::int64_t FillSegments::elements() const {
  std::int64_t elements = 0;
  for (const Fill::Segment& part : parts_) elements += part.count;
  return elements;
}

const std::vector<FillSegment>& FillSegments::rules() const {
  std::call_once(once_, [this] {
    std::vector<FillSegment> rules;
    std::int64_t first = 0;
    for (const Fill::Segment& part : parts_) {
      if (part.count < 0) throw std::logic_error("fill: a segment of " + std::to_string(part.count));
      if (part.count == 0) continue;
      auto& table = tables_[{part.limit, part.skew}];
      if (table == nullptr) table = std::make_unique<const ZipfTable>(ZipfLaw(part.limit, part.skew).table());
      rules.push_back({first, table.get(), scatter_of(part.ranking, part.limit)});
      first += part.count;
    }
    rules_ = std::move(rules);
  });
  return rules_;
}

}  // namespace assay
