// SPDX-License-Identifier: Apache-2.0
#include "kernels/matmul/cpu/shares_cpu.h"

#include <gtest/gtest.h>

#include <thread>

namespace assay::cpu {
namespace {

TEST(Shares, WorkEachChunkOnceHoweverManyThreadsAndChunksThereAre) {
  for (const int threads : {1, 2, 5}) {
    Shares shares(threads);
    for (const std::int64_t chunks : {0, 1, 3, 64}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(chunks));
      shares.run(chunks, [&](std::int64_t chunk) { ++done.at(static_cast<std::size_t>(chunk)); });
      for (const auto& count : done) EXPECT_EQ(count, 1) << threads << " threads, " << chunks << " chunks";
    }
  }
}

TEST(Shares, OfASlowThreadAreTakenOver) {
  if (omp_get_thread_limit() < 2) GTEST_SKIP() << "one thread only";
  Shares shares(2);
  std::atomic<int> by_other = 0;
  std::atomic<bool> first = true;
  std::atomic<int> done = 0;
  const auto owner = [] { return omp_get_thread_num(); };
  std::atomic<int> slow = -1;
  shares.run(40, [&](std::int64_t) {
    if (first.exchange(false)) {  // this thread sits on its first chunk until all others are done
      slow = owner();
      while (done < 39) std::this_thread::yield();
    } else if (owner() != slow) {
      ++by_other;
    }
    ++done;
  });
  EXPECT_EQ(done, 40);
  EXPECT_EQ(by_other, 39);
}

}  // namespace
}  // namespace assay::cpu
