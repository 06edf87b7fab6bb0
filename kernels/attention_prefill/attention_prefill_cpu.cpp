// SPDX-License-Identifier: Apache-2.0
// Prefill attention in tiles with a running softmax, so that scores never leave the second-level cache. Keys
// are widened to f32 and transposed, so that both products (scores = queries keys^T, result += weights
// values) are the same register-blocked multiply over vectors of keys and of columns. Tiles and panels that
// the causal mask or the window excludes altogether are skipped.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_prefill/attention_prefill_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include "kernels/attention_prefill/tile_cpu.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

constexpr std::int64_t kKeys = PrefillTiling::kKeys;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

// Rows multiplied at once: with two vectors of accumulators each they fill 12 of 16 or 24 of 32 registers.
constexpr int kRows = HWY_TARGET <= HWY_AVX3 ? 12 : 6;

/// c[kRows][pair] (+)= a b for a panel b[depth][pair]; element (m, k) of a lies at a[m * kRowStride + k *
/// kDepthStride].
template <int kRowStride, int kDepthStride, bool kAdd>
HWY_INLINE void multiply(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::int64_t depth,
                         float* HWY_RESTRICT c, std::int64_t c_stride) {
  Floats left[kRows], right[kRows];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) {
    left[m] = kAdd ? hn::Load(kF, c + m * c_stride) : hn::Zero(kF);
    right[m] = kAdd ? hn::Load(kF, c + m * c_stride + kLanes) : hn::Zero(kF);
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    const Floats b0 = hn::Load(kF, b + k * kStep), b1 = hn::Load(kF, b + k * kStep + kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) {
      const Floats x = set(a[m * kRowStride + k * kDepthStride]);
      left[m] = hn::MulAdd(x, b0, left[m]);
      right[m] = hn::MulAdd(x, b1, right[m]);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) {
    hn::Store(left[m], kF, c + m * c_stride);
    hn::Store(right[m], kF, c + m * c_stride + kLanes);
  }
}

/// panel[c][key], c < width, from four rows strip[4][width]: the four keys that start at `panel`.
HWY_INLINE void transpose_strip(const float* strip, std::int64_t width, float* panel) {
#if HWY_TARGET == HWY_SCALAR
  for (std::int64_t c = 0; c < width; ++c)
    for (std::int64_t i = 0; i < 4; ++i)
      panel[i / kStep * width * kStep + c * kStep + i % kStep] = strip[i * width + c];
#else
  const hn::FixedTag<float, 4> d4;
  const hn::Repartition<std::uint64_t, decltype(d4)> d2;
  for (std::int64_t c = 0; c < width; c += 4) {
    const auto r0 = hn::Load(d4, strip + c), r1 = hn::Load(d4, strip + width + c);
    const auto r2 = hn::Load(d4, strip + 2 * width + c), r3 = hn::Load(d4, strip + 3 * width + c);
    const auto low01 = hn::BitCast(d2, hn::InterleaveLower(d4, r0, r1));
    const auto low23 = hn::BitCast(d2, hn::InterleaveLower(d4, r2, r3));
    const auto high01 = hn::BitCast(d2, hn::InterleaveUpper(d4, r0, r1));
    const auto high23 = hn::BitCast(d2, hn::InterleaveUpper(d4, r2, r3));
    hn::Store(hn::BitCast(d4, hn::InterleaveLower(d2, low01, low23)), d4, panel + c * kStep);
    hn::Store(hn::BitCast(d4, hn::InterleaveUpper(d2, low01, low23)), d4, panel + (c + 1) * kStep);
    hn::Store(hn::BitCast(d4, hn::InterleaveLower(d2, high01, high23)), d4, panel + (c + 2) * kStep);
    hn::Store(hn::BitCast(d4, hn::InterleaveUpper(d2, high01, high23)), d4, panel + (c + 3) * kStep);
  }
#endif
}

