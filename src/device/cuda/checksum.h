// SPDX-License-Identifier: Apache-2.0
// The checksum of base/checksum.h where the bytes are.
#pragma once

#include "plan/kernel.h"

namespace assay {

/// Adds that of all whole words to the u64 at `sum`. `of` is aligned to 8 bytes.
void add_checksum_of_words(Buffer of, Buffer sum, const Stream& stream);

}  // namespace assay
