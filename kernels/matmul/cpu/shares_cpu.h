// SPDX-License-Identifier: Apache-2.0
// How a stream of weight rows is shared: each thread its own contiguous part, chunk by chunk, and when it is
// done what others have left, since a core that somebody else disturbs would hold up all.
#pragma once

#include <omp.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace assay::cpu {

class Shares {
 public:
  explicit Shares(int threads) : parts_(static_cast<std::size_t>(threads)) {}

  /// work(chunk) for each chunk of [0, chunks), each once.
  template <class Work>
  void run(std::int64_t chunks, const Work& work) {
    const auto parts = static_cast<std::int64_t>(parts_.size());
    for (std::int64_t p = 0; p < parts; ++p) {
      Part& part = parts_[static_cast<std::size_t>(p)];
      part.next.store(chunks * p / parts, std::memory_order_relaxed);
      part.end = chunks * (p + 1) / parts;
    }
#pragma omp parallel num_threads(static_cast <int>(parts)) if (chunks > 1)
    for (std::int64_t i = 0; i < parts; ++i) {
      Part& part = parts_[static_cast<std::size_t>((omp_get_thread_num() + i) % parts)];
      for (std::int64_t chunk; (chunk = part.next.fetch_add(1, std::memory_order_relaxed)) < part.end;)
        work(chunk);
    }
  }

 private:
  struct alignas(64) Part {  // a cache line each
    std::atomic<std::int64_t> next = 0;
    std::int64_t end = 0;
  };
  std::vector<Part> parts_;
};

}  // namespace assay::cpu