/// One tile of one sequence and key head.
template <typename T>
class PrefillTile {
 public:
  PrefillTile(const AttentionPrefill& op, const PrefillTiling& tiling, const T* qkv, T* y, float* scratch,
              std::int64_t sequence, std::int64_t kv_head, std::int64_t tile)
      : p_(op.p),
        t_(tiling),
        width_(round_up(p_.head_dim, kStep)),
        row_(op.row()),
        qkv_(qkv + sequence * p_.tokens * row_),
        y_(y + sequence * p_.tokens * p_.q_heads * p_.head_dim),
        kv_head_(kv_head),
        first_(tile * tiling.tokens),
        tokens_(std::min(tiling.tokens, p_.tokens - first_)),
        rows_(tokens_ * tiling.group),
        groups_((rows_ + kRows - 1) / kRows),
        queries_(scratch + tiling.queries()),
        result_(scratch + tiling.result()),
        scores_(scratch + tiling.scores()),
        keys_(scratch + tiling.keys()),
        values_(scratch + tiling.values()),
        strip_(scratch + tiling.strip()),
        maxima_(scratch + tiling.maxima()),
        sums_(scratch + tiling.sums()) {
    // Scores come out in units of the exponent of 2, so that softmax needs no multiplication. A soft cap
    // wants them divided by the cap, and multiplies afterwards.
    constexpr float kLog2E = 1.44269504f;
    score_scale_ = p_.softcap > 0 ? op.scale() / p_.softcap : op.scale() * kLog2E;
    cap_ = p_.softcap * kLog2E;
  }

  void run() {
    load_queries();
    const std::int64_t last = p_.causal ? first_ + tokens_ : p_.tokens;  // one past the tile's last key
    const std::int64_t begin = p_.window > 0 ? std::max<std::int64_t>(0, first_ - p_.window + 1) : 0;
    for (key_ = begin; key_ < last; key_ += kKeys) {
      count_ = std::min(kKeys, last - key_);
      load_keys();
      load_values();
      for (std::int64_t panel = 0; panel < count_; panel += kStep) {
        prefetch(key_ + kKeys + panel, std::min(last, key_ + kKeys + panel + kStep));
        for (std::int64_t g = 0; g < groups_; ++g)
          if (panel < end_of(g) && panel + kStep > begin_of(g))
            multiply<1, kRows, false>(queries_ + g * kRows * width_, keys_ + panel * width_, width_,
                                      scores_ + g * kRows * kKeys + panel, kKeys);
      }
      for (std::int64_t r = 0; r < rows_; ++r) weigh(r);
      for (std::int64_t c = 0; c < width_; c += kStep)
        for (std::int64_t g = 0; g < groups_; ++g) {
          const std::int64_t from = begin_of(g), depth = end_of(g) - from;
          if (depth > 0)
            multiply<kKeys, 1, true>(scores_ + g * kRows * kKeys + from, values_ + c * kKeys + from * kStep,
                                     depth, result_ + g * kRows * width_ + c, width_);
        }
    }
    store_result();
  }

 private:
  // Keys of the present step that a row, or any row of a group of kRows, attends to: [begin, end) within it.
  std::int64_t token_of(std::int64_t row) const { return first_ + row / t_.group; }
  std::int64_t begin_of_token(std::int64_t token) const {
    return p_.window > 0 ? std::clamp<std::int64_t>(token - p_.window + 1 - key_, 0, kKeys) : 0;
  }
  std::int64_t end_of_token(std::int64_t token) const {
    return p_.causal ? std::clamp<std::int64_t>(token + 1 - key_, 0, count_) : count_;
  }
  std::int64_t begin_of(std::int64_t g) const { return begin_of_token(token_of(g * kRows)); }
  std::int64_t end_of(std::int64_t g) const {
    return end_of_token(token_of(std::min((g + 1) * kRows, rows_) - 1));
  }

