// SPDX-License-Identifier: Apache-2.0
// Eight lanes an anchor look for its best class; the first of them writes its box.
#include <algorithm>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/box_decode/box_decode.h"
#include "kernels/sample/logits.cuh"

namespace assay {
namespace {

constexpr int kThreads = 256, kLanes = 8;
constexpr int kLevels = static_cast<int>(BoxDecode::kMostLevels);

template <typename T>
struct DecodeArgs {
  const T *reg[kLevels], *obj[kLevels], *cls[kLevels];
  std::int64_t width[kLevels], stride[kLevels];
  std::int64_t first[kLevels + 1];  // anchor of a level; the number of all anchors where there is none
  std::int64_t classes;
  const float* prior;       // [images, anchors]
  float *boxes, *scores;    // [images, anchors, 4], [images, anchors]
  std::int32_t* class_ids;  // [images, anchors]
};

__device__ inline float sigmoid(float x) {
  return 1 / (1 + expf(-x));
}

template <typename T>
__global__ void __launch_bounds__(kThreads) decode_boxes(DecodeArgs<T> a) {
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  const std::int64_t anchors = a.first[kLevels];
  const std::int64_t anchor = (std::int64_t{blockIdx.x} * kThreads + threadIdx.x) / kLanes;
  const std::int64_t image = blockIdx.y;
  const bool there = anchor < anchors;  // the others stay for the shuffles

  // Selected, not indexed by a variable: parameters stay out of local memory.
  const T *reg = a.reg[0], *obj = a.obj[0], *cls = a.cls[0];
  std::int64_t width = a.width[0], stride = a.stride[0], first = 0, behind = a.first[1];
#pragma unroll
  for (int l = 1; l < kLevels; ++l)
    if (anchor >= a.first[l] && there) {
      reg = a.reg[l], obj = a.obj[l], cls = a.cls[l];
      width = a.width[l], stride = a.stride[l], first = a.first[l], behind = a.first[l + 1];
    }
  const std::int64_t pixel = anchor - first, at = image * (behind - first) + pixel;

  Mass best = 0;
  if (there)
    for (std::int64_t c = lane; c < a.classes; c += kLanes) {
      const std::uint32_t key = logit_key(to_float(cls[at * a.classes + c]));
      best = max(best, Mass{key} << 32 | (0xffffffffu - static_cast<std::uint32_t>(c)));
    }
#pragma unroll
  for (int step = kLanes / 2; step > 0; step /= 2) best = max(best, __shfl_xor_sync(~0u, best, step));
  if (!there || lane != 0) return;

  const std::int64_t to = image * anchors + anchor;
  const float object = to_float(obj[at]) + a.prior[to];
  a.scores[to] = sigmoid(object) * sigmoid(logit_of(static_cast<std::uint32_t>(best >> 32)));
  a.class_ids[to] = static_cast<std::int32_t>(0xffffffffu - static_cast<std::uint32_t>(best));
  const auto scale = static_cast<float>(stride);
  const float x = (to_float(reg[at * 4]) + static_cast<float>(pixel % width)) * scale;
  const float y = (to_float(reg[at * 4 + 1]) + static_cast<float>(pixel / width)) * scale;
  const float w = expf(to_float(reg[at * 4 + 2])) * scale / 2;
  const float h = expf(to_float(reg[at * 4 + 3])) * scale / 2;
  Vec<float, 4>{{x - w, y - h, x + w, y + h}}.store(a.boxes + to * 4);
}

template <typename T>
class BoxDecodeCuda final : public Kernel {
 public:
  explicit BoxDecodeCuda(const BoxDecode& op) : op_(op) {
    const std::size_t levels = op.p.levels.size();
    for (std::size_t l = 0; l <= BoxDecode::kMostLevels; ++l)
      args_.first[l] = op.first_anchor(std::min(l, levels));
    for (std::size_t l = 0; l < levels; ++l) {
      args_.width[l] = op.p.levels[l].width;
      args_.stride[l] = op.p.levels[l].stride;
    }
    args_.classes = op.p.classes;
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    DecodeArgs<T> args = args_;
    for (std::size_t l = 0; l < op_.p.levels.size(); ++l) {
      args.reg[l] = static_cast<const T*>(in[3 * l].data);
      args.obj[l] = static_cast<const T*>(in[3 * l + 1].data);
      args.cls[l] = static_cast<const T*>(in[3 * l + 2].data);
    }
    args.prior = static_cast<const float*>(in.back().data);
    args.boxes = static_cast<float*>(out[0].data);
    args.scores = static_cast<float*>(out[1].data);
    args.class_ids = static_cast<std::int32_t*>(out[2].data);
    const dim3 grid(blocks_for(op_.anchors(), kThreads / kLanes), static_cast<unsigned>(op_.p.images));
    assay::launch(decode_boxes<T>, grid, kThreads, 0, stream, args);
  }

 private:
  const BoxDecode op_;
  DecodeArgs<T> args_ = {};
};

}  // namespace

std::unique_ptr<Kernel> make_box_decode_cuda(const Op& op, Lane&) {
  const auto& decode = op_cast<BoxDecode>(op);
  if (decode.p.images > 65535) throw Unsupported("box_decode/lanes takes up to 65535 images");
  return kernel_for(decode.p.type, "box_decode/lanes", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<BoxDecodeCuda<T>>(decode);
  });
}

}  // namespace assay
