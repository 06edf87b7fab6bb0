// SPDX-License-Identifier: Apache-2.0
// A group of lanes holds a row, an access of 16 bytes a lane (8 of rows of bytes, whose scale and bias leave
// no more alignment), and has several rows on their way. Where bags are long all groups of a warp share
// one, else each group has its own. Rows may stand in the host's memory: the loads are the same, they go over
// the link.
#include <algorithm>
#include <bit>
#include <vector>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/launch.cuh"
#include "device/cuda/reduce.cuh"
#include "device/device.h"
#include "kernels/embedding_bag/embedding_bag.h"

namespace assay {
namespace {

constexpr int kBagThreads = 128;
// A multiprocessor: 96 registers a thread. Left to itself the compiler spills some to have more blocks.
constexpr int kBagBlocks = 5;
// A lane's rows on their way, of kN elements each: as floats they may take all registers there are.
template <int kN>
inline constexpr int kRowsInFlight = kN >= 8 ? 4 : 8;
constexpr std::int64_t kLongBag = 6;  // lookups on average from which on a warp has one bag

struct BagArgs {
  const std::uint8_t* rows;        // [all rows, row_bytes]
  const std::int32_t* ids;         // [lookups]
  const std::int32_t* offsets;     // [bags + 1], or null: one-hot
  const float* weights;            // [lookups], or null
  void* y;                         // [batch, tables, dim]
  const std::int64_t* first_rows;  // [tables + 1]
  std::int64_t row_bytes;
  int tables, batch, dim, lookups, bags;
  DType out;
  bool mean, shared;  // shared: all groups of a warp have one bag
};

/// Part of a row as floats: kN elements from column `c` on.
template <typename Row, int kN>
struct RowPart {
  Vec<Row, kN> values;
  __device__ void load(const std::uint8_t* row, const BagArgs&, int c) {
    values = Vec<Row, kN>::load(reinterpret_cast<const Row*>(row) + c);
  }
  __device__ void add_to(float (&sums)[kN], float w) const {
#pragma unroll
    for (int i = 0; i < kN; ++i) sums[i] = fmaf(to_float(values.at[i]), w, sums[i]);
  }
};

/// Values of a byte, with the scale and bias of their row.
template <int kN>
struct RowPart<std::uint8_t, kN> {
  Vec<std::uint8_t, kN> values;
  float scale, bias;  // both 0: no row
  __device__ void load(const std::uint8_t* row, const BagArgs& a, int c) {
    values = Vec<std::uint8_t, kN>::load(row + c);
    if constexpr (kN == 8) {  // then the row is so aligned as a whole
      const auto tail = Vec<float, 2>::load(reinterpret_cast<const float*>(row + a.dim));
      scale = tail.at[0];
      bias = tail.at[1];
    } else {
      scale = float_of(row + a.dim);
      bias = float_of(row + a.dim + 4);
    }
  }
  __device__ static float float_of(const std::uint8_t* p) {
    return __uint_as_float(p[0] | unsigned{p[1]} << 8 | unsigned{p[2]} << 16 | unsigned{p[3]} << 24);
  }
  // Decoded, and then added: a sum of values without their bias would grow far beyond what is asked for.
  __device__ void add_to(float (&sums)[kN], float w) const {
    const float s = scale * w, b = bias * w;
#pragma unroll
    for (int i = 0; i < kN; ++i) sums[i] += fmaf(static_cast<float>(values.at[i]), s, b);
  }
};

template <typename Out, int kN>
__device__ void store_as(void* y, std::int64_t at, const float (&sums)[kN]) {
  constexpr int kEach = kN < kVec16<Out> ? kN : kVec16<Out>;
#pragma unroll
  for (int i = 0; i < kN; i += kEach) {
    Vec<Out, kEach> part;
#pragma unroll
    for (int e = 0; e < kEach; ++e) part.at[e] = from_float<Out>(sums[i + e]);
    part.store(static_cast<Out*>(y) + at + i);
  }
}
template <int kN>
__device__ void store(const BagArgs& a, std::int64_t at, const float (&sums)[kN]) {
  switch (a.out) {
    case DType::f16: return store_as<__half>(a.y, at, sums);
    case DType::bf16: return store_as<__nv_bfloat16>(a.y, at, sums);
    default: return store_as<float>(a.y, at, sums);
  }
}

/// Whatever stands in the offsets, it is within ids.
__device__ inline int begin_of(const BagArgs& a, int bag) {
  return a.offsets == nullptr ? bag : min(max(a.offsets[bag], 0), a.lookups);
}

template <typename Row, int kLanes, int kN>
__global__ void __launch_bounds__(kBagThreads, kBagBlocks) bag_sums(BagArgs a) {
  constexpr int kGroups = kWarp / kLanes, kInFlight = kRowsInFlight<kN>;
  const int lane = static_cast<int>(threadIdx.x) % kWarp, group = lane / kLanes;
  const int warp = static_cast<int>(blockIdx.x * (kBagThreads / kWarp) + threadIdx.x / kWarp);
  const int bag = a.shared ? warp : warp * kGroups + group;
  const int first = a.shared ? group : 0, stride = a.shared ? kGroups : 1;
  const bool valid = bag < a.bags;  // all lanes stay: those of a warp meet below
  const int table = valid ? bag / a.batch : 0, sample = bag - table * a.batch;
  const int begin = valid ? begin_of(a, bag) : 0, end = valid ? begin_of(a, bag + 1) : 0;
  const std::int64_t first_row = a.first_rows[table], table_rows = a.first_rows[table + 1] - first_row;
  const std::uint8_t* const rows = a.rows + first_row * a.row_bytes;

  for (int from = 0; from < a.dim; from += kLanes * kN) {
    const int c = from + lane % kLanes * kN;
    const bool mine = c < a.dim;
    float sums[kN] = {};
    int next[kInFlight];  // ids of the round to come: asked for before the rows of this one are there
#pragma unroll
    for (int u = 0; u < kInFlight; ++u) {
      const int j = begin + first + u * stride;
      next[u] = j < end ? a.ids[j] : -1;
    }
    for (int round = begin + first; round < end; round += kInFlight * stride) {
      RowPart<Row, kN> part[kInFlight];
      float w[kInFlight];  // 0 where there is no row, whose part is zeros
#pragma unroll
      for (int u = 0; u < kInFlight; ++u) {
        part[u] = {};
        w[u] = 0;
        if (!mine || next[u] < 0 || next[u] >= table_rows) continue;
        part[u].load(rows + next[u] * a.row_bytes, a, c);
        w[u] = a.weights != nullptr ? a.weights[round + u * stride] : 1;
      }
#pragma unroll
      for (int u = 0; u < kInFlight; ++u) {
        const int ahead = round + (u + kInFlight) * stride;
        next[u] = ahead < end ? a.ids[ahead] : -1;
      }
#pragma unroll
      for (int u = 0; u < kInFlight; ++u) part[u].add_to(sums, w[u]);
    }
    if (a.shared)
#pragma unroll
      for (int step = kLanes; step < kWarp; step *= 2)
#pragma unroll
        for (int i = 0; i < kN; ++i) sums[i] += __shfl_xor_sync(~0u, sums[i], step);
    if (!valid || !mine || (a.shared && group > 0)) continue;
    if (a.mean && end > begin) {
      const float share = 1 / static_cast<float>(end - begin);
#pragma unroll
      for (int i = 0; i < kN; ++i) sums[i] *= share;
    }
    store(a, (std::int64_t{sample} * a.tables + table) * a.dim + c, sums);
  }
}

/// Each bag is one row: as many threads as there are accesses keep enough rows in flight.
template <typename Row, int kN>
__global__ void __launch_bounds__(kBagThreads) one_row_bags(BagArgs a, int vectors) {
  const std::int64_t at = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const int bag = static_cast<int>(at / vectors), c = static_cast<int>(at % vectors) * kN;
  if (bag >= a.bags) return;
  const int table = bag / a.batch, sample = bag - table * a.batch, id = a.ids[bag];
  const std::int64_t first_row = a.first_rows[table], table_rows = a.first_rows[table + 1] - first_row;
  float sums[kN] = {};
  if (id >= 0 && id < table_rows) {
    RowPart<Row, kN> part;
    part.load(a.rows + (first_row + id) * a.row_bytes, a, c);
    part.add_to(sums, a.weights != nullptr ? a.weights[bag] : 1);
  }
  store(a, (std::int64_t{sample} * a.tables + table) * a.dim + c, sums);
}

template <typename Row>
class EmbeddingBagCuda final : public Kernel {
 public:
  EmbeddingBagCuda(const EmbeddingBag& op, Lane& lane) : p_(op.p), weights_input_(op.weights_input()) {
    const std::vector<std::int64_t> first = p_.first_rows();
    const auto bytes = static_cast<std::int64_t>(first.size() * sizeof first[0]);
    first_rows_ = lane.device().allocate(bytes);
    lane.write(first_rows_->buffer(), first.data(), bytes);
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (p_.row_bytes() % kAccess == 0 && p_.dim % kN == 0)
      run<kN>(stream, in, out);
    else
      run<1>(stream, in, out);
  }
  std::int64_t workspace_bytes() const override { return first_rows_->buffer().bytes; }

