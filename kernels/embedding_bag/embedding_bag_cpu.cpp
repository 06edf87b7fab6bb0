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
#include "device/device.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "plan/kernel.h"

namespace assay::cpu {

/// Bytes of rows that are asked for before they are summed. More than a core has in flight, so that bags that
/// end do not empty the queue; measured on a Zen 4 core, where 4 to 16 KiB are alike.
constexpr std::int64_t kBytesAhead = 8192;
constexpr std::int64_t kLine = 64;
/// Of rows that the last cache holds every other line is asked for: asking takes longer than waiting there,
/// and the hardware fetches neighbours. Measured on a Zen 4 core, rows of 512 bytes in a table of 5 MB: 10 %
/// less time than with each line, at skew 0 and at 1.05; in a table of 2 GB it takes a third more.
constexpr std::int64_t kLinesNear = 2, kLinesFar = 1;
// The second level takes more requests at once than the first (device/cpu/probe_random.cpp).
constexpr int kIntoL2 = 2;  // locality of __builtin_prefetch: prefetcht1

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
  std::int64_t lines_a_request;

  /// Whatever stands in the offsets, it is within ids.
  std::int64_t begin_of(std::int64_t bag) const {
    return offsets == nullptr ? bag : std::clamp<std::int64_t>(offsets[bag], 0, lookups);
  }
};

struct Table {
  Table(const BagArgs& args, std::int64_t table)
      : base(args.rows + args.first_rows[table] * args.row_bytes),
        rows(static_cast<std::uint32_t>(args.first_rows[table + 1] - args.first_rows[table])),
        row_bytes(args.row_bytes) {}
  bool has(std::int32_t id) const { return static_cast<std::uint32_t>(id) < rows; }
  const std::uint8_t* row(std::int32_t id) const { return base + id * row_bytes; }

  const std::uint8_t* base;
  std::uint32_t rows;
  std::int64_t row_bytes;
};

/// Runs ahead of the sums, a lookup a step, from table to table.
class Ahead {
 public:
  Ahead(const BagArgs& args, std::int64_t bag, std::int64_t last_bag)
      : next_(args.ids + args.begin_of(bag)),
        end_(args.ids + args.begin_of(last_bag)),
        index_(bag / args.batch),
        request_(args.lines_a_request * kLine),
        table_(args, index_),
        args_(args) {
    find_end();
    for (std::int64_t bytes = 0; bytes < kBytesAhead; bytes += args.row_bytes) step();
  }
  HWY_INLINE void step() {
    if (HWY_UNLIKELY(next_ >= end_of_table_) && !find_table()) return;
    fetch(*next_++);
  }
  template <int kSteps>
  HWY_INLINE void steps() {
    if (HWY_UNLIKELY(next_ + kSteps > end_of_table_)) {
      for (int i = 0; i < kSteps; ++i) step();
      return;
    }
#pragma GCC unroll 4
    for (int i = 0; i < kSteps; ++i) fetch(next_[i]);
    next_ += kSteps;
  }

 private:
  HWY_INLINE void fetch(std::int32_t id) const {
    if (HWY_UNLIKELY(!table_.has(id))) return;
    const std::uint8_t* line = table_.row(id);
    const std::uint8_t* const end = line + table_.row_bytes;
    for (line -= reinterpret_cast<std::uintptr_t>(line) % kLine; line < end; line += request_)
      __builtin_prefetch(line, 0, kIntoL2);
  }
  HWY_NOINLINE bool find_table() {
    if (next_ >= end_) return false;
    while (next_ >= end_of_table_ && index_ + 1 < args_.tables) {
      table_ = Table(args_, ++index_);
      find_end();
    }
    return next_ < end_of_table_;
  }
  void find_end() {
    end_of_table_ = std::min(end_, args_.ids + args_.begin_of((index_ + 1) * args_.batch));
  }

  const std::int32_t *next_, *end_of_table_ = nullptr, *end_;
  std::int64_t index_;
  const std::int64_t request_;  // bytes
  Table table_;
  const BagArgs& args_;
};

}  // namespace assay::cpu
#endif

#include "kernels/load_cpu-inl.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

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

/// Rows of bytes that are added at a time, which shares what decoding costs besides. Rows of floats, with as
/// many lines to wait for, are better asked for and added one by one.
constexpr int kGroup = 4;

/// Lookups of a step, kGroup or one: where their rows stand, and by what they count. Compilers keep arrays of
/// vectors in registers where the innermost loops over them are unrolled, and not where a loop over rows is
/// around these: so rows are spelled out.
template <int kCount>
struct Lookups {
  static_assert(kCount == kGroup || kCount == 1);
  const std::uint8_t* rows[kCount];
  float weights[kCount];
};

