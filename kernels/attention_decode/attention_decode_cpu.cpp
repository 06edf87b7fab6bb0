// SPDX-License-Identifier: Apache-2.0
// Decode attention over the paged cache. The work is reading keys and values once at the speed of memory, so
// the arithmetic of a tile has to hide behind the loads of the next, which are prefetched by hand: blocks of
// a sequence lie in pages of their own, where no hardware prefetcher looks ahead.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_decode/attention_decode_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include "kernels/attention_decode/split_cpu.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

constexpr std::int64_t kBlock = KvCache::kBlockTokens;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

#if HWY_TARGET != HWY_SCALAR
/// Sums of 4-lane blocks: the upper half of a vector onto the lower, until one block is left.
template <class D, class V>
HWY_INLINE auto fold_blocks(D, V v) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return fold_blocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// out[i] = sum of the lanes of v[i], i < 4
HWY_INLINE void sum_four(const Floats* v, float* out) {
  const hn::Repartition<double, FloatTag> twos;
  const Floats s01 = hn::Add(hn::InterleaveLower(kF, v[0], v[1]), hn::InterleaveUpper(kF, v[0], v[1]));
  const Floats s23 = hn::Add(hn::InterleaveLower(kF, v[2], v[3]), hn::InterleaveUpper(kF, v[2], v[3]));
  const auto d01 = hn::BitCast(twos, s01), d23 = hn::BitCast(twos, s23);
  const Floats sums = hn::Add(hn::BitCast(kF, hn::InterleaveLower(twos, d01, d23)),
                              hn::BitCast(kF, hn::InterleaveUpper(twos, d01, d23)));
  hn::StoreU(fold_blocks(kF, sums), hn::FixedTag<float, 4>(), out);
}
#else
HWY_INLINE void sum_four(const Floats* v, float* out) {
  for (int i = 0; i < 4; ++i) out[i] = hn::GetLane(v[i]);
}
#endif

/// A tile of up to DecodeSplit::tile tokens of one sequence and key head.
template <typename T>
struct Tile {
  static constexpr std::int64_t kBlocks = DecodeSplit::kMostTokens / kBlock;
  const T *keys[kBlocks], *values[kBlocks];  // blocks [kBlock][head_dim]
  std::int64_t begin, end;                   // tokens attended to, within the tile

  const T* key(std::int64_t token, std::int64_t head_dim) const {
    return keys[token / kBlock] + token % kBlock * head_dim;
  }
  const T* value(std::int64_t token, std::int64_t head_dim) const {
    return values[token / kBlock] + token % kBlock * head_dim;
  }
};

template <typename T>
HWY_INLINE void prefetch(const T* data, std::int64_t count) {
  const char* line = reinterpret_cast<const char*>(data);
  for (std::int64_t byte = 0; byte < count * static_cast<std::int64_t>(sizeof(T)); byte += 64)
    __builtin_prefetch(line + byte, 0, 3);
}

/// One part: see DecodeSplit.
template <typename T>
class DecodePart {
 public:
  DecodePart(const AttentionDecode& op, const DecodeSplit& split, Buffers in, float* scratch, float* state,
             std::int64_t head, std::int64_t part)
      : p_(op.p),
        split_(split),
        head_dim_(op.p.cache.head_dim),
        width_(round_up(head_dim_, kStep)),
        kv_head_(head % op.p.cache.kv_heads),
        keys_(in[3].as<const T>().data()),
        values_(in[4].as<const T>().data()),
        queries_(scratch),
        scores_(scratch + split.scores()),
        result_(state),
        maxima_(state + split.maxima()),
        sums_(state + split.sums()) {
    const std::int64_t sequence = head / p_.cache.kv_heads;
    table_ = in[2].as<const std::int32_t>().data() + sequence * p_.cache.blocks_per_sequence();
    const std::int64_t position = in[1].as<const std::int32_t>()[static_cast<std::size_t>(sequence)];
    const std::int64_t first = p_.window > 0 ? std::max<std::int64_t>(0, position - p_.window + 1) : 0;
    // Parts are whole tiles but for the ends of the context.
    const std::int64_t origin = first / kBlock * kBlock;
    const std::int64_t tiles = (position + 1 - origin + split.tile - 1) / split.tile;
    origin_ = origin + tiles * part / split.parts * split.tile;
    first_ = std::max(first, origin_);
    end_ = std::min(position + 1, origin + tiles * (part + 1) / split.parts * split.tile);

    constexpr float kLog2E = 1.44269504f;  // scores in units of the exponent of 2
    const float scale = p_.softcap > 0 ? op.scale() / p_.softcap : op.scale() * kLog2E;
    cap_ = p_.softcap * kLog2E;
    load_queries(in[0].as<const T>().data() + sequence * op.row() + kv_head_ * split.group * head_dim_,
                 scale);
  }

