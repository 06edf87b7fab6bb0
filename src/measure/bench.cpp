// SPDX-License-Identifier: Apache-2.0
#include "measure/bench.h"

#include "measure/candidates.h"

namespace assay {

KernelBench::KernelBench(std::shared_ptr<const Op> op, const KernelEntry& entry, Device& device,
                         std::uint64_t seed)
    : lane_(device.lane({})),
      data_(op, *lane_, seed),
      kernel_(entry.make(*op, *lane_)),
      marks_(lane_->marks(2)) {
  use_fastest_variant(*kernel_, data_, *lane_, real_watch());
  data_.pack(*kernel_);
}

double KernelBench::seconds(std::int64_t launches) {
  Stream& stream = lane_->stream();
  marks_->record(0, stream);
  for (std::int64_t i = 0; i < launches; ++i) kernel_->launch(stream, data_.in(), data_.out());
  marks_->record(1, stream);
  lane_->synchronize();
  return marks_->seconds(0, 1) / static_cast<double>(launches);
}

}  // namespace assay
