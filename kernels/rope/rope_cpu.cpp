// SPDX-License-Identifier: Apache-2.0
// Rotary embedding in place, each head normalised first where the model does (Qwen3). The two halves of a
// head are walked together; cosines and sines lie interleaved in the table and are taken apart once a token.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rope/rope_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/rope/rope.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <typename T>
HWY_INLINE float inverse_rms(const T* head, std::int64_t head_dim, float eps) {
  Floats a = set(0), b = set(0);
  for (std::int64_t c = 0; c < head_dim; c += kStep) {
    const Pair v = load_pair(head + c, head_dim - c);
    a = hn::MulAdd(v.a, v.a, a);
    b = hn::MulAdd(v.b, v.b, b);
  }
  return 1.0f / std::sqrt(sum(hn::Add(a, b)) / static_cast<float>(head_dim) + eps);
}

HWY_INLINE Pair times(const Pair& x, const Pair& y) {
  return {hn::Mul(x.a, y.a), hn::Mul(x.b, y.b)};
}

HWY_INLINE Pair plus(const Pair& x, const Pair& y) {
  return {hn::Add(x.a, y.a), hn::Add(x.b, y.b)};
}

/// `angles`: cosines, then sines, [head_dim / 2] each, as T's pairs order them. `weight` is null without a
/// norm, which multiplies by it + `offset`.
template <typename T>
HWY_INLINE void rotate(T* head, std::int64_t half, const float* angles, const T* weight, float offset,
                       float eps) {
  const std::int64_t padded = round_up(half, kStep);
  const float scale = weight == nullptr ? 1.0f : inverse_rms(head, 2 * half, eps);
  const Pair scales = {set(scale), set(scale)}, offsets = {set(offset), set(offset)};
  for (std::int64_t i = 0; i < half; i += kStep) {
    const std::int64_t n = half - i;
    Pair x = load_pair(head + i, n), y = load_pair(head + half + i, n);
    if (weight != nullptr) {
      x = times(times(x, scales), plus(load_pair(weight + i, n), offsets));
      y = times(times(y, scales), plus(load_pair(weight + half + i, n), offsets));
    }
    const Pair cosine = load_pair(angles + i), sine = load_pair(angles + padded + i);
    store_pair(head + i,
               {hn::NegMulAdd(y.a, sine.a, hn::Mul(x.a, cosine.a)),
                hn::NegMulAdd(y.b, sine.b, hn::Mul(x.b, cosine.b))},
               n);
    store_pair(
        head + half + i,
        {hn::MulAdd(x.a, sine.a, hn::Mul(y.a, cosine.a)), hn::MulAdd(x.b, sine.b, hn::Mul(y.b, cosine.b))},
        n);
  }
}

template <typename T>
void rope(const Rope::Params& p, Buffers in, Buffers out, float* angles, std::int64_t begin,
          std::int64_t end) {
  const std::int64_t half = p.head_dim / 2, padded = round_up(half, kStep);
  const std::int64_t row = (p.q_heads + 2 * p.kv_heads) * p.head_dim;
  const std::int32_t* positions = in[1].as<const std::int32_t>().data();
  const T* q_norm = p.qk_norm ? in[3].as<const T>().data() : nullptr;
  const T* k_norm = p.qk_norm ? in[4].as<const T>().data() : nullptr;
  for (std::int64_t t = begin; t < end; ++t) {
    const float* table = in[2].as<const float>().data() + positions[t] * p.head_dim;  // [head_dim / 2, 2]
    for (std::int64_t i = 0; i < half; ++i) {
      const std::int64_t place = i / kStep * kStep + place_in_pair<T>(i % kStep);
      angles[place] = table[2 * i];
      angles[padded + place] = table[2 * i + 1];
    }
    T* head = out[0].as<T>().data() + t * row;
    for (std::int64_t h = 0; h < p.q_heads + p.kv_heads; ++h, head += p.head_dim)
      rotate(head, half, angles, h < p.q_heads ? q_norm : k_norm, p.norm_offset, p.eps);
  }
}

void RopeTokens(const Rope::Params& p, Buffers in, Buffers out, float* angles, std::int64_t begin,
                std::int64_t end) {
  with_element(p.type, [&](auto element) { rope<decltype(element)>(p, in, out, angles, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(RopeTokens);

class RopeKernel final : public Kernel {
 public:
  explicit RopeKernel(const Rope& op)
      : p_(op.p),
        bytes_(op.cost().all_paths().both()),
        stride_(round_up(p_.head_dim, 64) + 128),
        angles_(stride_ * omp_get_max_threads()) {}

  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.tokens, bytes_, [&](std::int64_t begin, std::int64_t end, int thread) {
      HWY_DYNAMIC_DISPATCH(RopeTokens)(p_, in, out, angles_.data() + stride_ * thread, begin, end);
    });
  }

 private:
  const Rope::Params p_;
  const double bytes_;
  const std::int64_t
      stride_;  // floats a thread: two halves, each padded to at most a pair of 512-bit vectors
  const Scratch angles_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_rope_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "rope");
  return std::make_unique<cpu::RopeKernel>(op_cast<Rope>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
