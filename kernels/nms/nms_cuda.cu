// SPDX-License-Identifier: Apache-2.0
// Three launches. Candidates are collected, a block an image; each counts those that are better, which is its
// place in the order (no sort, and all multiprocessors at work); then a block an image walks along the order
// 64 candidates at a time, first against all boxes kept so far, then among themselves by masks of bits.
#include <algorithm>

#include "device/cuda/convert.cuh"
#include "device/cuda/launch.cuh"
#include "device/device.h"
#include "kernels/nms/nms.h"
#include "kernels/sample/logits.cuh"

namespace assay {
namespace {

constexpr int kThreads = 256;
constexpr int kChunk = 64, kParts = kThreads / kChunk;  // candidates at once; threads that share one

using Corners = Vec<float, 4>;

struct NmsArgs {
  const float* boxes;           // [images, boxes, 4]
  const float* scores;          // [images, boxes]
  const std::int32_t* classes;  // [images, boxes]
  std::int32_t* y_counts;       // [images]
  float *y_boxes, *y_scores;    // [images, most, 4], [images, most]
  std::int32_t* y_classes;      // [images, most]
  Mass* keys;                   // [images, boxes]: candidates in any order
  std::int32_t* order;          // [images, boxes]: their indices, the best first
  std::int32_t* candidates;     // [images]
  std::int64_t count, most;     // of an image's boxes; of those that are kept
  float score_threshold, iou_threshold;
};

__global__ void __launch_bounds__(kThreads) collect_candidates(NmsArgs a) {
  __shared__ int found;
  const std::int64_t first = std::int64_t{blockIdx.x} * a.count;
  if (threadIdx.x == 0) found = 0;
  __syncthreads();
  for (std::int64_t i = threadIdx.x; i < a.count; i += kThreads) {
    const float score = a.scores[first + i];
    if (!(score >= a.score_threshold)) continue;
    a.keys[first + atomicAdd(&found, 1)] =
        Mass{logit_key(score)} << 32 | (0xffffffffu - static_cast<std::uint32_t>(i));
  }
  __syncthreads();
  if (threadIdx.x == 0) a.candidates[blockIdx.x] = found;
}

__global__ void __launch_bounds__(kThreads) order_candidates(NmsArgs a) {
  __shared__ Mass others[kThreads];
  const std::int64_t image = blockIdx.y, first = image * a.count, found = a.candidates[image];
  const std::int64_t mine = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (std::int64_t{blockIdx.x} * kThreads >= found) return;  // the whole block
  const Mass key = mine < found ? a.keys[first + mine] : 0;
  std::int64_t better = 0;
  for (std::int64_t base = 0; base < found; base += kThreads) {
    __syncthreads();
    others[threadIdx.x] = base + threadIdx.x < found ? a.keys[first + base + threadIdx.x] : 0;
    __syncthreads();
#pragma unroll 8
    for (int i = 0; i < kThreads; ++i) better += others[i] > key ? 1 : 0;
  }
  if (mine < found)
    a.order[first + better] = static_cast<std::int32_t>(0xffffffffu - static_cast<std::uint32_t>(key));
}

__device__ inline bool overlap(const Corners& a, const Corners& b, float threshold) {
  const float across = fminf(a.at[2], b.at[2]) - fmaxf(a.at[0], b.at[0]);
  const float down = fminf(a.at[3], b.at[3]) - fmaxf(a.at[1], b.at[1]);
  const float both = fmaxf(across, 0.0f) * fmaxf(down, 0.0f);
  const float area_a = (a.at[2] - a.at[0]) * (a.at[3] - a.at[1]);
  const float area_b = (b.at[2] - b.at[0]) * (b.at[3] - b.at[1]);
  return both > threshold * (area_a + area_b - both) && both > 0;
}

__global__ void __launch_bounds__(kThreads) suppress(NmsArgs a) {
  __shared__ Corners box[kChunk];
  __shared__ int place[kChunk];                // class
  __shared__ unsigned before[kParts][kChunk];  // by which of the 16 candidates of a part one is overlapped
  __shared__ int gone[kParts][kChunk];         // overlapped by one of a part of those kept
  __shared__ Mass taken;
  const int thread = static_cast<int>(threadIdx.x), mine = thread % kChunk, part = thread / kChunk;
  const std::int64_t image = blockIdx.x, first = image * a.count, found = a.candidates[image];
  float* const y_boxes = a.y_boxes + image * a.most * 4;  // written and read again here: no __restrict__
  std::int32_t* const y_classes = a.y_classes + image * a.most;
  std::int64_t kept = 0;

  for (std::int64_t base = 0; base < found && kept < a.most; base += kChunk) {
    const int here = static_cast<int>(min(std::int64_t{kChunk}, found - base));
    std::int64_t index = 0;
    if (thread < here) {
      index = a.order[first + base + thread];
      box[thread] = Corners::load(a.boxes + (first + index) * 4);
      place[thread] = a.classes[first + index];
    }
    __syncthreads();  // and the rows kept of the chunk before can be read

    bool lost = false;
    unsigned mask = 0;
    if (mine < here) {
      for (std::int64_t k = part; k < kept && !lost; k += kParts)
        lost = y_classes[k] == place[mine] &&
               overlap(Corners::load(y_boxes + 4 * k), box[mine], a.iou_threshold);
      constexpr int kShare = kChunk / kParts;
      for (int i = 0; i < kShare; ++i) {
        const int other = part * kShare + i;
        if (other < mine && place[other] == place[mine] && overlap(box[other], box[mine], a.iou_threshold))
          mask |= 1u << i;
      }
    }
    gone[part][mine] = lost ? 1 : 0;
    before[part][mine] = mask;
    __syncthreads();

    if (thread == 0) {
      Mass rows = 0;
      for (int c = 0; c < here; ++c) {
        Mass over = 0;
        int out = 0;
        for (int p = 0; p < kParts; ++p) {
          over |= Mass{before[p][c]} << (p * (kChunk / kParts));
          out |= gone[p][c];
        }
        if (out == 0 && (over & rows) == 0) rows |= Mass{1} << c;
      }
      taken = rows;
    }
    __syncthreads();

    const Mass rows = taken;
    const std::int64_t row = kept + __popcll(rows & ((Mass{1} << mine) - 1));
    if (thread < here && (rows >> mine & 1) != 0 && row < a.most) {
      box[mine].store(y_boxes + row * 4);
      y_classes[row] = place[mine];
      a.y_scores[image * a.most + row] = a.scores[first + index];
    }
    kept = min(kept + __popcll(rows), a.most);
  }
  if (thread == 0) a.y_counts[image] = static_cast<std::int32_t>(kept);
}

class NmsCuda final : public Kernel {
 public:
  NmsCuda(const Nms& op, Lane& lane) : p_(op.p) {
    const std::int64_t boxes = p_.images * p_.boxes;
    work_ = lane.device().allocate(boxes * 8 + boxes * 4 + p_.images * 4);
  }

