// SPDX-License-Identifier: Apache-2.0
// A 64-bit lane is a counter, and its words stand in the low halves of four vectors; what the high halves
// hold does not matter until they are put together: the multiplier reads low halves only.
#include "plan/philox_words.h"

#include <algorithm>
#include <iterator>

#include "base/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/philox_words.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void PhiloxWords(std::uint64_t key, std::uint64_t first, std::size_t blocks, std::uint32_t* to) {
  std::size_t done = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint64_t> d64;
  const hn::Repartition<std::uint32_t, decltype(d64)> d32;
  const std::size_t lanes = hn::Lanes(d64);
  const auto m0 = hn::BitCast(d32, hn::Set(d64, 0xD2511F53u)),
             m1 = hn::BitCast(d32, hn::Set(d64, 0xCD9E8D57u));
  const auto low32 = hn::Set(d64, 0xffffffffu);
  for (; done + lanes <= blocks; done += lanes) {
    auto c0 = hn::Iota(d64, first + done), c1 = hn::ShiftRight<32>(c0), c2 = hn::Zero(d64),
         c3 = hn::Zero(d64);
    auto k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      const auto p0 = hn::MulEven(hn::BitCast(d32, c0), m0), p1 = hn::MulEven(hn::BitCast(d32, c2), m1);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d64, k0));
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d64, k1));
      c1 = p1;
      c3 = p0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    const auto words01 = hn::Or(hn::And(c0, low32), hn::ShiftLeft<32>(c1));
    const auto words23 = hn::Or(hn::And(c2, low32), hn::ShiftLeft<32>(c3));
    // Two words are one element of 64 bits: little endian, as all that is compiled here.
    hn::StoreInterleaved2(words01, words23, d64, reinterpret_cast<std::uint64_t*>(to + 4 * done));
  }
#endif
  for (; done < blocks; ++done) {
    const PhiloxBlock random = philox(key, first + done);
    std::copy(std::begin(random.word), std::end(random.word), to + 4 * done);
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
HWY_EXPORT(PhiloxWords);

void philox_words(std::uint64_t key, std::uint64_t first, std::size_t blocks, std::uint32_t* to) {
  HWY_DYNAMIC_DISPATCH(PhiloxWords)(key, first, blocks, to);
}

}  // namespace assay
#endif  // HWY_ONCE
