// SPDX-License-Identifier: Apache-2.0
// Temperature, top-k and top-p without sorting. Each question ("which is the k-th largest", "where does the
// probability from the top down pass this mark") is a radix selection: histogram the leading bits of the
// keys, find the bin that holds the answer, go on with the next bits inside it. Probabilities are integers
// (units of 2^-40 of the most likely), so the sums do not depend on the order of the atomics and a draw is
// the same each time.
#include "base/random.h"
#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/sample/logits.cuh"
#include "kernels/sample/sample.h"

namespace assay {
namespace {

constexpr int kThreads = 512, kWarps = kThreads / kWarp;
constexpr int kDigit = 11, kBins = 1 << kDigit, kBinsEach = kBins / kThreads;

struct DrawArgs {
  Chosen chosen;
  std::int64_t vocab, top_k;  // top_k 0: all
  float temperature, top_p;
  std::uint64_t random;  // key of the uniform numbers
};

struct DrawShared {
  Mass bins[kBins];
  Mass of_warp[kWarps];
  float scratch[kWarp];
  std::uint32_t bin;
  Mass above;
};

/// Where a mark falls: the logit's key, and what stands above that key.
struct Place {
  std::uint32_t key;
  Mass above;
};

/// Sum over the block of all lower threads' values; `total` is everybody's.
__device__ Mass sum_before(Mass value, DrawShared& shared, Mass& total) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  Mass upto = value;
#pragma unroll
  for (int step = 1; step < kWarp; step *= 2) {
    const Mass other = __shfl_up_sync(~0u, upto, step);
    if (lane >= step) upto += other;
  }
  __syncthreads();  // of_warp may still be read from the last call
  if (lane == kWarp - 1) shared.of_warp[warp] = upto;
  __syncthreads();
  Mass before = upto - value;
  total = 0;
  for (int w = 0; w < kWarps; ++w) {
    if (w < warp) before += shared.of_warp[w];
    total += shared.of_warp[w];
  }
  return before;
}

/// The first key from the top down at which the sum of measure(logit) exceeds `mark`, which must be below the
/// sum of all. All threads call it and get the answer.
template <typename T, typename Measure>
__device__ Place place_of(const T* row, std::int64_t vocab, Mass mark, DrawShared& shared, Measure measure) {
  // 16-bit logits differ in their upper bits only: two digits, and the rest of the key follows from the sign.
  constexpr int kDigits = sizeof(T) == 2 ? 2 : 3;
  const int thread = static_cast<int>(threadIdx.x);
  std::uint32_t prefix = 0;
  Mass above = 0;
  int shift = 32;
#pragma unroll 1
  for (int digit = 0; digit < kDigits; ++digit) {
    const int decided = shift;
    shift = shift > kDigit ? shift - kDigit : 0;
    __syncthreads();
    for (int b = thread; b < kBins; b += kThreads) shared.bins[b] = 0;
    __syncthreads();
    each_logit(row, 0, vocab, thread, kThreads, [&](std::int64_t, float logit) {
      const std::uint32_t key = logit_key(logit);
      if (decided < 32 && key >> decided != prefix) return;
      atomicAdd(&shared.bins[key >> shift & (kBins - 1) & ((1u << (decided - shift)) - 1)], measure(logit));
    });
    __syncthreads();
    Mass mine[kBinsEach], in_mine = 0;  // from the top down
#pragma unroll
    for (int i = 0; i < kBinsEach; ++i) in_mine += mine[i] = shared.bins[kBins - 1 - kBinsEach * thread - i];
    Mass total, before = above + sum_before(in_mine, shared, total);
#pragma unroll
    for (int i = 0; i < kBinsEach; ++i) {
      if (before <= mark && mark < before + mine[i]) {
        shared.bin = static_cast<std::uint32_t>(kBins - 1 - kBinsEach * thread - i);
        shared.above = before;
      }
      before += mine[i];
    }
    __syncthreads();
    prefix = prefix << (decided - shift) | shared.bin;
    above = shared.above;
  }
  if constexpr (kDigits == 2) {
    const std::uint32_t rest = (1u << shift) - 1;
    prefix = prefix << shift | (prefix >> (31 - shift) != 0 ? 0u : rest);
  }
  return {prefix, above};
}

/// The id of the `rank`-th logit, by id, that has this key; -1 for all but one thread. A stretch of the row a
/// warp.
template <typename T>
__device__ std::int64_t id_of(const T* row, std::int64_t vocab, std::uint32_t key, Mass rank,
                              DrawShared& shared) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  const std::int64_t stretch = (vocab + kThreads - 1) / kThreads * kWarp;
  const std::int64_t from = warp * stretch, to = min(from + stretch, vocab);
  Mass count = 0;
  for (std::int64_t id = from + lane; id < to; id += kWarp)
    count += logit_key(to_float(row[id])) == key ? 1 : 0;
  Mass all;
  const Mass before_lane = sum_before(count, shared, all);
  const Mass before = __shfl_sync(~0u, before_lane, 0);
  const Mass here = __shfl_sync(~0u, before_lane + count, kWarp - 1) - before;
  if (rank < before || rank >= before + here) return -1;
  Mass passed = before;
  for (std::int64_t base = from; base < to; base += kWarp) {
    const std::int64_t id = base + lane;
    const bool equal = id < to && logit_key(to_float(row[id])) == key;
    const unsigned votes = __ballot_sync(~0u, equal);
    const Mass mine = passed + static_cast<Mass>(__popc(votes & ((1u << lane) - 1)));
    if (equal && mine == rank) return id;
    passed += static_cast<Mass>(__popc(votes));
    if (rank < passed) return -1;
  }
  return -1;
}

