// SPDX-License-Identifier: Apache-2.0
// A block of threads at work. Two programs link one executor each: executor_fibers.cpp (fast; for
// AddressSanitizer) or executor_threads.cpp (an OS thread each; for ThreadSanitizer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <vector_types.h>

inline thread_local constinit uint3 threadIdx{}, blockIdx{};
inline thread_local constinit dim3 blockDim{}, gridDim{};

namespace assay::host {

using CallSite = std::source_location;

/// Threads that come together: at a barrier of the block (no mask), or in an exchange of a warp, where
/// everybody in the mask gives 8 bytes and gets those of the lane it names (-1: none) and who gave other than
/// zero.
struct Meeting {
  CallSite at;
  unsigned mask = 0;
  std::uint64_t value = 0;
  int source = -1;
  bool orders_memory = true;  // a shuffle does not
};
struct Answer {
  std::uint64_t value = 0;
  unsigned votes = 0;
};

// What device code calls, by the executor.
Answer meet(const Meeting& meeting);
int lane();
void* dynamic_shared_memory();

/// A launch that was accepted.
struct Grid {
  dim3 blocks, threads;
  std::size_t dynamic_bytes = 0;
  struct Variable {
    void* data;
    std::size_t bytes;
  };
  std::vector<Variable> shared;  // the kernel's __shared__ variables
  std::function<void()> body;    // one thread of it

  unsigned count() const { return threads.x * threads.y * threads.z; }
  uint3 thread(unsigned index) const {
    return {index % threads.x, index / threads.x % threads.y, index / threads.x / threads.y};
  }
  uint3 block(unsigned index) const {
    return {index % blocks.x, index / blocks.x % blocks.y, index / blocks.x / blocks.y};
  }
};
/// All blocks, one after another.
void run(const Grid& grid);

/// Numbers to shuffle with, the same in each run: CUDA promises no order of threads or blocks, so none is
/// kept.
class Order {
 public:
  std::size_t below(std::size_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state_ >> 33) % limit;
  }
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t state_ = 1;
};

/// Poisons the shared variables and the dynamic part, whose address it gives.
class SharedMemory {
 public:
  explicit SharedMemory(const Grid& grid);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  void poison();
  void* data() const { return data_; }

 private:
  const Grid& grid_;
  void* data_;
};

/// Who waits for whom in one block. The waiting itself is the executor's. Breaks of the rules are faults.
class Rendezvous {
 public:
  explicit Rendezvous(const Grid& grid);
  void restart();  // for the next block
  /// Whether the meeting is complete: then nobody of it waits any longer.
  bool arrive(unsigned thread, const Meeting& meeting);
  void leave(unsigned thread);  // the thread has ended
  const Answer& answer(unsigned thread) const { return threads_[thread].answer; }
  bool waits(unsigned thread) const { return threads_[thread].waits; }
  /// Somebody waits, and all others have ended or wait too.
  bool nobody_can_go_on() const { return waiting_ > 0 && waiting_ + ended_ == threads_.size(); }
  /// Says for what, as a fault.
  [[noreturn]] void stuck() const;

 private:
  struct Thread {
    bool waits = false;
    Meeting meeting;
    Answer answer;
  };
  struct Warp {
    unsigned present = 0, waiting = 0, ended = 0;  // a bit a lane; waiting in an exchange
  };
  bool arrive_at_barrier(unsigned thread);
  bool arrive_at_exchange(unsigned thread);
  std::string name(unsigned thread) const;
  const Grid& grid_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  unsigned arrived_ = 0, ended_ = 0, waiting_ = 0, first_arrived_ = 0;
};

}  // namespace assay::host
