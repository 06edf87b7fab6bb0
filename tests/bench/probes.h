// SPDX-License-Identifier: Apache-2.0
// Short probes of the machine, to put around short pieces of work: others' work comes and goes within 100 ms.
#pragma once

#include <string_view>
#include <vector>

#include "device/cpu/cpu_memory.h"
#include "device/cpu/probe.h"
#include "statistics/statistics.h"

namespace assay::bench {

class Probes {
 public:
  Probes() : block_(kReadBytes) {
    parallel_set(block_.buffer().data, 0x5A, block_.buffer().bytes);
    // How many streams read fastest is found once. The best of several tries would then be too high a mark
    // for work that has to take the machine as it comes.
    double best = 0;
    for (const int streams : kReadStreams) {
      std::vector<double> rates;
      for (int i = 0; i < 9; ++i) rates.push_back(read_rate(block_.buffer(), streams, kReadSeconds, resume_));
      if (const double rate = median(rates); rate > best) {
        best = rate;
        streams_ = streams;
      }
    }
  }

  /// FLOP/s for "fma", bytes/s for "read", over a few milliseconds.
  double rate(std::string_view kind, DType dtype) {
    return kind == "read" ? read_rate(block_.buffer(), streams_, kReadSeconds, resume_)
                          : fma_rate(fma_kind_for(dtype), kFmaSeconds);
  }

 private:
  static constexpr std::int64_t kReadBytes = 512
                                             << 20;  // far more than any cache of a machine with two cores
  static constexpr double kFmaSeconds = 0.006, kReadSeconds = 0.006;
  HugeBlock block_;
  std::int64_t resume_ = 0;
  int streams_ = 1;
};

}  // namespace assay::bench
