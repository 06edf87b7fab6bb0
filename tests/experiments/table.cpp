// SPDX-License-Identifier: Apache-2.0
#include "experiments/experiment.h"

namespace assay::experiments {

std::span<const Experiment> all_experiments() {
  static constexpr Experiment kAll[] = {
      {"launch_gap", "what a kernel node of a graph costs, and what dependent launch saves of it", 6,
       launch_gap},
      {"cold_read", "what 20 MB cost from cache, after a flush by reading, and after one by writing", 3,
       cold_read},
      {"bandwidth", "what memory gives to reads, writes and copies of 4 GB", 5, bandwidth},
      {"gemm_power", "how far clocks and power move a GEMM: burst and settled, random and zeros", 40,
       gemm_power},
      {"few_rows", "up to how many rows skinny beats cuBLASLt on cold weights", 25, few_rows},
      {"decode", "what attention over a cache reaches by batch and context", 8, decode},
      {"prefill", "which attention kernel is fastest on whole prompts", 20, prefill},
      {"sampling", "what choosing a token costs", 5, sampling},
  };
  return kAll;
}

}  // namespace assay::experiments
