// SPDX-License-Identifier: Apache-2.0
// Host memory as a device gives it out: aligned to a huge page, and the pages asked to be huge, because a
// stream of 4 KiB pages spends its bandwidth on page walks.
#pragma once

#include <cstdint>

#include "device/device.h"

namespace assay {

class HugeBlock final : public Memory {
 public:
  static constexpr std::int64_t kAlignment = 2 << 20;  // bytes, a huge page of x86-64

  /// Contents undefined; std::bad_alloc where the address space is refused. 0 bytes is a block too.
  explicit HugeBlock(std::int64_t bytes);
  ~HugeBlock() override;
  HugeBlock(const HugeBlock&) = delete;
  HugeBlock& operator=(const HugeBlock&) = delete;

  Buffer buffer() const override { return buffer_; }

 private:
  Buffer buffer_;
  std::int64_t mapped_bytes_ = 0;  // whole pages
};

/// memcpy by all threads.
void parallel_copy(void* to, const void* from, std::int64_t bytes);
/// Sets every byte by all threads; each thread touches the part that it would work on, which places the
/// pages.
void parallel_set(void* to, int byte, std::int64_t bytes);

}  // namespace assay