 private:
  static constexpr int kAccess = std::is_same_v<Row, std::uint8_t> ? 8 : 16;  // bytes
  static constexpr int kN = kAccess / static_cast<int>(sizeof(Row));

  BagArgs args(Buffers in, Buffers out) const {
    return {
        .rows = static_cast<const std::uint8_t*>(in[EmbeddingBag::kRows].data),
        .ids = static_cast<const std::int32_t*>(in[EmbeddingBag::kIds].data),
        .offsets = p_.one_hot ? nullptr : static_cast<const std::int32_t*>(in[EmbeddingBag::kOffsets].data),
        .weights = p_.weighted ? static_cast<const float*>(in[weights_input_].data) : nullptr,
        .y = out[0].data,
        .first_rows = static_cast<const std::int64_t*>(first_rows_->buffer().data),
        .row_bytes = p_.row_bytes(),
        .tables = static_cast<int>(p_.tables_count()),
        .batch = static_cast<int>(p_.batch),
        .dim = static_cast<int>(p_.dim),
        .lookups = static_cast<int>(p_.lookups),
        .bags = static_cast<int>(p_.bags()),
        .out = p_.out,
        .mean = p_.pooling == EmbeddingBag::Pooling::mean,
        .shared = p_.lookups >= kLongBag * p_.bags()};
  }