  void load_queries() {
    const Floats scale = set(score_scale_);
    for (std::int64_t r = 0; r < groups_ * kRows; ++r) {
      float* out = queries_ + r / kRows * kRows * width_ + r % kRows;  // [width][kRows]
      HWY_ALIGN float wide[kStep];
      for (std::int64_t c = 0; c < width_; c += kStep) {
        Pair v = {hn::Zero(kF), hn::Zero(kF)};
        if (r < rows_) {
          const std::int64_t head = kv_head_ * t_.group + r % t_.group;
          v = load_pair(qkv_ + token_of(r) * row_ + head * p_.head_dim + c, p_.head_dim - c);
        }
        store_pair(wide, {hn::Mul(v.a, scale), hn::Mul(v.b, scale)});
        for (std::int64_t i = 0; i < kStep; ++i) out[(c + i) * kRows] = wide[i];
      }
      maxima_[r] = kNothing;
      sums_[r] = 0;
    }
    for (std::int64_t i = 0; i < groups_ * kRows * width_; i += kLanes)
      hn::Store(hn::Zero(kF), kF, result_ + i);
    for (std::int64_t i = 0; i < groups_ * kRows * kKeys; i += kLanes)
      hn::Store(hn::Zero(kF), kF, scores_ + i);
  }

  /// Keys and values of tokens to come. They lie a qkv row apart, where no hardware prefetcher looks.
  HWY_INLINE void prefetch(std::int64_t begin, std::int64_t end) const {
    const std::int64_t bytes = p_.head_dim * static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t token = begin; token < end; ++token) {
      const char* k = reinterpret_cast<const char*>(key_head(token - key_));
      for (std::int64_t byte = 0; byte < bytes; byte += 64) {
        __builtin_prefetch(k + byte, 0, 2);
        __builtin_prefetch(k + p_.kv_heads * bytes + byte, 0, 2);
      }
    }
  }

  const T* key_head(std::int64_t key) const {
    return qkv_ + (key_ + key) * row_ + (p_.q_heads + kv_head_) * p_.head_dim;
  }

  void load_keys() {
    for (std::int64_t key = 0; key < round_up(count_, kStep < 4 ? 4 : kStep); key += 4) {
      for (std::int64_t i = 0; i < 4; ++i)
        for (std::int64_t c = 0; c < width_; c += kStep) {
          const bool there = key + i < count_;
          store_pair(strip_ + i * width_ + c, there ? load_pair(key_head(key + i) + c, p_.head_dim - c)
                                                    : Pair{hn::Zero(kF), hn::Zero(kF)});
        }
      transpose_strip(strip_, width_, keys_ + key / kStep * width_ * kStep + key % kStep);
    }
  }

  void load_values() {
    for (std::int64_t key = 0; key < count_; ++key) {
      const T* v = key_head(key) + p_.kv_heads * p_.head_dim;
      for (std::int64_t c = 0; c < width_; c += kStep)
        store_pair(values_ + c * kKeys + key * kStep, load_pair(v + c, p_.head_dim - c));
    }
  }

  /// Turns a row's scores into weights, 2^(score - running maximum), and rescales its result to a new
  /// maximum.
  void weigh(std::int64_t r) {
    float* s = scores_ + r * kKeys;
    const std::int64_t g = r / kRows;
    const std::int64_t from = begin_of(g) / kLanes * kLanes, to = round_up(end_of(g), kLanes);
    const std::int64_t begin = begin_of_token(token_of(r)), end = end_of_token(token_of(r));
    if (begin >= end) {
      for (std::int64_t k = from; k < to; ++k) s[k] = 0;
      return;
    }
    if (p_.softcap > 0)
      for (std::int64_t k = from; k < to; k += kLanes)
        hn::Store(hn::Mul(hyperbolic_tangent(hn::Load(kF, s + k)), set(cap_)), kF, s + k);
    for (std::int64_t k = from; k < begin; ++k) s[k] = kNothing;
    for (std::int64_t k = end; k < to; ++k) s[k] = kNothing;

    Floats largest = hn::Load(kF, s + from);
    for (std::int64_t k = from + kLanes; k < to; k += kLanes) largest = hn::Max(largest, hn::Load(kF, s + k));
    const float maximum = max(largest);
    if (maximum > maxima_[r]) {
      if (maxima_[r] != kNothing) {
        const float shrink = std::exp2(maxima_[r] - maximum);
        sums_[r] *= shrink;
        float* out = result_ + r * width_;
        for (std::int64_t c = 0; c < width_; c += kLanes)
          hn::Store(hn::Mul(hn::Load(kF, out + c), set(shrink)), kF, out + c);
      }
      maxima_[r] = maximum;
    }
    const Floats shift = set(maxima_[r]);
    Floats total = hn::Zero(kF);
    for (std::int64_t k = from; k < to; k += kLanes) {
      const Floats weight = exp2_nonpositive(hn::Sub(hn::Load(kF, s + k), shift));
      total = hn::Add(total, weight);
      hn::Store(weight, kF, s + k);
    }
    sums_[r] += sum(total);
  }

  void store_result() {
    for (std::int64_t r = 0; r < rows_; ++r) {
      const std::int64_t head = kv_head_ * t_.group + r % t_.group;
      T* y = y_ + (token_of(r) * p_.q_heads + head) * p_.head_dim;
      const float* out = result_ + r * width_;
      const Floats inverse = set(1.0f / sums_[r]);
      for (std::int64_t c = 0; c < p_.head_dim; c += kStep) {
        const Pair v = load_pair(out + c);
        store_pair(y + c, {hn::Mul(v.a, inverse), hn::Mul(v.b, inverse)}, p_.head_dim - c);
      }
    }
  }

  const AttentionPrefill::Params& p_;
  const PrefillTiling& t_;
  const std::int64_t width_, row_;  // elements: head_dim padded to pairs; of a fused qkv row
  const T* const qkv_;              // of this sequence
  T* const y_;
  const std::int64_t kv_head_, first_, tokens_, rows_, groups_;
  float *const queries_, *const result_, *const scores_, *const keys_, *const values_, *const strip_;
  float *const maxima_, *const sums_;
  float score_scale_, cap_;
  std::int64_t key_ = 0, count_ = 0;  // first key and number of keys of the present step
};

