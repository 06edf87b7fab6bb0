// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/upsample/upsample.h"

namespace assay {
namespace {

template <typename T, int N>
__global__ void __launch_bounds__(RowGrid::kThreads)
    upsample_pixels(const T* __restrict__ x,  // [rows, width, channels]
                    T* __restrict__ y,        // [factor rows, factor width, channels]
                    std::int64_t pixels,      // of x
                    std::int64_t width, std::int64_t channels, std::int64_t factor) {
  const std::int64_t pixel = grid_row(), c = grid_vector() * N;
  if (pixel >= pixels || c >= channels) return;
  const auto v = Vec<T, N>::load(x + pixel * channels + c);
  T* to = y + (pixel / width * factor * width + pixel % width) * factor * channels + c;
  for (std::int64_t h = 0; h < factor; ++h, to += width * factor * channels)
    for (std::int64_t w = 0; w < factor; ++w) v.store(to + w * channels);
}

template <typename T>
class UpsampleCuda final : public Kernel {
 public:
  explicit UpsampleCuda(const Upsample& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    rows_align_16<T>(p_.channels) ? run<kVec16<T>>(stream, in, out) : run<1>(stream, in, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const std::int64_t pixels = p_.batch * p_.height * p_.width;
    const RowGrid shape(pixels, p_.channels / N);
    assay::launch(upsample_pixels<T, N>, shape.grid, shape.block, 0, stream,
                  static_cast<const T*>(in[0].data), static_cast<T*>(out[0].data), pixels, p_.width,
                  p_.channels, p_.factor);
  }
  const Upsample::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_upsample_cuda(const Op& op, Lane&) {
  const auto& upsample = op_cast<Upsample>(op);
  return kernel_for(upsample.p.type, "upsample/copy", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<UpsampleCuda<T>>(upsample);
  });
}

}  // namespace assay
