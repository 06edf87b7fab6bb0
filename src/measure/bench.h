// SPDX-License-Identifier: Apache-2.0
// One kernel alone, launched again and again on its example's data: what `assay bench` and the side-by-side
// benchmarks time. Data stays where the last launch left it: in cache, where it fits.
#pragma once

#include <cstdint>
#include <memory>

#include "device/device.h"
#include "measure/op_data.h"

namespace assay {

class KernelBench {
 public:
  KernelBench(std::shared_ptr<const Op> op, const KernelEntry& entry, Device& device, std::uint64_t seed);

  /// Of one launch, the mean of `launches` between two marks.
  double seconds(std::int64_t launches = 1);
  double flops_saved() const { return kernel_->flops_saved(); }  // of each launch

 private:
  std::unique_ptr<Lane> lane_;
  OpData data_;
  std::unique_ptr<Kernel> kernel_;
  std::unique_ptr<Marks> marks_;
};

}  // namespace assay
