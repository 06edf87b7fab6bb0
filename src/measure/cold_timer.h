// SPDX-License-Identifier: Apache-2.0
// Times work that starts with a cold last-level cache, as most of a model's ops do: weights come from memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "device/device.h"
#include "measure/sampler.h"

namespace assay {

class ColdTimer {
 public:
  explicit ColdTimer(Lane& lane);

  /// Seconds of `repeats` runs of `work`, each after `prepare` and a flush of the cache, neither of which is
  /// timed. The flush keeps a queue busy while the host enqueues, so that a device's clock sees no host.
  double seconds(std::int64_t repeats, const std::function<void()>& prepare,
                 const std::function<void()>& work);

  /// A sample lasts at least 100 times what two marks with nothing between them show.
  SampleLimits limits() const { return {.shortest_s = shortest_s_, .max_repeats = kMaxRepeats}; }

 private:
  static constexpr std::int64_t kMaxRepeats =
      16;  // each costs a flush, which takes longer than short work does
  Lane& lane_;
  std::unique_ptr<Marks> marks_;
  double shortest_s_ = 0;
};

}  // namespace assay
