// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/cpu_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace assay {
namespace {

constexpr std::int64_t kCopyChunk = 1 << 20;  // bytes

}  // namespace

HugeBlock::HugeBlock(std::int64_t bytes) : buffer_{nullptr, bytes} {
  const bool huge = bytes >= kAlignment;
  const std::int64_t page = huge ? kAlignment : 4096;
  mapped_bytes_ = (std::max<std::int64_t>(bytes, 1) + page - 1) / page * page;

  // One huge page more than needed, of which the unaligned ends go back.
  const std::int64_t reserved = mapped_bytes_ + kAlignment;
  void* const raw = mmap(nullptr, static_cast<std::size_t>(reserved), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) throw std::bad_alloc();
  const auto address = reinterpret_cast<std::uintptr_t>(raw);
  const auto alignment = static_cast<std::uintptr_t>(kAlignment);
  const std::uintptr_t aligned = (address + alignment - 1) / alignment * alignment;
  const std::uintptr_t end = aligned + static_cast<std::uintptr_t>(mapped_bytes_);
  const std::uintptr_t reserved_end = address + static_cast<std::uintptr_t>(reserved);
  if (aligned > address) munmap(raw, aligned - address);
  if (reserved_end > end) munmap(reinterpret_cast<void*>(end), reserved_end - end);
  buffer_.data = reinterpret_cast<void*>(aligned);
  if (huge) madvise(buffer_.data, static_cast<std::size_t>(mapped_bytes_), MADV_HUGEPAGE);  // a wish
}

HugeBlock::~HugeBlock() {
  munmap(buffer_.data, static_cast<std::size_t>(mapped_bytes_));
}

void parallel_copy(void* to, const void* from, std::int64_t bytes) {
#pragma omp parallel for schedule(static) if (bytes > kCopyChunk)
  for (std::int64_t at = 0; at < bytes; at += kCopyChunk)
    std::memcpy(static_cast<char*>(to) + at, static_cast<const char*>(from) + at,
                static_cast<std::size_t>(std::min(kCopyChunk, bytes - at)));
}

void parallel_set(void* to, int byte, std::int64_t bytes) {
#pragma omp parallel for schedule(static) if (bytes > kCopyChunk)
  for (std::int64_t at = 0; at < bytes; at += kCopyChunk)
    std::memset(static_cast<char*>(to) + at, byte,
                static_cast<std::size_t>(std::min(kCopyChunk, bytes - at)));
}

}  // namespace assay