  template <int kElements>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const BagArgs a = args(in, out);
    const auto vectors = static_cast<int>((p_.dim + kElements - 1) / kElements);
    if (p_.one_hot)
      return assay::launch(one_row_bags<Row, kElements>, blocks_for(p_.bags() * vectors, kBagThreads),
                           kBagThreads, 0, stream, a, vectors);
    if constexpr (kElements > 1) {
      if (vectors <= 8) return sums<8, kElements>(stream, a);
      if (vectors <= 16) return sums<16, kElements>(stream, a);
    }
    sums<kWarp, kElements>(stream, a);
  }

  template <int kLanes, int kElements>
  void sums(const Stream& stream, const BagArgs& a) const {
    const std::int64_t bags_a_block = kBagThreads / (a.shared ? kWarp : kLanes);
    assay::launch(bag_sums<Row, kLanes, kElements>, blocks_for(p_.bags(), bags_a_block), kBagThreads, 0,
                  stream, a);
  }

  const EmbeddingBag::Params p_;
  const std::size_t weights_input_;
  std::unique_ptr<Memory> first_rows_;
};

}  // namespace

std::unique_ptr<Kernel> make_embedding_bag_cuda(const Op& op, Lane& lane) {
  const auto& bag = op_cast<EmbeddingBag>(op);
  const auto make = [&]<typename Row>() -> std::unique_ptr<Kernel> {
    return std::make_unique<EmbeddingBagCuda<Row>>(bag, lane);
  };
  if (bag.p.row_type == DType::u8) return make.template operator()<std::uint8_t>();
  return kernel_for(bag.p.row_type, "embedding_bag/warps", make);
}

}  // namespace assay
