// SPDX-License-Identifier: Apache-2.0
// Vector instructions that this CPU has and this operating system lets us use, asked at run time: one binary
// starts on any x86-64.
#pragma once

#include <string>

namespace assay {

struct Isa {
  bool avx2 = false;  // with FMA and F16C, as every CPU that has one has the others
  bool avx512f = false, avx512_bf16 = false, avx512_fp16 = false, amx_bf16 = false;
};
Isa detect_isa();
std::string text_of(const Isa& isa);  // "sse2 avx2 avx512f avx512_bf16"

}  // namespace assay
