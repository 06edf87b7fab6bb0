// SPDX-License-Identifier: Apache-2.0
// Next tokens: the largest logit by a vectorised search, drawn ones by draw_cpu.h. A vocabulary is cut into
// parts where there are more threads than sequences.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sample/sample_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <limits>
#include <vector>

#include "base/random.h"
#include "kernels/sample/draw_cpu.h"
#include "kernels/sample/sample.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

#ifndef ASSAY_SAMPLE_CPU_ONCE
#define ASSAY_SAMPLE_CPU_ONCE
namespace assay::cpu {
struct Largest {
  float logit;
  std::int32_t token;
};
}  // namespace assay::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// The largest of `count` logits and its lowest index. The order of operands drops NaNs: they are never
/// larger.
template <typename T>
Largest largest(const T* logits, std::int64_t count) {
  constexpr std::int64_t kRun = 2048;  // searched again for the index when it has the largest
  const float nothing = -std::numeric_limits<float>::infinity();
  float best = nothing;
  std::int64_t run = 0;
  for (std::int64_t begin = 0; begin < count; begin += kRun) {
    const std::int64_t end = std::min(count, begin + kRun);
    Floats a = set(nothing), b = set(nothing);
    std::int64_t i = begin;
    for (; i + kStep <= end; i += kStep) {
      const Pair v = load_pair(logits + i);
      a = hn::Max(v.a, a);
      b = hn::Max(v.b, b);
    }
    if (i < end) {
      const Pair v = load_pair(logits + i, end - i), mask = pair_mask<T>(end - i);
      a = hn::Max(hn::IfThenElse(hn::Gt(mask.a, set(0)), v.a, a), a);
      b = hn::Max(hn::IfThenElse(hn::Gt(mask.b, set(0)), v.b, b), b);
    }
    const float here = max(hn::Max(a, b));
    if (here > best) {
      best = here;
      run = begin;
    }
  }
  for (std::int64_t i = run; i < count; i += kStep) {
    HWY_ALIGN float lanes[kStep];
    const Pair v = load_pair(logits + i, count - i);
    if (hn::AllFalse(kF, hn::Or(hn::Eq(v.a, set(best)), hn::Eq(v.b, set(best))))) continue;
    store_pair(lanes, v);
    for (std::int64_t j = 0; j < kStep && i + j < count; ++j)
      if (lanes[place_in_pair<T>(j)] == best) return {best, static_cast<std::int32_t>(i + j)};
  }
  return {best, 0};
}

Largest SampleLargest(DType type, const void* logits, std::int64_t begin, std::int64_t end) {
  Largest found = {};
  with_element(type, [&](auto element) {
    found = largest(static_cast<const decltype(element)*>(logits) + begin, end - begin);
  });
  return {found.logit, static_cast<std::int32_t>(begin + found.token)};
}

/// bucket_of[i] of each logit, and the buckets' sums.
template <typename T>
void fill_buckets(const T* logits, std::int64_t count, float most, float temperature,
                  std::uint16_t* bucket_of, Bucket* buckets) {
  const Floats top = set(most), per_temperature = set(1.0f / temperature);
  const Floats per_unit = set(-Bucket::kPerUnit), last = set(static_cast<float>(Bucket::kCount - 1));
  HWY_ALIGN float weights[kStep];
  HWY_ALIGN std::int32_t places[kStep];
  for (std::int64_t i = 0; i < count; i += kStep) {
    const Pair v = load_pair(logits + i, count - i);
    const Floats a = hn::Mul(hn::Sub(v.a, top), per_temperature),
                 b = hn::Mul(hn::Sub(v.b, top), per_temperature);
    store_pair(weights, {exponential(a), exponential(b)});
    // Min with a NaN gives its second operand: no index is out of range.
    hn::Store(hn::ConvertTo(kI, hn::Min(hn::Mul(a, per_unit), last)), kI, places);
    hn::Store(hn::ConvertTo(kI, hn::Min(hn::Mul(b, per_unit), last)), kI, places + kLanes);
    const std::int64_t here = std::min(kStep, count - i);
    for (std::int64_t j = 0; j < here; ++j) {
      const std::int64_t lane = place_in_pair<T>(j);
      bucket_of[i + j] = static_cast<std::uint16_t>(places[lane]);
      Bucket& bucket = buckets[places[lane]];
      bucket.mass += static_cast<double>(weights[lane]);
      ++bucket.count;
    }
  }
}