  void run() {
    Tile<T> tile = tile_at(origin_);
    for (std::int64_t start = origin_; start < end_; start += split_.tile) {
      next_ = tile_at(start + split_.tile);
      std::int64_t q = 0;
      for (; q + 2 < split_.group; q += 4) attend<4>(tile, q);
      if (split_.group - q == 2) attend<2>(tile, q);
      if (split_.group - q == 1) attend<1>(tile, q);
      tile = next_;
    }
  }

 private:
  void load_queries(const T* q, float scale) {
    for (std::int64_t h = 0; h < split_.padded; ++h) {
      for (std::int64_t c = 0; c < width_; c += kStep) {
        Pair v = {hn::Zero(kF), hn::Zero(kF)};
        if (h < split_.group) v = load_pair(q + h * head_dim_ + c, head_dim_ - c);
        store_pair(queries_ + h * width_ + c, {hn::Mul(v.a, set(scale)), hn::Mul(v.b, set(scale))});
        store_pair(result_ + h * width_ + c, {hn::Zero(kF), hn::Zero(kF)});
      }
      maxima_[h] = kNothing;
      sums_[h] = 0;
    }
  }

  /// Of a start past the end: a tile with no tokens.
  Tile<T> tile_at(std::int64_t start) const {
    Tile<T> tile = {};
    tile.begin = std::max<std::int64_t>(0, first_ - start);
    tile.end = std::clamp<std::int64_t>(end_ - start, 0, split_.tile);
    for (std::int64_t b = 0; b * kBlock < tile.end; ++b) {
      const std::int64_t at = p_.cache.offset(table_[start / kBlock + b], kv_head_, 0);
      tile.keys[b] = keys_ + at;
      tile.values[b] = values_ + at;
    }
    return tile;
  }

  /// All of a tile for kQueries query heads from q on.
  template <int kQueries>
  HWY_INLINE void attend(const Tile<T>& tile, std::int64_t q) {
    score<kQueries>(tile, q);
    weigh<kQueries>(tile, q);
    std::int64_t c = 0;
    constexpr int kPairs = 4 / kQueries;  // eight accumulators, as many as hide the latency of an addition
    for (; c + kPairs * kStep <= width_; c += kPairs * kStep) gather<kQueries, kPairs>(tile, q, c);
    for (; c < width_; c += kStep) gather<kQueries, 1>(tile, q, c);
  }

