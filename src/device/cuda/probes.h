// SPDX-License-Identifier: Apache-2.0
// The kernels behind peaks and the cache flush.
#pragma once

#include <cstdint>

#include "plan/kernel.h"

namespace assay {

/// Reads all of `data` (a multiple of 16 bytes) `passes` times with every multiprocessor; `sink` is 4 bytes.
void read_memory(Buffer data, int passes, Buffer sink, int multiprocessors, const Stream& stream);

/// Reads rows of `row_bytes` (one of kRandomRowBytes) at places of `data` that `seed` chooses, about as many
/// as it has rows, with every multiprocessor. Returns the bytes that it reads.
std::int64_t read_rows(Buffer data, std::int64_t row_bytes, std::uint32_t seed, Buffer sink,
                       int multiprocessors, const Stream& stream);

/// The least a kernel can do.
void launch_nothing(const Stream& stream);

}  // namespace assay
