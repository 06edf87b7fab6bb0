// SPDX-License-Identifier: Apache-2.0
// Host and device are one memory here: all threads copy a part each.
#include "device/cpu/cpu_memory.h"
#include "kernels/copy/copy.h"
#include "plan/kernel.h"

namespace assay {
namespace {

class CopyCpu final : public Kernel {
 public:
  explicit CopyCpu(std::int64_t bytes) : bytes_(bytes) {}
  void launch(Stream&, Buffers in, Buffers out) override { parallel_copy(out[0].data, in[0].data, bytes_); }

 private:
  const std::int64_t bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_copy_cpu(const Op& op, Lane&) {
  return std::make_unique<CopyCpu>(op_cast<Copy>(op).inputs()[0].bytes());
}

}  // namespace assay