  /// scores_[token][kQueries], eight at a time.
  template <int kQueries>
  HWY_INLINE void score(const Tile<T>& tile, std::int64_t q) {
    constexpr int kTokens = 8 / kQueries;
    const float* query = queries_ + q * width_;
    for (std::int64_t t = tile.begin / kTokens * kTokens; t < tile.end; t += kTokens) {
      const T* keys[kTokens];  // all in one block
      for (std::int64_t i = 0; i < kTokens; ++i)
        keys[i] = tile.key(t, head_dim_) + std::min(i, tile.end - 1 - t) * head_dim_;
      if (q == 0)
        prefetch(tile.value(t, head_dim_), std::min<std::int64_t>(kTokens, tile.end - t) * head_dim_);
      Floats sums[8];
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) sums[i] = hn::Zero(kF);
      std::int64_t c = 0;
      for (; c + kStep <= head_dim_; c += kStep) score_step<kQueries>(keys, query, c, kStep, sums);
      if (c < head_dim_) score_step<kQueries>(keys, query, c, head_dim_ - c, sums);
      sum_four(sums, scores_ + t * kQueries);
      sum_four(sums + 4, scores_ + t * kQueries + 4);
    }
  }

  template <int kQueries>
  HWY_INLINE void score_step(const T* const* keys, const float* query, std::int64_t c, std::int64_t count,
                             Floats* sums) const {
    constexpr int kTokens = 8 / kQueries;
    Pair k[kTokens];
#pragma GCC unroll 8
    for (int i = 0; i < kTokens; ++i) k[i] = load_pair(keys[i] + c, count);
#pragma GCC unroll 8
    for (int j = 0; j < kQueries; ++j) {
      const Floats a = hn::Load(kF, query + j * width_ + c),
                   b = hn::Load(kF, query + j * width_ + c + kLanes);
#pragma GCC unroll 8
      for (int i = 0; i < kTokens; ++i) {
        Floats& total = sums[i * kQueries + j];
        total = hn::MulAdd(k[i].a, a, total);
        total = hn::MulAdd(k[i].b, b, total);
      }
    }
  }

  /// Turns scores into weights and rescales results where a maximum grew. Lane i of every vector of scores is
  /// of query i % kQueries.
  template <int kQueries>
  HWY_INLINE void weigh(const Tile<T>& tile, std::int64_t q) {
    const std::int64_t from = tile.begin * kQueries / kLanes * kLanes, used = tile.end * kQueries;
    const std::int64_t to = round_up(used, kLanes);
    if (p_.softcap > 0)
      for (std::int64_t i = from; i < to; i += kLanes)
        hn::Store(hn::Mul(hyperbolic_tangent(hn::Load(kF, scores_ + i)), set(cap_)), kF, scores_ + i);
    for (std::int64_t i = from; i < tile.begin * kQueries; ++i) scores_[i] = kNothing;
    for (std::int64_t i = used; i < to; ++i) scores_[i] = kNothing;

    constexpr std::int64_t kLeast =
        kLanes < kQueries ? kQueries : kLanes;  // of the plain target: several vectors
    HWY_ALIGN float largest[kLeast], shift[kLeast], total[kLeast];
    for (std::int64_t l = 0; l < kLeast; l += kLanes) {
      Floats m = set(kNothing);
      for (std::int64_t i = from + (l + kLeast - from % kLeast) % kLeast; i < to; i += kLeast)
        m = hn::Max(m, hn::Load(kF, scores_ + i));
      hn::Store(m, kF, largest + l);
    }
    for (int j = 0; j < kQueries; ++j) {
      float maximum = maxima_[q + j];
      for (std::int64_t l = j; l < kLeast; l += kQueries) maximum = std::max(maximum, largest[l]);
      if (maximum > maxima_[q + j] && maxima_[q + j] != kNothing) {
        const float shrink = std::exp2(maxima_[q + j] - maximum);
        sums_[q + j] *= shrink;
        float* out = result_ + (q + j) * width_;
        for (std::int64_t c = 0; c < width_; c += kLanes)
          hn::Store(hn::Mul(hn::Load(kF, out + c), set(shrink)), kF, out + c);
      }
      maxima_[q + j] = maximum;
      for (std::int64_t l = j; l < kLeast; l += kQueries) shift[l] = maximum;
    }
    for (std::int64_t l = 0; l < kLeast; l += kLanes) {
      const Floats m = hn::Load(kF, shift + l);
      Floats sum = hn::Zero(kF);
      for (std::int64_t i = from + (l + kLeast - from % kLeast) % kLeast; i < to; i += kLeast) {
        const Floats weight = exp2_nonpositive(hn::Sub(hn::Load(kF, scores_ + i), m));
        sum = hn::Add(sum, weight);
        hn::Store(weight, kF, scores_ + i);
      }
      hn::Store(sum, kF, total + l);
    }
    for (int j = 0; j < kQueries; ++j)
      for (std::int64_t l = j; l < kLeast; l += kQueries) sums_[q + j] += total[l];
  }

  /// result += weights values, for kPairs pairs of columns from c on.
  template <int kQueries, int kPairs>
  HWY_INLINE void gather(const Tile<T>& tile, std::int64_t q, std::int64_t c) {
    Pair sums[kQueries][kPairs];
    float* out = result_ + q * width_ + c;
#pragma GCC unroll 8
    for (int j = 0; j < kQueries; ++j)
#pragma GCC unroll 8
      for (int i = 0; i < kPairs; ++i) sums[j][i] = load_pair(out + j * width_ + i * kStep);
    // Lines of the next tile's keys, as evenly as they go into the tokens and columns of this one: a burst of
    // them would wait for a free line buffer, and everything with it.
    const std::int64_t head_bytes = head_dim_ * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t first_line = round_up(head_bytes * c / width_, 64);
    const std::int64_t line_end = q == 0 ? head_bytes * (c + kPairs * kStep) / width_ : 0;
    const std::int64_t count = head_dim_ - c;
    for (std::int64_t t = tile.begin; t < tile.end;) {
      const std::int64_t block_end = std::min((t / kBlock + 1) * kBlock, tile.end);
      const T* row = tile.value(t, head_dim_) + c;
      const T* ahead = t < next_.end ? next_.key(t, head_dim_) : row;
      for (; t < block_end; ++t, row += head_dim_, ahead += head_dim_) {
        for (std::int64_t byte = first_line; byte < line_end; byte += 64)
          __builtin_prefetch(reinterpret_cast<const char*>(ahead) + byte, 0, 3);
        const float* weights = scores_ + t * kQueries;
#pragma GCC unroll 8
        for (int i = 0; i < kPairs; ++i) {
          const Pair v = load_pair(row + i * kStep, count - i * kStep);
#pragma GCC unroll 8
          for (int j = 0; j < kQueries; ++j) {
            const Floats w = set(weights[j]);
            sums[j][i].a = hn::MulAdd(w, v.a, sums[j][i].a);
            sums[j][i].b = hn::MulAdd(w, v.b, sums[j][i].b);
          }
        }
      }
    }
#pragma GCC unroll 8
    for (int j = 0; j < kQueries; ++j)
#pragma GCC unroll 8
      for (int i = 0; i < kPairs; ++i) store_pair(out + j * width_ + i * kStep, sums[j][i]);
  }

  const AttentionDecode::Params& p_;
  const DecodeSplit& split_;
  const std::int64_t head_dim_, width_, kv_head_;
  const T *const keys_, *const values_;
  float *const queries_, *const scores_, *const result_, *const maxima_, *const sums_;
  const std::int32_t* table_;          // [blocks a sequence]
  std::int64_t first_, end_, origin_;  // tokens attended to; start of the first tile
  float cap_;
  Tile<T> next_ = {};
};

