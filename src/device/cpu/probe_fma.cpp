// SPDX-License-Identifier: Apache-2.0
// Multiply-add loops in assembly: GCC spills accumulators of such loops written with intrinsics, and a
// spilled probe is a ceiling that is too low. Registers 0 to 15 only, so that no target flag is needed to
// compile it.
#include <omp.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "device/cpu/isa.h"
#include "device/cpu/probe.h"

namespace assay {
namespace {

// Twelve or fourteen accumulators cover latency x issue rate of every core so far (Zen 4: 4 x 2, Golden Cove:
// 4 x 2, its bf16 dot product: 6 x 2). Sources are 14 and 15: powers of two, finite, not zero.
#define ASSAY_CLOBBER_VECTORS                                                                                \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
      "xmm13", "xmm14", "xmm15"

constexpr float kSource[16] = {.5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f,
                               .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f};

// Each runs `rounds` rounds of the instructions between the labels and returns the FLOPs of one round.
#define ASSAY_FMA_LOOP(FUNCTION, FLOPS, ZERO, LOAD, FMA, LEAVE)                                            \
  double FUNCTION(std::int64_t rounds) {                                                                   \
    asm volatile(LOAD(14) LOAD(15) ZERO(0) ZERO(1) ZERO(2) ZERO(3) ZERO(4) ZERO(5) ZERO(6) ZERO(7) ZERO(8) \
                     ZERO(9) ZERO(10) ZERO(11) ZERO(12) ZERO(13) ".p2align 5\n1:\n" FMA(0) FMA(1) FMA(2)   \
                         FMA(3) FMA(4) FMA(5) FMA(6) FMA(7) FMA(8) FMA(9) FMA(10) FMA(11) FMA(12)          \
                             FMA(13) "dec %[rounds]\n jnz 1b\n" LEAVE                                      \
                 : [rounds] "+r"(rounds)                                                                   \
                 : [source] "r"(kSource)                                                                   \
                 : "cc", "memory", ASSAY_CLOBBER_VECTORS);                                                 \
    return 14 * (FLOPS);                                                                                   \
  }

#define ASSAY_SSE_ZERO(R) "xorps %%xmm" #R ", %%xmm" #R "\n"
#define ASSAY_SSE_LOAD(R) "movups (%[source]), %%xmm" #R "\n"
#define ASSAY_AVX_ZERO(R) "vxorps %%ymm" #R ", %%ymm" #R ", %%ymm" #R "\n"
#define ASSAY_AVX_LOAD(R) "vmovups (%[source]), %%ymm" #R "\n"
#define ASSAY_AVX_FMA(R) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #R "\n"
#define ASSAY_512_ZERO(R) "vpxord %%zmm" #R ", %%zmm" #R ", %%zmm" #R "\n"
#define ASSAY_512_LOAD(R) "vmovups (%[source]), %%zmm" #R "\n"
#define ASSAY_512_FMA(R) "vfmadd231ps %%zmm14, %%zmm15, %%zmm" #R "\n"
#define ASSAY_512_DOT(R) "vdpbf16ps %%zmm14, %%zmm15, %%zmm" #R "\n"

ASSAY_FMA_LOOP(avx2_f32, 8 * 2, ASSAY_AVX_ZERO, ASSAY_AVX_LOAD, ASSAY_AVX_FMA, "vzeroupper\n")
ASSAY_FMA_LOOP(avx512_f32, 16 * 2, ASSAY_512_ZERO, ASSAY_512_LOAD, ASSAY_512_FMA, "vzeroupper\n")
ASSAY_FMA_LOOP(avx512_bf16, 32 * 2, ASSAY_512_ZERO, ASSAY_512_LOAD, ASSAY_512_DOT, "vzeroupper\n")

// Without FMA a multiply-add is a multiply and an add: seven of each, independent, count as seven.
#define ASSAY_SSE_PAIR(M, A) "mulps %%xmm14, %%xmm" #M "\n addps %%xmm15, %%xmm" #A "\n"
double sse2_f32(std::int64_t rounds) {
  asm volatile(ASSAY_SSE_LOAD(14) ASSAY_SSE_LOAD(15) ASSAY_SSE_ZERO(0) ASSAY_SSE_ZERO(1) ASSAY_SSE_ZERO(2)
                   ASSAY_SSE_ZERO(3) ASSAY_SSE_ZERO(4) ASSAY_SSE_ZERO(5) ASSAY_SSE_ZERO(6) ASSAY_SSE_ZERO(7)
                       ASSAY_SSE_ZERO(8) ASSAY_SSE_ZERO(9) ASSAY_SSE_ZERO(10) ASSAY_SSE_ZERO(11)
                           ASSAY_SSE_ZERO(12) ASSAY_SSE_ZERO(13) ".p2align 5\n1:\n" ASSAY_SSE_PAIR(0, 7)
                               ASSAY_SSE_PAIR(1, 8) ASSAY_SSE_PAIR(2, 9) ASSAY_SSE_PAIR(3, 10)
                                   ASSAY_SSE_PAIR(4, 11) ASSAY_SSE_PAIR(5, 12)
                                       ASSAY_SSE_PAIR(6, 13) "dec %[rounds]\n jnz 1b\n"
               : [rounds] "+r"(rounds)
               : [source] "r"(kSource)
               : "cc", "memory", ASSAY_CLOBBER_VECTORS);
  return 7 * 4 * 2;
}

/// Tile shapes for ldtilecfg: eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

double amx_bf16(std::int64_t rounds) {
  static const TileConfig config;
  alignas(64) std::uint16_t data[16 * 32];
  std::fill(std::begin(data), std::end(data), std::uint16_t{0x3f00});  // 0.5
  asm volatile(
      "ldtilecfg (%[config])\n"
      "tilezero %%tmm0\n tilezero %%tmm1\n tilezero %%tmm2\n tilezero %%tmm3\n"
      "tileloadd (%[data],%[stride],1), %%tmm4\n tileloadd (%[data],%[stride],1), %%tmm5\n"
      "tileloadd (%[data],%[stride],1), %%tmm6\n tileloadd (%[data],%[stride],1), %%tmm7\n"
      "1:\n"
      "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n tdpbf16ps %%tmm7, %%tmm4, %%tmm1\n"
      "tdpbf16ps %%tmm6, %%tmm5, %%tmm2\n tdpbf16ps %%tmm7, %%tmm5, %%tmm3\n"
      "dec %[rounds]\n jnz 1b\n"
      "tilerelease\n"
      : [rounds] "+r"(rounds)
      : [config] "r"(&config), [data] "r"(data), [stride] "r"(std::int64_t{64})
      : "cc", "memory");
  return 4.0 * 16 * 16 * 32 * 2;
}

double run_rounds(FmaKind kind, std::int64_t rounds) {
  switch (kind) {
    case FmaKind::sse2_f32: return sse2_f32(rounds);
    case FmaKind::avx2_f32: return avx2_f32(rounds);
    case FmaKind::avx512_f32: return avx512_f32(rounds);
    case FmaKind::avx512_bf16: return avx512_bf16(rounds);
    case FmaKind::amx_bf16: return amx_bf16(rounds);
  }
  throw std::logic_error("fma_rate: unknown kind");
}

}  // namespace

std::string_view name(FmaKind kind) {
  switch (kind) {
    case FmaKind::sse2_f32: return "SSE2 f32";
    case FmaKind::avx2_f32: return "AVX2 FMA f32";
    case FmaKind::avx512_f32: return "AVX-512 FMA f32";
    case FmaKind::avx512_bf16: return "AVX512_BF16";
    case FmaKind::amx_bf16: return "AMX bf16";
  }
  return "?";
}

FmaKind fma_kind_for(DType dtype) {
  static const Isa isa = detect_isa();
  if (dtype == DType::bf16 && isa.amx_bf16) return FmaKind::amx_bf16;
  if (dtype == DType::bf16 && isa.avx512_bf16) return FmaKind::avx512_bf16;
  if (isa.avx512f) return FmaKind::avx512_f32;
  return isa.avx2 ? FmaKind::avx2_f32 : FmaKind::sse2_f32;
}

double joint_rate(std::span<const ThreadShare> shares) {
  if (shares.empty()) return 0;
  double amount = 0, begin_s = shares.front().begin_s, end_s = shares.front().end_s;
  for (const ThreadShare& share : shares) {
    amount += share.amount;
    begin_s = std::min(begin_s, share.begin_s);
    end_s = std::max(end_s, share.end_s);
  }
  return end_s > begin_s ? amount / (end_s - begin_s) : 0;
}

double fma_rate(FmaKind kind, double seconds) {
  constexpr std::int64_t kRounds = 4000;  // 10 to 20 us between looks at the clock
  std::vector<ThreadShare> shares(static_cast<std::size_t>(omp_get_max_threads()));
#pragma omp parallel num_threads(static_cast <int>(shares.size()))
  {
    run_rounds(kind, kRounds);  // wide units power up
#pragma omp barrier
    shares[static_cast<std::size_t>(omp_get_thread_num())] =
        work_for(seconds, [&] { return run_rounds(kind, kRounds) * kRounds; });
  }
  return joint_rate(shares);
}

}  // namespace assay
