// SPDX-License-Identifier: Apache-2.0
// The table of experiments: a question that only a GPU answers, and what asks it.
#pragma once

#include <span>
#include <string_view>

#include "experiments/bench.h"

namespace assay::experiments {

struct Experiment {
  std::string_view name, question;
  double limit_s;  // beyond it the cases that are left get a reason instead of a figure
  void (*run)(Bench&);
};
std::span<const Experiment> all_experiments();  // table.cpp

void launch_gap(Bench& bench);
void cold_read(Bench& bench);
void bandwidth(Bench& bench);
void gemm_power(Bench& bench);
void few_rows(Bench& bench);
void decode(Bench& bench);
void prefill(Bench& bench);
void sampling(Bench& bench);

}  // namespace assay::experiments
