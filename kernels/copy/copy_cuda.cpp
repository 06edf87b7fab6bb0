// SPDX-License-Identifier: Apache-2.0
// The copy engine, in the order of the stream. The host's side is pinned memory (Device::allocate_host),
// which alone is moved at the link's full rate and without waiting.
#include <cuda_runtime.h>

#include "device/cuda/cuda_check.h"
#include "kernels/copy/copy.h"
#include "plan/kernel.h"

namespace assay {
namespace {

class CopyCuda final : public Kernel {
 public:
  explicit CopyCuda(const Copy& op)
      : bytes_(static_cast<std::size_t>(op.inputs()[0].bytes())),
        direction_(op.p.to == Place::device ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost) {}
  void launch(Stream& stream, Buffers in, Buffers out) override {
    ASSAY_CUDA(cudaMemcpyAsync(out[0].data, in[0].data, bytes_, direction_,
                               static_cast<cudaStream_t>(stream.handle)));
  }

 private:
  const std::size_t bytes_;
  const cudaMemcpyKind direction_;
};

}  // namespace

std::unique_ptr<Kernel> make_copy_cuda(const Op& op, Lane&) {
  return std::make_unique<CopyCuda>(op_cast<Copy>(op));
}

}  // namespace assay
