// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/concat/concat.h"
#include "kernels/elements_cpu.h"
#include "plan/kernel.h"

namespace assay {
namespace {

class ConcatKernel final : public Kernel {
 public:
  explicit ConcatKernel(const Concat& op)
      : rows_(op.p.rows),
        left_(op.p.left * bytes_of(op.p.type)),
        right_(op.p.parts * op.p.width * bytes_of(op.p.type)),
        bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    const auto left = static_cast<std::size_t>(left_), right = static_cast<std::size_t>(right_);
    cpu::parallel_ranges(rows_, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t r = begin; r < end; ++r) {
        std::byte* const y = out[0].as<std::byte>().data() + r * (left_ + right_);
        std::memcpy(y, in[0].as<const std::byte>().data() + r * left_, left);
        std::memcpy(y + left_, in[1].as<const std::byte>().data() + r * right_, right);
      }
    });
  }

 private:
  const std::int64_t rows_, left_, right_;  // the sides in bytes
  const double bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_concat_cpu(const Op& op, Lane&) {
  return std::make_unique<ConcatKernel>(op_cast<Concat>(op));
}

}  // namespace assay
