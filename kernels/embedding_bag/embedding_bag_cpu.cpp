// SPDX-License-Identifier: Apache-2.0
// Bags in the order of their lookups, each thread as many lookups as the others. A bag's sums stay in
// registers, up to eight vectors of columns at a time. Rows come from all over memory, so some way ahead of
// the sums each row is asked for as a whole; what is asked for runs on into the next table.
#include <algorithm>
#include <vector>

#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/embedding_bag/embedding_bag_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef ASSAY_KERNELS_EMBEDDING_BAG_CPU_ARGS_
#define ASSAY_KERNELS_EMBEDDING_BAG_CPU_ARGS_
#include "kernels/embedding_bag/embedding_bag.h"
#include "plan/kernel.h"

namespace assay::cpu {

/// Bytes of rows that are on their way while others are summed: about what a core can have in flight.
constexpr std::int64_t kBytesAhead = 4096;
constexpr std::int64_t kLine = 64;

struct BagArgs {
  const std::uint8_t* rows;        // [all rows, row_bytes]
  const std::int32_t* ids;         // [lookups]
  const std::int32_t* offsets;     // [bags + 1], or null: one-hot
  const float* weights;            // [lookups], or null
  void* y;                         // [batch, tables, dim]
  const std::int64_t* first_rows;  // [tables + 1]
  std::int64_t tables, batch, dim, lookups, row_bytes;
  DType out;
  bool mean;

  /// Whatever stands in the offsets, it is within ids.
  std::int64_t begin_of(std::int64_t bag) const {
    return offsets == nullptr ? bag : std::clamp<std::int64_t>(offsets[bag], 0, lookups);
  }
  /// Null for a row that the table has not.
  const std::uint8_t* row(std::int64_t table, std::int32_t id) const {
    const std::int64_t first = first_rows[table];
    return id < 0 || id >= first_rows[table + 1] - first ? nullptr : rows + (first + id) * row_bytes;
  }
};

/// Runs ahead of the sums, a lookup a step, from table to table.
class Ahead {
 public:
  Ahead(const BagArgs& args, std::int64_t bag, std::int64_t last_bag)
      : args_(args), at_(args.begin_of(bag)), end_(args.begin_of(last_bag)), table_(bag / args.batch) {
    find_end();
    for (std::int64_t bytes = 0; bytes < kBytesAhead; bytes += args.row_bytes) step();
  }
  void step() {
    if (at_ >= end_) return;
    while (at_ >= end_of_table_ && table_ + 1 < args_.tables) {
      ++table_;
      find_end();
    }
    if (const std::uint8_t* row = args_.row(table_, args_.ids[at_++]))
      for (std::int64_t i = 0; i < args_.row_bytes; i += kLine) __builtin_prefetch(row + i);
  }

 private:
  void find_end() { end_of_table_ = args_.begin_of((table_ + 1) * args_.batch); }

  const BagArgs& args_;
  std::int64_t at_, end_, end_of_table_ = 0, table_;
};

}  // namespace assay::cpu
#endif

#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

// One vector of elements in their order: rows and sums may be of different types, so pairs do not do.
HWY_INLINE Floats load(const float* p) {
  return hn::LoadU(kF, p);
}
HWY_INLINE Floats load(const Bf16* p) {
  const hn::Rebind<std::uint16_t, FloatTag> halves;
  return hn::BitCast(kF, hn::ShiftLeft<16>(hn::PromoteTo(kW, hn::LoadU(halves, &p->bits))));
}
HWY_INLINE Floats load(const F16* p) {
  return load_half(p);
}
HWY_INLINE Floats load(const std::uint8_t* p) {
  const hn::Rebind<std::uint8_t, FloatTag> bytes;
  return hn::ConvertTo(kF, hn::PromoteTo(kI, hn::LoadU(bytes, p)));
}
/// The first `count` elements, zeros after them.
template <typename T>
HWY_INLINE Floats load(const T* p, std::int64_t count) {
  if (HWY_LIKELY(count >= kLanes)) return load(p);
  T part[kLanes] = {};
  std::memcpy(part, p, static_cast<std::size_t>(count) * sizeof(T));
  return load(part);
}