void SampleBuckets(DType type, const void* logits, std::int64_t begin, std::int64_t end, float most,
                   float temperature, std::uint16_t* bucket_of, Bucket* buckets) {
  with_element(type, [&](auto element) {
    fill_buckets(static_cast<const decltype(element)*>(logits) + begin, end - begin, most, temperature,
                 bucket_of + begin, buckets);
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(SampleLargest);
HWY_EXPORT(SampleBuckets);

class SampleKernel final : public Kernel {
 public:
  explicit SampleKernel(const Sample& op)
      : p_(op.p),
        key_(random_key(p_.seed, "sample")),
        bytes_(op.cost().all_paths().both()),
        parts_(std::max<std::int64_t>(1, omp_get_max_threads() / p_.sequences)),
        largest_(size(p_.sequences * parts_)) {
    if (p_.temperature == 0) return;
    buckets_.resize(size(p_.sequences * parts_ * Bucket::kCount));
    bucket_of_.resize(size(p_.sequences * p_.vocab));
    sorted_.resize(size(omp_get_max_threads()));
    for (auto& sorted : sorted_) sorted.reserve(size(p_.vocab));
  }

  std::int64_t workspace_bytes() const override {
    const std::size_t sorted = sorted_.size() * size(p_.vocab) * sizeof(std::uint64_t);
    return static_cast<std::int64_t>(buckets_.size() * sizeof(Bucket) + bucket_of_.size() * 2 + sorted);
  }

  void launch(Stream&, Buffers in, Buffers out) override {
#pragma omp parallel if (bytes_ > kParallelBytes)
    {
#pragma omp for schedule(static)
      for (std::int64_t i = 0; i < p_.sequences * parts_; ++i)
        largest_[size(i)] = HWY_DYNAMIC_DISPATCH(SampleLargest)(p_.type, row(in, i / parts_),
                                                                begin(i % parts_), begin(i % parts_ + 1));
      if (p_.temperature > 0) {
#pragma omp for schedule(static)
        for (std::int64_t i = 0; i < p_.sequences * parts_; ++i) fill(in, i);
      }
#pragma omp for schedule(static)
      for (std::int64_t b = 0; b < p_.sequences; ++b) move_on(b, in, out);
    }
  }

 private:
  static std::size_t size(std::int64_t n) {
    return static_cast<std::size_t>(n);
  }
  const void* row(Buffers in, std::int64_t sequence) const {
    return static_cast<const char*>(in[0].data) + sequence * p_.vocab * bytes_of(p_.type);
  }
  /// First token of a part; of part parts_ the end of the vocabulary.
  std::int64_t begin(std::int64_t part) const {
    return p_.vocab * part / parts_;
  }

  Largest largest_of(std::int64_t sequence) const {
    Largest best = largest_[size(sequence * parts_)];
    for (std::int64_t part = 1; part < parts_; ++part) {
      const Largest& other = largest_[size(sequence * parts_ + part)];
      if (other.logit > best.logit) best = other;
    }
    return best;
  }

  void fill(Buffers in, std::int64_t i) {
    const std::int64_t sequence = i / parts_, part = i % parts_;
    Bucket* buckets = buckets_.data() + i * Bucket::kCount;
    std::fill_n(buckets, Bucket::kCount, Bucket{});
    HWY_DYNAMIC_DISPATCH(SampleBuckets)
    (p_.type, row(in, sequence), begin(part), begin(part + 1), largest_of(sequence).logit, p_.temperature,
     bucket_of_.data() + sequence * p_.vocab, buckets);
  }

  std::int32_t draw(std::int64_t sequence, std::int32_t position, Buffers in) {
    Bucket* buckets = buckets_.data() + sequence * parts_ * Bucket::kCount;
    for (std::int64_t part = 1; part < parts_; ++part)
      for (std::int64_t b = 0; b < Bucket::kCount; ++b) {
        buckets[b].mass += buckets[part * Bucket::kCount + b].mass;
        buckets[b].count += buckets[part * Bucket::kCount + b].count;
      }
    const float u = uniform_element(key_, static_cast<std::uint64_t>(sequence * p_.capacity + position + 1));
    std::int32_t token = 0;
    with_element(p_.type, [&](auto element) {
      using T = decltype(element);
      token = Draw<T>(static_cast<const T*>(row(in, sequence)), largest_of(sequence).logit, p_.temperature,
                      {bucket_of_.data() + sequence * p_.vocab, size(p_.vocab)},
                      {buckets, size(Bucket::kCount)}, sorted_[size(omp_get_thread_num())])
                  .token(p_.top_k, p_.top_p, u);
    });
    return token;
  }

  void move_on(std::int64_t sequence, Buffers in, Buffers out) {
    std::int32_t& position = out[1].as<std::int32_t>()[size(sequence)];
    const std::int32_t token = p_.temperature > 0 ? draw(sequence, position, in) : largest_of(sequence).token;
    position = std::min(position + 1, static_cast<std::int32_t>(p_.capacity - 1));
    out[0].as<std::int32_t>()[size(sequence)] = token;
    out[2].as<std::int32_t>()[size(sequence * p_.capacity + position)] = token;
  }

  const Sample::Params p_;
  const std::uint64_t key_;
  const double bytes_;
  const std::int64_t parts_;                        // of the vocabulary
  std::vector<Largest> largest_;                    // [sequences, parts]
  std::vector<Bucket> buckets_;                     // [sequences, parts, Bucket::kCount]
  std::vector<std::uint16_t> bucket_of_;            // [sequences, vocab]
  std::vector<std::vector<std::uint64_t>> sorted_;  // a thread: room for the vocabulary
};
}  // namespace cpu

std::unique_ptr<Kernel> make_sample_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "sample");
  return std::make_unique<cpu::SampleKernel>(op_cast<Sample>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
