// SPDX-License-Identifier: Apache-2.0
// Philox in vectors: a 64-bit lane is a counter, and its words stand in the low halves of four vectors (what
// the high halves hold never matters: the multiplier reads low halves only).
#include "base/dtype.h"
#include "base/random.h"
#include "device/cpu/fill.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/fill_normal.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// AVX2 and better fuse multiply and add; below that only a sum with 0 is rounded once.
constexpr bool kFused = HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3;
constexpr bool kHalfUnit = kFused;  // conversion to f16 in hardware, to nearest even

void NormalFloats(float* HWY_RESTRICT out, std::int64_t count, std::uint64_t key, std::int64_t first,
                  float mean, float scale) {
  std::int64_t done = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint64_t> d64;
  const hn::Repartition<std::uint32_t, decltype(d64)> d32;
  const hn::Repartition<std::int32_t, decltype(d64)> di32;
  const hn::Repartition<float, decltype(d64)> df;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d64));
  if (kFused || mean == 0) {
    const auto m0 = hn::Set(d64, 0xD2511F53u), m1 = hn::Set(d64, 0xCD9E8D57u);
    const auto low16 = hn::Set(d64, 0xffffu), low32 = hn::Set(d64, 0xffffffffu);
    const auto centre = hn::Set(di32, 131070);
    const auto scales = hn::Set(df, scale), means = hn::Set(df, mean);
    for (; done + 2 * lanes <= count; done += 2 * lanes) {
      const auto counter = hn::Iota(d64, static_cast<std::uint64_t>(first + done) / 2);
      auto c0 = counter, c1 = hn::ShiftRight<32>(counter), c2 = hn::Zero(d64), c3 = hn::Zero(d64);
      auto k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
      for (int round = 0; round < 10; ++round) {
        const auto p0 = hn::MulEven(hn::BitCast(d32, c0), hn::BitCast(d32, m0));
        const auto p1 = hn::MulEven(hn::BitCast(d32, c2), hn::BitCast(d32, m1));
        c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d64, k0));
        c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d64, k1));
        c1 = p1;
        c3 = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
      }
      const auto sum_of = [&](auto a, auto b) {
        const auto low = hn::Add(hn::And(a, low16), hn::And(b, low16));
        const auto high =
            hn::Add(hn::ShiftRight<16>(hn::And(a, low32)), hn::ShiftRight<16>(hn::And(b, low32)));
        return hn::Add(low, high);
      };
      // Elements 2c and 2c + 1 of counter c are the halves of its lane: already in order.
      const auto sums = hn::Or(sum_of(c0, c1), hn::ShiftLeft<32>(sum_of(c2, c3)));
      const auto values = hn::ConvertTo(df, hn::Sub(hn::BitCast(di32, sums), centre));
      hn::StoreU(hn::MulAdd(values, scales, means), df, out + done);
    }
  }
#endif
  for (; done < count; ++done)
    out[done] = normal_element(key, static_cast<std::uint64_t>(first + done), mean, scale);
}

void RoundFloats(const float* HWY_RESTRICT from, std::int64_t count, DType dtype, void* to) {
  const hn::ScalableTag<float> df;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(df));
  auto* const to16 = static_cast<std::uint16_t*>(to);

  std::int64_t i = 0;
  if (dtype == DType::bf16) {
    const hn::RebindToUnsigned<decltype(df)> du;
    const hn::Rebind<std::uint16_t, decltype(df)> d16;
    for (; i + lanes <= count; i += lanes) {
      const auto bits = hn::BitCast(du, hn::LoadU(df, from + i));
      const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
      const auto rounded = hn::Add(hn::Add(bits, hn::Set(du, 0x7fff)), odd);
      hn::StoreU(hn::TruncateTo(d16, hn::ShiftRight<16>(rounded)), d16, to16 + i);
    }
    for (; i < count; ++i) to16[i] = bf16_from_float(from[i]);
  } else if (dtype == DType::f16) {
    if constexpr (kHalfUnit) {
      const hn::Rebind<hwy::float16_t, decltype(df)> dh;
      for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::DemoteTo(dh, hn::LoadU(df, from + i)), dh,
                   reinterpret_cast<hwy::float16_t*>(to16 + i));
    }
    for (; i < count; ++i) to16[i] = f16_from_float(from[i]);
  } else if (dtype == DType::tf32) {
    for (; i < count; ++i) static_cast<float*>(to)[i] = tf32_from_float(from[i]);
  } else if (dtype == DType::f8e4m3) {
    for (; i < count; ++i) static_cast<std::uint8_t*>(to)[i] = f8e4m3_from_float(from[i]);
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
HWY_EXPORT(NormalFloats);
HWY_EXPORT(RoundFloats);

void normal_floats(std::span<float> out, std::uint64_t key, std::int64_t first, float mean, float scale) {
  HWY_DYNAMIC_DISPATCH(NormalFloats)
  (out.data(), static_cast<std::int64_t>(out.size()), key, first, mean, scale);
}

void round_floats(std::span<const float> from, DType dtype, void* to) {
  HWY_DYNAMIC_DISPATCH(RoundFloats)(from.data(), static_cast<std::int64_t>(from.size()), dtype, to);
}

}  // namespace assay
#endif  // HWY_ONCE