HWY_INLINE void store(float* p, Floats v) {
  hn::StoreU(v, kF, p);
}
HWY_INLINE void store(F16* p, Floats v) {
  store_half(p, v);
}
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void store(Bf16* p, Floats v) {
  p->bits = bf16_from_float(hn::GetLane(v));
}
#else
HWY_INLINE void store(Bf16* p, Floats v) {
  const hn::Rebind<std::uint16_t, FloatTag> halves;
  hn::StoreU(hn::TruncateTo(halves, hn::ShiftRight<16>(round_bf16(v))), halves, &p->bits);
}
#endif
template <typename T>
HWY_INLINE void store(T* p, Floats v, std::int64_t count) {
  if (HWY_LIKELY(count >= kLanes)) return store(p, v);
  T part[kLanes];
  store(part, v);
  std::memcpy(p, part, static_cast<std::size_t>(count) * sizeof(T));
}

/// sums += w * row, kVectors of them. The last one's elements are `last`.
template <typename Row, int kVectors>
HWY_INLINE void add_row(const Row* row, Floats w, std::int64_t last, Floats (&sums)[kVectors]) {
  for (int v = 0; v + 1 < kVectors; ++v) sums[v] = hn::MulAdd(load(row + v * kLanes), w, sums[v]);
  constexpr int kLast = kVectors - 1;
  sums[kLast] = hn::MulAdd(load(row + kLast * kLanes, last), w, sums[kLast]);
}
/// Decoded, and then added: a sum of values without their bias would grow far beyond what is asked for.
template <int kVectors>
HWY_INLINE void add_decoded(const std::uint8_t* row, Floats scale, Floats bias, std::int64_t last,
                            Floats (&sums)[kVectors]) {
  for (int v = 0; v < kVectors; ++v) {
    const Floats values = v + 1 < kVectors ? load(row + v * kLanes) : load(row + v * kLanes, last);
    sums[v] = hn::Add(sums[v], hn::MulAdd(values, scale, bias));
  }
}

struct Bag {
  std::int64_t table, begin, end;
  void* y;  // [dim]
};

/// kVectors of the columns, from `column` on, of one bag.
template <typename Row, int kVectors>
HWY_INLINE void sum_columns(const BagArgs& a, const Bag& bag, std::int64_t column, Ahead* ahead) {
  const std::int64_t last = std::min(a.dim - column - (kVectors - 1) * kLanes, kLanes);
  Floats sums[kVectors];
  for (Floats& sum : sums) sum = set(0);
  for (std::int64_t j = bag.begin; j < bag.end; ++j) {
    if (ahead != nullptr) ahead->step();
    const std::uint8_t* row = a.row(bag.table, a.ids[j]);
    if (HWY_UNLIKELY(row == nullptr)) continue;
    const float w = a.weights != nullptr ? a.weights[j] : 1;
    if constexpr (std::is_same_v<Row, std::uint8_t>) {
      float tail[2];  // scale, bias
      std::memcpy(tail, row + a.dim, sizeof tail);
      add_decoded<kVectors>(row + column, set(tail[0] * w), set(tail[1] * w), last, sums);
    } else {
      add_row<Row, kVectors>(reinterpret_cast<const Row*>(row) + column, set(w), last, sums);
    }
  }
  if (a.mean && bag.end > bag.begin) {
    const Floats share = set(1.0f / static_cast<float>(bag.end - bag.begin));
    for (Floats& sum : sums) sum = hn::Mul(sum, share);
  }
  with_element(a.out, [&](auto element) {
    auto* y = static_cast<decltype(element)*>(bag.y) + column;
    for (int v = 0; v < kVectors; ++v) store(y + v * kLanes, sums[v], v + 1 < kVectors ? kLanes : last);
  });
}