template <typename T>
__global__ void __launch_bounds__(kThreads, 1)
    draw_rows(const T* __restrict__ logits /* [sequences, vocab] */, DrawArgs a) {
  start_early();
  __shared__ DrawShared shared;
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t sequence = blockIdx.x;
  const T* row = logits + sequence * a.vocab;

  float largest = -INFINITY;
  each_logit(row, 0, a.vocab, thread, kThreads,
             [&](std::int64_t, float logit) { largest = fmaxf(largest, logit); });
  largest = block_max(largest, shared.scratch, -INFINITY);
  const auto weight = [&](float logit) {
    return static_cast<Mass>(__float2ull_rn(expf((logit - largest) / a.temperature) * 0x1p40f));
  };

  // The candidates that top_k leaves: keys above an edge, and the first `ties` at it.
  Place edge{0, 0};
  Mass ties = 0;
  if (a.top_k > 0 && a.top_k < a.vocab) {
    edge = place_of(row, a.vocab, static_cast<Mass>(a.top_k - 1), shared, [](float) { return Mass{1}; });
    ties = static_cast<Mass>(a.top_k) - edge.above;
  }
  Mass sum = 0, mass;
  each_logit(row, 0, a.vocab, thread, kThreads, [&](std::int64_t, float logit) {
    if (ties == 0 || logit_key(logit) > edge.key) sum += weight(logit);
  });
  sum_before(sum, shared, mass);
  if (ties > 0) mass += ties * weight(logit_of(edge.key));

  // Of those, the fewest that reach top_p: whole keys above a place, and as many at it as are needed.
  if (a.top_p < 1) {
    const double wanted = ceil(static_cast<double>(a.top_p) * static_cast<double>(mass));
    const Mass mark = wanted < 1 ? 0 : static_cast<Mass>(wanted) - 1;
    const Place place = place_of(row, a.vocab, mark, shared, weight);
    const Mass each = weight(logit_of(place.key));
    mass = place.above + ((mark - place.above) / each + 1) * each;
  }

  const std::uint64_t draw =
      static_cast<std::uint64_t>(sequence * a.chosen.capacity + a.chosen.positions[sequence] + 1);
  const double u = static_cast<double>(uniform_element(a.random, draw));
  const Mass mark = static_cast<Mass>(u * static_cast<double>(mass));  // u < 1 by 2^-24: below mass
  const Place place = place_of(row, a.vocab, mark, shared, weight);
  const Mass rank = (mark - place.above) / weight(logit_of(place.key));
  // All have read the position before the one thread that finds the token moves it: place_of has barriers.
  const std::int64_t id = id_of(row, a.vocab, place.key, rank, shared);
  if (id >= 0) a.chosen.take(sequence, id);
}

template <typename T>
class DrawCuda final : public Kernel {
 public:
  explicit DrawCuda(const Sample& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const DrawArgs args{.chosen = {.tokens = static_cast<std::int32_t*>(out[0].data),
                                   .positions = static_cast<std::int32_t*>(out[1].data),
                                   .history = static_cast<std::int32_t*>(out[2].data),
                                   .capacity = p_.capacity},
                        .vocab = p_.vocab,
                        .top_k = p_.top_k,
                        .temperature = p_.temperature,
                        .top_p = p_.top_p,
                        .random = random_key(p_.seed, "sample")};
    assay::launch_early(draw_rows<T>, blocks_for(p_.sequences, 1), kThreads, 0, stream,
                        static_cast<const T*>(in[0].data), args);
  }

 private:
  const Sample::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_sample_cuda_draw(const Op& op, Lane&) {
  const auto& sample = op_cast<Sample>(op);
  if (sample.p.temperature == 0) throw Unsupported("sample/draw takes a temperature above 0");
  return kernel_for(sample.p.type, "sample/draw", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<DrawCuda<T>>(sample);
  });
}

}  // namespace assay
