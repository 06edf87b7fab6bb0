// SPDX-License-Identifier: Apache-2.0
// A kernel that a test writes down where it is used.
#pragma once

#include <functional>
#include <utility>

#include "plan/kernel.h"

namespace assay {

class LambdaKernel final : public Kernel {
 public:
  using Work = std::function<void(Buffers in, Buffers out)>;
  explicit LambdaKernel(Work work) : work_(std::move(work)) {}
  void launch(Stream&, Buffers in, Buffers out) override { work_(in, out); }

 private:
  Work work_;
};

}  // namespace assay