template <typename Row>
void sum_bags(const BagArgs& a, std::int64_t first, std::int64_t end) {
  Ahead ahead(a, first, end);
  std::int64_t begin = a.begin_of(first);
  for (std::int64_t k = first; k < end; ++k) {
    const std::int64_t table = k / a.batch, next = a.begin_of(k + 1);
    const Bag bag{table, begin, next,
                  static_cast<std::uint8_t*>(a.y) +
                      ((k - table * a.batch) * a.tables + table) * a.dim * bytes_of(a.out)};
    for (std::int64_t column = 0; column < a.dim;) {
      const std::int64_t vectors = (a.dim - column + kLanes - 1) / kLanes;
      Ahead* const runs = column == 0 ? &ahead : nullptr;
      if (vectors >= 8) {
        sum_columns<Row, 8>(a, bag, column, runs);
        column += 8 * kLanes;
      } else if (vectors >= 4) {
        sum_columns<Row, 4>(a, bag, column, runs);
        column += 4 * kLanes;
      } else if (vectors >= 2) {
        sum_columns<Row, 2>(a, bag, column, runs);
        column += 2 * kLanes;
      } else {
        sum_columns<Row, 1>(a, bag, column, runs);
        column += kLanes;
      }
    }
    begin = next;
  }
}

void SumBags(const BagArgs& a, DType row_type, std::int64_t first, std::int64_t end) {
  if (row_type == DType::u8) return sum_bags<std::uint8_t>(a, first, end);
  with_element(row_type, [&](auto element) { sum_bags<decltype(element)>(a, first, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(SumBags);

class EmbeddingBagKernel final : public Kernel {
 public:
  explicit EmbeddingBagKernel(const EmbeddingBag& op)
      : p_(op.p),
        weights_input_(op.weights_input()),
        first_rows_(p_.first_rows()),
        bytes_(op.cost().all_paths().both()) {}

  void launch(Stream&, Buffers in, Buffers out) override {
    const auto integers = [&](std::size_t input) { return in[input].as<const std::int32_t>().data(); };
    const BagArgs args{.rows = in[EmbeddingBag::kRows].as<const std::uint8_t>().data(),
                       .ids = integers(EmbeddingBag::kIds),
                       .offsets = p_.one_hot ? nullptr : integers(EmbeddingBag::kOffsets),
                       .weights = p_.weighted ? in[weights_input_].as<const float>().data() : nullptr,
                       .y = out[0].data,
                       .first_rows = first_rows_.data(),
                       .tables = p_.tables_count(),
                       .batch = p_.batch,
                       .dim = p_.dim,
                       .lookups = p_.lookups,
                       .row_bytes = p_.row_bytes(),
                       .out = p_.out,
                       .mean = p_.pooling == EmbeddingBag::Pooling::mean};
    const std::int64_t bags = p_.bags();
    if (bags < 2 || bytes_ < kParallelBytes || omp_get_max_threads() == 1) {
      HWY_DYNAMIC_DISPATCH(SumBags)(args, p_.row_type, 0, bags);
      return;
    }
#pragma omp parallel
    {
      const std::int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
      const std::int64_t first = share(args, bags, thread, threads),
                         end = share(args, bags, thread + 1, threads);
      if (first < end) HWY_DYNAMIC_DISPATCH(SumBags)(args, p_.row_type, first, end);
    }
  }

 private:
  /// The first bag of a thread's, so that all have as many lookups and bags together: an output costs about
  /// what a row does.
  static std::int64_t share(const BagArgs& args, std::int64_t bags, std::int64_t thread,
                            std::int64_t threads) {
    if (thread == 0) return 0;
    if (thread == threads) return bags;
    const std::int64_t wanted = (args.lookups + bags) * thread / threads;
    std::int64_t low = 0, high = bags;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (args.begin_of(middle) + middle < wanted)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  const EmbeddingBag::Params p_;
  const std::size_t weights_input_;
  const std::vector<std::int64_t> first_rows_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_embedding_bag_cpu(const Op& op, Lane&) {
  return std::make_unique<cpu::EmbeddingBagKernel>(op_cast<EmbeddingBag>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
