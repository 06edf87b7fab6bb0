// SPDX-License-Identifier: Apache-2.0
#include "measure/cold_timer.h"

#include <algorithm>
#include <vector>

#include "statistics/statistics.h"

namespace assay {

ColdTimer::ColdTimer(Lane& lane) : lane_(lane), marks_(lane.marks(2 * kMaxRepeats)) {
  std::vector<double> gaps;
  for (std::size_t i = 0; i < 2 * kMaxRepeats; ++i) marks_->record(i, lane_.stream());
  lane_.synchronize();
  for (std::size_t i = 1; i < 2 * kMaxRepeats; ++i) gaps.push_back(marks_->seconds(i - 1, i));
  shortest_s_ = std::clamp(100 * median(gaps), 20e-6, 200e-6);
}

double ColdTimer::seconds(std::int64_t repeats, const std::function<void()>& prepare,
                          const std::function<void()>& work) {
  for (std::int64_t i = 0; i < repeats; ++i) {
    const auto mark = static_cast<std::size_t>(2 * i);
    prepare();
    lane_.flush_cache();
    marks_->record(mark, lane_.stream());
    work();
    marks_->record(mark + 1, lane_.stream());
  }
  lane_.synchronize();
  double sum = 0;
  for (std::int64_t i = 0; i < repeats; ++i) {
    const auto mark = static_cast<std::size_t>(2 * i);
    sum += marks_->seconds(mark, mark + 1);
  }
  return sum;
}

}  // namespace assay
