// SPDX-License-Identifier: Apache-2.0
// The geometric mean of ratios with their intervals. The ends of the mean's interval are the means of the
// members' ends: where every member lies within its own, so does the mean within this, whatever their errors
// have in common.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace assay {

class LogMean {
 public:
  /// `ratio` above 0.
  void add(double ratio, const std::optional<double>& low, const std::optional<double>& high) {
    ++count_;
    ratio_ += std::log(ratio);
    if (low && high && *low > 0) {
      low_ += std::log(*low);
      high_ += std::log(*high);
    } else {
      interval_ = false;
    }
  }
  bool empty() const { return count_ == 0; }
  std::int64_t count() const { return count_; }
  double ratio() const { return mean(ratio_); }
  std::optional<double> low() const { return interval_ ? std::optional(mean(low_)) : std::nullopt; }
  std::optional<double> high() const { return interval_ ? std::optional(mean(high_)) : std::nullopt; }

 private:
  double mean(double sum) const { return std::exp(sum / static_cast<double>(count_)); }
  std::int64_t count_ = 0;
  double ratio_ = 0, low_ = 0, high_ = 0;
  bool interval_ = true;
};

}  // namespace assay
