// SPDX-License-Identifier: Apache-2.0
// The largest logit: several blocks a sequence, joined by an atomic maximum of (key, inverted id), which
// makes the lowest id win among equals.
#include <algorithm>
#include <vector>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "device/device.h"
#include "kernels/sample/logits.cuh"
#include "kernels/sample/sample.h"

namespace assay {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kLeastShare = 8192;  // logits that make a block worth its start

__device__ inline Mass larger(Mass a, Mass b) {
  return a > b ? a : b;
}

template <typename T>
__global__ void __launch_bounds__(kThreads) argmax_rows(const T* __restrict__ logits,  // [sequences, vocab]
                                                        Chosen chosen, std::int64_t vocab, std::int64_t share,
                                                        Mass* best,  // [sequences], 0 between launches, as is
                                                        unsigned* finished) {  // [sequences]
  start_early();
  __shared__ Mass best_of[kThreads / kWarp];
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t sequence = blockIdx.y, from = blockIdx.x * share, to = min(from + share, vocab);
  Mass mine = 0;
  each_logit(logits + sequence * vocab, from, to, thread, kThreads, [&](std::int64_t id, float logit) {
    mine = larger(mine, Mass{logit_key(logit)} << 32 | (0xffffffffu - static_cast<std::uint32_t>(id)));
  });
#pragma unroll
  for (int step = kWarp / 2; step > 0; step /= 2) mine = larger(mine, __shfl_xor_sync(~0u, mine, step));
  if (thread % kWarp == 0) best_of[thread / kWarp] = mine;
  __syncthreads();
  if (thread != 0) return;
  for (const Mass other : best_of) mine = larger(mine, other);
  if (gridDim.x > 1) {
    atomicMax(&best[sequence], mine);
    __threadfence();
    if (atomicAdd(&finished[sequence], 1u) != gridDim.x - 1) return;
    __threadfence();
    mine = atomicExch(&best[sequence], Mass{0});
    finished[sequence] = 0;
  }
  chosen.take(sequence, 0xffffffffu - static_cast<std::uint32_t>(mine));
}

template <typename T>
class ArgmaxCuda final : public Kernel {
 public:
  ArgmaxCuda(const Sample& op, Lane& lane) : p_(op.p) {
    const std::int64_t at_once = std::max<std::int64_t>(1, lane.device().info().units) * std::int64_t{4};
    blocks_ = std::clamp<std::int64_t>(at_once / p_.sequences, 1, (p_.vocab + kLeastShare - 1) / kLeastShare);
    share_ = (p_.vocab + blocks_ - 1) / blocks_;
    blocks_ = (p_.vocab + share_ - 1) / share_;
    const std::vector<Mass> zeros(static_cast<std::size_t>(2 * p_.sequences));
    const auto bytes = static_cast<std::int64_t>(zeros.size() * sizeof(Mass));
    state_ = lane.device().allocate(bytes);
    lane.write(state_->buffer(), zeros.data(), bytes);
  }

  std::int64_t workspace_bytes() const override { return state_->buffer().bytes; }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    auto* best = static_cast<Mass*>(state_->buffer().data);
    const Chosen chosen{.tokens = static_cast<std::int32_t*>(out[0].data),
                        .positions = static_cast<std::int32_t*>(out[1].data),
                        .history = static_cast<std::int32_t*>(out[2].data),
                        .capacity = p_.capacity};
    const dim3 grid(static_cast<unsigned>(blocks_), static_cast<unsigned>(p_.sequences));
    assay::launch_early(argmax_rows<T>, grid, kThreads, 0, stream, static_cast<const T*>(in[0].data), chosen,
                        p_.vocab, share_, best, reinterpret_cast<unsigned*>(best + p_.sequences));
  }

 private:
  const Sample::Params p_;
  std::int64_t blocks_, share_;
  std::unique_ptr<Memory> state_;
};

}  // namespace

std::unique_ptr<Kernel> make_sample_cuda_argmax(const Op& op, Lane& lane) {
  const auto& sample = op_cast<Sample>(op);
  if (sample.p.temperature != 0) throw Unsupported("sample/argmax takes temperature 0 only");
  if (sample.p.sequences > 65535)
    throw Unsupported("sample/argmax takes up to 65535 sequences, not " + std::to_string(sample.p.sequences));
  return kernel_for(sample.p.type, "sample/argmax", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<ArgmaxCuda<T>>(sample, lane);
  });
}

}  // namespace assay