/// How rows of one type are added to kVectors of sums, of which the last has `last` elements, and how these
/// are stored.
template <typename Row, int kVectors>
struct Columns {
  static HWY_INLINE void add_row(const std::uint8_t* row, Floats weight, std::int64_t column,
                                 std::int64_t last, Floats (&sums)[kVectors]) {
    const Row* from = reinterpret_cast<const Row*>(row) + column;
#pragma GCC unroll 8
    for (int v = 0; v + 1 < kVectors; ++v)
      sums[v] = hn::MulAdd(load_in_order(from + v * kLanes), weight, sums[v]);
    constexpr int kLast = kVectors - 1;
    sums[kLast] = hn::MulAdd(load_in_order(from + kLast * kLanes, last), weight, sums[kLast]);
  }
  template <typename Out>
  static HWY_INLINE void put(Out* y, std::int64_t last, const Floats (&sums)[kVectors]) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) store(y + v * kLanes, sums[v], v + 1 < kVectors ? kLanes : last);
  }
};

/// bf16 in even and odd places (simd_cpu-inl.h), put in order once a bag.
template <int kVectors>
requires(kVectors % 2 == 0) struct Columns<Bf16, kVectors> {
  static constexpr int kPairs = kVectors / 2;

  static HWY_INLINE void add_row(const std::uint8_t* row, Floats weight, std::int64_t column,
                                 std::int64_t last, Floats (&sums)[kVectors]) {
    const Bf16* from = reinterpret_cast<const Bf16*>(row) + column;
#pragma GCC unroll 8
    for (int i = 0; i < kPairs; ++i) {
      const Pair v =
          i + 1 < kPairs ? load_pair(from + i * kStep) : load_pair(from + i * kStep, kLanes + last);
      sums[2 * i] = hn::MulAdd(v.a, weight, sums[2 * i]);
      sums[2 * i + 1] = hn::MulAdd(v.b, weight, sums[2 * i + 1]);
    }
  }
  template <typename Out>
  static HWY_INLINE void put(Out* y, std::int64_t last, const Floats (&sums)[kVectors]) {
#pragma GCC unroll 8
    for (int i = 0; i < kPairs; ++i) {
      const std::int64_t count = i + 1 < kPairs ? kStep : kLanes + last;
      if constexpr (std::is_same_v<Out, Bf16>) {
        store_pair(y + i * kStep, {sums[2 * i], sums[2 * i + 1]}, count);
      } else {
        float ordered[kStep];
        hn::StoreInterleaved2(sums[2 * i], sums[2 * i + 1], kF, ordered);
        store(y + i * kStep, load_in_order(ordered), kLanes);
        store(y + i * kStep + kLanes, load_in_order(ordered + kLanes), count - kLanes);
      }
    }
  }
};

/// What a row of bytes is multiplied by, and what has to be added to each element besides.
HWY_INLINE float scale_of(const BagArgs& a, const std::uint8_t* row) {
  float scale;
  std::memcpy(&scale, row + a.dim, sizeof scale);
  return scale;
}
HWY_INLINE float bias_of(const BagArgs& a, const std::uint8_t* row) {
  float bias;
  std::memcpy(&bias, row + a.dim + sizeof bias, sizeof bias);
  return bias;
}

/// The biases of a step's rows are one addition. Of all rows of a bag they must not be: a sum of values
/// without their bias would grow far beyond what is asked for.
template <typename Row, int kVectors, int kCount>
HWY_INLINE void add(const BagArgs& a, const Lookups<kCount>& some, std::int64_t column, std::int64_t last,
                    Floats (&sums)[kVectors]) {
  using Of = Columns<Row, kVectors>;
  constexpr bool kBytes = std::is_same_v<Row, std::uint8_t>;
  const auto factor = [&](int r) { return set(some.weights[r] * (kBytes ? scale_of(a, some.rows[r]) : 1)); };
  if constexpr (kBytes) {
    float biases = 0;
#pragma GCC unroll 4
    for (int r = 0; r < kCount; ++r) biases += bias_of(a, some.rows[r]) * some.weights[r];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[v] = hn::Add(sums[v], set(biases));
  }
  Of::add_row(some.rows[0], factor(0), column, last, sums);
  if constexpr (kCount == kGroup) {
    Of::add_row(some.rows[1], factor(1), column, last, sums);
    Of::add_row(some.rows[2], factor(2), column, last, sums);
    Of::add_row(some.rows[3], factor(3), column, last, sums);
  }
}

struct Bag {
  std::int64_t begin, end;
  void* y;  // [dim]
};