void DecodeAttend(const AttentionDecode& op, const DecodeSplit& split, Buffers in, float* scratch,
                  float* state, std::int64_t head, std::int64_t part) {
  with_element(op.p.cache.type, [&](auto element) {
    DecodePart<decltype(element)>(op, split, in, scratch, state, head, part).run();
  });
}

/// Merges a head's parts into the first, and writes its results.
template <typename T>
void merge(const AttentionDecode& op, const DecodeSplit& split, T* y, float* states) {
  const std::int64_t head_dim = op.p.cache.head_dim, width = round_up(head_dim, kStep);
  for (std::int64_t h = 0; h < split.group; ++h) {
    float maximum = kNothing, total = 0;
    for (std::int64_t part = 0; part < split.parts; ++part)
      maximum = std::max(maximum, states[part * split.part_floats() + split.maxima() + h]);
    float* out = states + h * width;
    for (std::int64_t part = 0; part < split.parts; ++part) {
      const float* state = states + part * split.part_floats();
      const float weight = std::exp2(state[split.maxima() + h] - maximum);  // 0 for a part with no tokens
      total += weight * state[split.sums() + h];
      if (split.parts == 1) break;
      for (std::int64_t c = 0; c < width; c += kLanes) {
        const Floats sum = part == 0 ? hn::Zero(kF) : hn::Load(kF, out + c);
        hn::Store(hn::MulAdd(set(weight), hn::Load(kF, state + h * width + c), sum), kF, out + c);
      }
    }
    const Floats inverse = set(1.0f / total);
    for (std::int64_t c = 0; c < head_dim; c += kStep) {
      const Pair v = load_pair(out + c);
      store_pair(y + h * head_dim + c, {hn::Mul(v.a, inverse), hn::Mul(v.b, inverse)}, head_dim - c);
    }
  }
}

