// SPDX-License-Identifier: Apache-2.0
// One weight of a plan in a checkpoint: which stored tensors make it, and what its elements are.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "plan/plan.h"

namespace assay {

class StoredWeight {
 public:
  StoredWeight(const PlanTensor& weight, const SafeTensors& checkpoint);

  /// Of what the weight is made of, the first that the checkpoint lacks; empty: it is all there.
  const std::string& missing() const { return missing_; }
  /// Everything that it is made of, statistics of a normalisation too. Only where nothing is missing.
  std::span<const StoredTensor* const> used() const { return used_; }
  /// Error(bad_input) that names the tensor which does not fit. Reads no data.
  void check() const;

  /// Elements in the plan's order, packed in the plan's type, in pieces: put(bytes, size) is called for one
  /// after the other. What has to be turned is read whole.
  void read(const std::function<void(const std::byte*, std::int64_t)>& put) const;

 private:
  void check_statistics(std::int64_t filters) const;
  std::vector<double> statistic(const StoredTensor& tensor) const;
  std::vector<double> scales() const;  // a filter: what folding multiplies by

  const PlanTensor& weight_;
  std::vector<const StoredTensor*> parts_, used_;
  struct Statistics {
    const StoredTensor *gain, *shift, *mean, *variance;
    double eps;
  };
  std::optional<Statistics> folded_;
  std::string missing_;
};

}  // namespace assay