/// Lookups j ... j + kCount; false where one of them names no row, which must not be read.
template <int kCount>
HWY_INLINE bool find(const BagArgs& a, const Table& table, std::int64_t j, Lookups<kCount>& some) {
  bool all = true;
#pragma GCC unroll 4
  for (int r = 0; r < kCount; ++r) {
    const std::int32_t id = a.ids[j + r];
    all = all && table.has(id);
    some.rows[r] = table.row(id);
    some.weights[r] = a.weights != nullptr ? a.weights[j + r] : 1;
  }
  return all;
}

/// kVectors of the columns, from `column` on, of one bag.
template <typename Row, int kVectors>
HWY_INLINE void sum_columns(const BagArgs& a, const Table& table, const Bag& bag, std::int64_t column,
                            Ahead* ahead) {
  const std::int64_t last = std::min(a.dim - column - (kVectors - 1) * kLanes, kLanes);
  Floats sums[kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sums[v] = set(0);
  std::int64_t j = bag.begin;
  while (j < bag.end) {
    if constexpr (std::is_same_v<Row, std::uint8_t>) {
      if (Lookups<kGroup> some; j + kGroup <= bag.end && find(a, table, j, some)) {
        if (ahead != nullptr) ahead->steps<kGroup>();
        add<Row>(a, some, column, last, sums);
        j += kGroup;
        continue;
      }
    }
    if (ahead != nullptr) ahead->step();
    if (Lookups<1> one; find(a, table, j, one)) add<Row>(a, one, column, last, sums);
    ++j;
  }
  if (a.mean && bag.end > bag.begin) {
    const Floats share = set(1.0f / static_cast<float>(bag.end - bag.begin));
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[v] = hn::Mul(sums[v], share);
  }
  if (HWY_LIKELY(a.out == DType::f32))
    return Columns<Row, kVectors>::put(static_cast<float*>(bag.y) + column, last, sums);
  Floats done[kVectors];  // not the sums, which an address taken would keep in memory
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) done[v] = sums[v];
  with_element(a.out, [&](auto element) {
    using Out = decltype(element);
    Columns<Row, kVectors>::template put<Out>(static_cast<Out*>(bag.y) + column, last, done);
  });
}

template <typename Row>
HWY_INLINE void sum_bag(const BagArgs& a, const Table& table, const Bag& bag, Ahead& ahead) {
  for (std::int64_t column = 0; column < a.dim;) {
    const std::int64_t vectors = (a.dim - column + kLanes - 1) / kLanes;
    Ahead* const runs = column == 0 ? &ahead : nullptr;
    if (vectors >= 8) {
      sum_columns<Row, 8>(a, table, bag, column, runs);
      column += 8 * kLanes;
    } else if (vectors >= 4) {
      sum_columns<Row, 4>(a, table, bag, column, runs);
      column += 4 * kLanes;
    } else if (vectors >= 2) {
      sum_columns<Row, 2>(a, table, bag, column, runs);
      column += 2 * kLanes;
    } else {
      sum_columns<Row, 1>(a, table, bag, column, runs);
      column += kLanes;
    }
  }
}

template <typename Row>
void sum_bags(const BagArgs& a, std::int64_t first, std::int64_t end) {
  Ahead ahead(a, first, end);
  std::int64_t begin = a.begin_of(first);
  const std::int64_t row_of_y = a.dim * bytes_of(a.out);
  for (std::int64_t k = first; k < end;) {
    const std::int64_t t = k / a.batch, end_of_table = std::min(end, (t + 1) * a.batch);
    const Table table(a, t);
    auto* y = static_cast<std::uint8_t*>(a.y) + ((k - t * a.batch) * a.tables + t) * row_of_y;
    for (; k < end_of_table; ++k, y += a.tables * row_of_y) {
      const std::int64_t next = a.begin_of(k + 1);
      sum_bag<Row>(a, table, {begin, next, y}, ahead);
      begin = next;
    }
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
  EmbeddingBagKernel(const EmbeddingBag& op, std::int64_t cache_bytes)
      : p_(op.p),
        weights_input_(op.weights_input()),
        first_rows_(p_.first_rows()),
        lines_a_request_(p_.all_rows() * p_.row_bytes() <= cache_bytes / 2 ? kLinesNear : kLinesFar),
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
                       .mean = p_.pooling == EmbeddingBag::Pooling::mean,
                       .lines_a_request = lines_a_request_};
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
  const std::int64_t lines_a_request_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_embedding_bag_cpu(const Op& op, Lane& lane) {
  return std::make_unique<cpu::EmbeddingBagKernel>(op_cast<EmbeddingBag>(op),
                                                   lane.device().info().cache_bytes);
}

}  // namespace assay
#endif  // HWY_ONCE
