// SPDX-License-Identifier: Apache-2.0
// Each thread of a block is an OS thread, so that ThreadSanitizer sees what orders its accesses: barriers do,
// shuffles do not. This file itself is compiled without it; what it hides is its own bookkeeping.
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include "block.h"

extern "C" {  // ThreadSanitizer's: tsan_interface.h, and tsan_interface_ann.h (until End, locks order
              // nothing)
void __tsan_acquire(void* at);
void __tsan_release(void* at);
void AnnotateIgnoreSyncBegin(const char* file, int line);
void AnnotateIgnoreSyncEnd(const char* file, int line);
}

namespace assay::host {
namespace {

/// While it lives, our own locks do not pass for an order that the kernel has made.
class Unordered {
 public:
  Unordered() { AnnotateIgnoreSyncBegin(__FILE__, __LINE__); }
  ~Unordered() { AnnotateIgnoreSyncEnd(__FILE__, __LINE__); }
  Unordered(const Unordered&) = delete;
  Unordered& operator=(const Unordered&) = delete;
};

/// The threads of a grid, each of which goes through all blocks.
class Team {
 public:
  explicit Team(const Grid& grid)
      : grid_(grid), rendezvous_(grid), shared_(grid), meetings_(grid.count() / kWarp + 2) {}

  void run() {
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < grid_.count(); ++t) threads.emplace_back([this, t] { work(t); });
    for (std::thread& thread : threads) thread.join();
  }

  Answer meet(unsigned thread, const Meeting& meeting) {
    Place& place = meetings_[meeting.mask == 0 ? 0 : 1 + thread / kWarp];
    // Who is quick may be at the next meeting before the last one has left this: two take turns.
    char& order = place.order[rounds_[meeting.mask == 0 ? 0 : 1]++ % 2];
    if (meeting.orders_memory) __tsan_release(&order);
    Answer answer;
    {
      const Unordered unordered;
      std::unique_lock lock(mutex_);
      if (rendezvous_.arrive(thread, meeting))
        place.wake.notify_all();
      else if (rendezvous_.nobody_can_go_on())
        rendezvous_.stuck();
      place.wake.wait(lock, [&] { return !rendezvous_.waits(thread); });
      answer = rendezvous_.answer(thread);
    }
    if (meeting.orders_memory) __tsan_acquire(&order);
    return answer;
  }

  void* dynamic() const { return shared_.data(); }

 private:
  static constexpr unsigned kWarp = 32;
  struct Place {
    std::condition_variable wake;
    char order[2];
  };

  void work(unsigned thread);

  // Everything in the last block comes before everything in the next: they share their shared memory.
  void next_block() {
    std::unique_lock lock(mutex_);
    const std::size_t block = block_;
    if (++at_end_ < grid_.count()) {
      ends_.wait(lock, [&] { return block_ != block; });
      return;
    }
    at_end_ = 0;
    ++block_;
    shared_.poison();
    rendezvous_.restart();
    ends_.notify_all();
  }

  const Grid& grid_;
  Rendezvous rendezvous_;
  SharedMemory shared_;
  std::mutex mutex_;
  std::condition_variable ends_;
  std::vector<Place> meetings_;  // of the block, then of each warp
  static thread_local unsigned rounds_[2];
  unsigned at_end_ = 0;
  std::size_t block_ = 0;
};
thread_local unsigned Team::rounds_[2] = {};

Team* team = nullptr;  // one grid at a time
thread_local unsigned current = 0;

void Team::work(unsigned thread) {
  current = thread;
  blockDim = grid_.threads;
  gridDim = grid_.blocks;
  // Nothing orders blocks that share nothing but the device's memory. So that they do not pass for ordered
  // because the same OS thread runs the same thread of each, the warps change places from block to block.
  const bool apart = grid_.shared.empty() && grid_.dynamic_bytes == 0;
  const unsigned count = grid_.count(), shift = apart && count % kWarp == 0 ? kWarp : 0;
  const unsigned blocks = gridDim.x * gridDim.y * gridDim.z;
  for (unsigned b = 0; b < blocks; ++b) {
    if (!apart) next_block();
    blockIdx = grid_.block(b);
    threadIdx = grid_.thread((thread + b % (count / kWarp + 1) * shift) % count);
    grid_.body();
    if (apart && b + 1 < blocks) continue;
    const Unordered unordered;
    const std::unique_lock lock(mutex_);
    rendezvous_.leave(thread);
    if (rendezvous_.nobody_can_go_on()) rendezvous_.stuck();
  }
}

}  // namespace

void run(const Grid& grid) {
  Team all(grid);
  team = &all;
  all.run();
}
Answer meet(const Meeting& meeting) {
  return team->meet(current, meeting);
}
int lane() {
  return static_cast<int>(current % 32);
}
void* dynamic_shared_memory() {
  return team->dynamic();
}

}  // namespace assay::host
