// SPDX-License-Identifier: Apache-2.0
// A row of y is made of a row of x, pixel by pixel, and then copied as a whole.
#include <cstring>

#include "kernels/elements_cpu.h"
#include "kernels/upsample/upsample.h"
#include "plan/kernel.h"

namespace assay {
namespace {

class UpsampleKernel final : public Kernel {
 public:
  explicit UpsampleKernel(const Upsample& op)
      : p_(op.p), pixel_(op.p.channels * bytes_of(op.p.type)), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    const auto pixel = static_cast<std::size_t>(pixel_);
    const std::int64_t row = p_.width * p_.factor * pixel_;
    cpu::parallel_ranges(p_.batch * p_.height, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t r = begin; r < end; ++r) {
        const std::byte* x = in[0].as<const std::byte>().data() + r * p_.width * pixel_;
        std::byte* const first = out[0].as<std::byte>().data() + r * p_.factor * row;
        std::byte* y = first;
        for (std::int64_t w = 0; w < p_.width; ++w, x += pixel_)
          for (std::int64_t i = 0; i < p_.factor; ++i, y += pixel_) std::memcpy(y, x, pixel);
        for (std::int64_t i = 1; i < p_.factor; ++i)
          std::memcpy(first + i * row, first, static_cast<std::size_t>(row));
      }
    });
  }

 private:
  const Upsample::Params p_;
  const std::int64_t pixel_;  // bytes
  const double bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_upsample_cpu(const Op& op, Lane&) {
  return std::make_unique<UpsampleKernel>(op_cast<Upsample>(op));
}

}  // namespace assay
