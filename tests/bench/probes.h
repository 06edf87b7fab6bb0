// SPDX-License-Identifier: Apache-2.0
// Short probes of the machine, to put around short pieces of work: others' work comes and goes within 100 ms.
#pragma once

#include <string_view>

#include "device/cpu/cpu_memory.h"
#include "device/cpu/probe.h"

namespace assay::bench {

class Probes {
 public:
  Probes() : block_(kReadBytes) { parallel_set(block_.buffer().data, 0x5A, kReadBytes); }

  /// FLOP/s for "fma", bytes/s for "read"; about 6 and 12 ms.
  double rate(std::string_view kind, DType dtype) const {
    return kind == "read" ? probe_read(block_.buffer(), 1, kReadSeconds)
                          : probe_fma(fma_kind_for(dtype), kFmaSeconds, 1);
  }

 private:
  static constexpr std::int64_t kReadBytes = 512
                                             << 20;  // far more than any cache of a machine with two cores
  static constexpr double kFmaSeconds = 0.006, kReadSeconds = 0.003;
  HugeBlock block_;
};

}  // namespace assay::bench