void DecodeMerge(const AttentionDecode& op, const DecodeSplit& split, Buffers out, float* states,
                 std::int64_t head) {
  with_element(op.p.cache.type, [&](auto element) {
    using T = decltype(element);
    merge(op, split, out[0].as<T>().data() + head * split.group * op.p.cache.head_dim, states);
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(DecodeAttend);
HWY_EXPORT(DecodeMerge);

class AttentionDecodeKernel final : public Kernel {
 public:
  explicit AttentionDecodeKernel(const AttentionDecode& op)
      : op_(op),
        split_(op.p, omp_get_max_threads()),
        states_(split_.heads * split_.parts * split_.part_floats()),
        scratch_(split_.thread_floats() * omp_get_max_threads()) {}

  std::int64_t workspace_bytes() const override { return states_.bytes() + scratch_.bytes(); }

  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t heads = split_.heads, parts = split_.parts, count = heads * parts;
    const bool parallel = count > 1 && bytes_to_read(in) > kParallelBytes;
#pragma omp parallel if (parallel)
    {
      float* scratch = scratch_.data() + split_.thread_floats() * omp_get_thread_num();
#pragma omp for schedule(dynamic)
      for (std::int64_t i = 0; i < count; ++i) {
        HWY_DYNAMIC_DISPATCH(DecodeAttend)
        (op_, split_, in, scratch, state(i / parts, i % parts), i / parts, i % parts);
        if (parts == 1) HWY_DYNAMIC_DISPATCH(DecodeMerge)(op_, split_, out, state(i, 0), i);
      }
      if (parts > 1) {
#pragma omp for schedule(static)
        for (std::int64_t head = 0; head < heads; ++head)
          HWY_DYNAMIC_DISPATCH(DecodeMerge)(op_, split_, out, state(head, 0), head);
      }
    }
  }

 private:
  float* state(std::int64_t head, std::int64_t part) const {
    return states_.data() + (head * split_.parts + part) * split_.part_floats();
  }
  /// Keys and values of the present positions, not of the op's nominal context.
  double bytes_to_read(Buffers in) const {
    const KvCache& cache = op_.p.cache;
    double tokens = 0;
    for (const std::int32_t position :
         in[1].as<const std::int32_t>().first(static_cast<std::size_t>(cache.sequences)))
      tokens += static_cast<double>(op_.p.window > 0 ? std::min<std::int64_t>(position + 1, op_.p.window)
                                                     : position + 1);
    return tokens * static_cast<double>(2 * cache.kv_heads * cache.head_dim * bytes_of(cache.type));
  }

  const AttentionDecode op_;
  const DecodeSplit split_;
  const Scratch states_;   // [heads][parts][part_floats]
  const Scratch scratch_;  // [threads][thread_floats]
};
}  // namespace cpu

std::unique_ptr<Kernel> make_attention_decode_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "attention_decode");
  return std::make_unique<cpu::AttentionDecodeKernel>(op_cast<AttentionDecode>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
