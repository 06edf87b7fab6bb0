// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <vector>

#include "kernels/concat/concat.h"
#include "kernels/elements_cpu.h"
#include "plan/kernel.h"

namespace assay {
namespace {

class ConcatKernel final : public Kernel {
 public:
  explicit ConcatKernel(const Concat& op)
      : rows_(op.row_count()),
        row_(op.columns() * bytes_of(op.p.type)),
        bytes_(op.cost().all_paths().both()) {
    for (const Shape& part : op.p.parts) parts_.push_back(elements_of(part) * bytes_of(op.p.type));
  }
  void launch(Stream&, Buffers in, Buffers out) override {
    cpu::parallel_ranges(rows_, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      std::byte* y = out[0].as<std::byte>().data() + begin * row_;
      for (std::int64_t r = begin; r < end; ++r)
        for (std::size_t i = 0; i < parts_.size(); ++i) {
          std::memcpy(y, in[i].as<const std::byte>().data() + r * parts_[i],
                      static_cast<std::size_t>(parts_[i]));
          y += parts_[i];
        }
    });
  }

 private:
  const std::int64_t rows_, row_;    // bytes of a row of y
  std::vector<std::int64_t> parts_;  // bytes of a row of each input
  const double bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_concat_cpu(const Op& op, Lane&) {
  return std::make_unique<ConcatKernel>(op_cast<Concat>(op));
}

}  // namespace assay
