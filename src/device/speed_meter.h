// SPDX-License-Identifier: Apache-2.0
// How fast the device's units run right now, beside the best that they were seen to. What a neighbour takes
// of a core that it shares with us (the other hardware thread, of another virtual machine) shows in no
// counter, and here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace assay {

class SpeedMeter {
 public:
  virtual ~SpeedMeter() = default;

  /// Bytes/s through a core's first cache; some 0.2 ms.
  double take();
  /// Takes so many that the best is known on a machine that rests now and then: a second, once. None where
  /// an earlier run knew it: a neighbour that is busy all the while would not be seen otherwise.
  void get_to_know(double known = 0);
  /// What so many takes reached, or all where there are fewer (0 before the first): a few lie above what the
  /// device keeps up. However long a neighbour is busy, it does not fade.
  static constexpr std::size_t kOften = 20;
  double best() const { return std::max(known_, highest_.empty() ? 0 : highest_.front()); }

 private:
  virtual double measure() = 0;
  std::vector<double> highest_;  // at most kOften, the lowest of them first
  std::int64_t takes_ = 0;
  double known_ = 0;
};

}  // namespace assay