  std::int64_t workspace_bytes() const override { return work_->buffer().bytes; }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    auto* keys = static_cast<Mass*>(work_->buffer().data);
    auto* order = reinterpret_cast<std::int32_t*>(keys + p_.images * p_.boxes);
    const NmsArgs args{.boxes = static_cast<const float*>(in[0].data),
                       .scores = static_cast<const float*>(in[1].data),
                       .classes = static_cast<const std::int32_t*>(in[2].data),
                       .y_counts = static_cast<std::int32_t*>(out[0].data),
                       .y_boxes = static_cast<float*>(out[1].data),
                       .y_scores = static_cast<float*>(out[2].data),
                       .y_classes = static_cast<std::int32_t*>(out[3].data),
                       .keys = keys,
                       .order = order,
                       .candidates = order + p_.images * p_.boxes,
                       .count = p_.boxes,
                       .most = p_.most,
                       .score_threshold = p_.score_threshold,
                       .iou_threshold = p_.iou_threshold};
    const auto images = static_cast<unsigned>(p_.images);
    assay::launch(collect_candidates, images, kThreads, 0, stream, args);
    assay::launch(order_candidates, dim3(blocks_for(p_.boxes, kThreads), images), kThreads, 0, stream, args);
    assay::launch(suppress, images, kThreads, 0, stream, args);
  }

 private:
  const Nms::Params p_;
  std::unique_ptr<Memory> work_;
};

}  // namespace

std::unique_ptr<Kernel> make_nms_cuda(const Op& op, Lane& lane) {
  const auto& nms = op_cast<Nms>(op);
  if (nms.p.images > 65535) throw Unsupported("nms/chunks takes up to 65535 images");
  return std::make_unique<NmsCuda>(nms, lane);
}

}  // namespace assay