void AttentionPrefillTile(const AttentionPrefill& op, const PrefillTiling& tiling, Buffers in, Buffers out,
                          float* scratch, std::int64_t sequence, std::int64_t kv_head, std::int64_t tile) {
  with_element(op.p.type, [&](auto element) {
    using T = decltype(element);
    PrefillTile<T>(op, tiling, in[0].as<const T>().data(), out[0].as<T>().data(), scratch, sequence, kv_head,
                   tile)
        .run();
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(AttentionPrefillTile);

class AttentionPrefillKernel final : public Kernel {
 public:
  explicit AttentionPrefillKernel(const AttentionPrefill& op)
      : op_(op), flops_(op.cost().flops), tiling_(op.p), scratch_(tiling_.floats() * omp_get_max_threads()) {}

  std::int64_t workspace_bytes() const override { return scratch_.bytes(); }

  void launch(Stream&, Buffers in, Buffers out) override {
    // The last tokens have the most keys: their tiles come first, so that no thread is left with a long one.
    const std::int64_t heads = op_.p.sequences * op_.p.kv_heads, count = heads * tiling_.tiles;
    const bool parallel = count > 1 && flops_ > 1e6;  // tens of microseconds of one core
#pragma omp parallel for schedule(dynamic) if (parallel)
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t head = i % heads, tile = tiling_.tiles - 1 - i / heads;
      HWY_DYNAMIC_DISPATCH(AttentionPrefillTile)
      (op_, tiling_, in, out, scratch_.data() + tiling_.floats() * omp_get_thread_num(),
       head / op_.p.kv_heads, head % op_.p.kv_heads, tile);
    }
  }

 private:
  const AttentionPrefill op_;
  const double flops_;
  const PrefillTiling tiling_;
  const Scratch scratch_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_attention_prefill_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "attention_prefill");
  return std::make_unique<cpu::AttentionPrefillKernel>(op_cast<AttentionPrefill>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
