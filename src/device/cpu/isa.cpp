// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/isa.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace assay {
namespace {

/// AMX tiles need the kernel's leave, once a process.
bool tiles_allowed() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA)
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool leaf7_edx_bit(int bit) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && ((edx >> bit) & 1u) != 0;
}

}  // namespace

Isa detect_isa() {
  Isa isa;
  __builtin_cpu_init();
  isa.avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");  // these ask the OS too (XGETBV)
  isa.avx512f = isa.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  isa.avx512_bf16 = isa.avx512f && __builtin_cpu_supports("avx512bf16");
  isa.avx512_fp16 = isa.avx512f && leaf7_edx_bit(23);
  isa.amx_bf16 = isa.avx512_bf16 && leaf7_edx_bit(22) && leaf7_edx_bit(24) && tiles_allowed();
  return isa;
}

std::string text_of(const Isa& isa) {
  std::string text = "sse2";
  if (isa.avx2) text += " avx2";
  if (isa.avx512f) text += " avx512f";
  if (isa.avx512_bf16) text += " avx512_bf16";
  if (isa.avx512_fp16) text += " avx512_fp16";
  if (isa.amx_bf16) text += " amx_bf16";
  return text;
}

}  // namespace assay
