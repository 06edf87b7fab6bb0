// SPDX-License-Identifier: Apache-2.0
// A block's threads as fibers of one OS thread, started and resumed in a shuffled order. A fiber runs one
// thread after another to its end; only when a thread has to wait does the next one need a fiber of its own.
// So kernels without barriers cost a call a thread.
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>

#include <boost/context/fiber.hpp>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "block.h"

namespace assay::host {
namespace {

namespace context = boost::context;

struct Stack {
  static constexpr std::size_t kBytes = std::size_t{512} << 10, kGuard = 4096;
  char* base;

  // Kept for ever, like the fibers on it. An overflow hits the guard page.
  context::stack_context allocate() const {
    context::stack_context made;
    made.size = kBytes - kGuard;
    made.sp = base + kBytes;
    return made;
  }
  void deallocate(context::stack_context&) const {}
};

class Scheduler;

struct Worker {
  explicit Worker(Scheduler& scheduler);
  void resume();   // from the scheduler
  void suspend();  // back to it
  context::fiber fiber, scheduler_fiber;
  Stack stack;
  void* fake_stack = nullptr;  // AddressSanitizer's bookkeeping of the two sides
  const void* scheduler_stack = nullptr;
  std::size_t scheduler_bytes = 0;
};

class Scheduler {
 public:
  void run(const Grid& grid);
  void work(Worker& worker);  // what every fiber does
  Answer meet(const Meeting& meeting);
  unsigned current() const { return current_; }
  void* dynamic() const { return dynamic_; }

 private:
  void run_block();
  void enter(unsigned thread);

  const Grid* grid_ = nullptr;
  Rendezvous* rendezvous_ = nullptr;
  void* dynamic_ = nullptr;
  Order order_;
  std::vector<unsigned> starts_;   // threads, in the order that they start
  std::vector<unsigned> waiting_;  // threads that have a fiber
  std::vector<Worker*> worker_of_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> idle_;
  std::size_t started_ = 0;
  unsigned current_ = 0;
};

Scheduler& scheduler() {
  static auto& only = *new Scheduler;  // its fibers are never unwound
  return only;
}

Worker::Worker(Scheduler& scheduler) {
  void* memory = mmap(nullptr, Stack::kBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, Stack::kGuard, PROT_NONE) != 0) std::abort();
  stack.base = static_cast<char*>(memory);
  fiber = context::fiber(std::allocator_arg, stack, [this, &scheduler](context::fiber&& from) {
    __sanitizer_finish_switch_fiber(nullptr, &scheduler_stack, &scheduler_bytes);
    scheduler_fiber = std::move(from);
    for (;;) scheduler.work(*this);
    return context::fiber();
  });
}

void Worker::resume() {
  void* mine = nullptr;
  __sanitizer_start_switch_fiber(&mine, stack.base, Stack::kBytes);
  fiber = std::move(fiber).resume();
  __sanitizer_finish_switch_fiber(mine, nullptr, nullptr);
}

void Worker::suspend() {
  __sanitizer_start_switch_fiber(&fake_stack, scheduler_stack, scheduler_bytes);
  scheduler_fiber = std::move(scheduler_fiber).resume();
  __sanitizer_finish_switch_fiber(fake_stack, &scheduler_stack, &scheduler_bytes);
}

void Scheduler::enter(unsigned thread) {
  current_ = thread;
  threadIdx = grid_->thread(thread);
}

void Scheduler::work(Worker& worker) {
  while (started_ < starts_.size()) {
    const unsigned thread = starts_[started_++];
    enter(thread);
    worker_of_[thread] = &worker;
    grid_->body();
    rendezvous_->leave(current_);
  }
  idle_.push_back(&worker);
  worker.suspend();
}

Answer Scheduler::meet(const Meeting& meeting) {
  const unsigned thread = current_;
  if (!rendezvous_->arrive(thread, meeting)) {
    waiting_.push_back(thread);
    worker_of_[thread]->suspend();
  }
  return rendezvous_->answer(thread);
}

void Scheduler::run_block() {
  started_ = 0;
  order_.shuffle(starts_);
  for (;;) {
    if (started_ < starts_.size()) {
      if (idle_.empty()) idle_.push_back(workers_.emplace_back(std::make_unique<Worker>(*this)).get());
      Worker* worker = idle_.back();
      idle_.pop_back();
      worker->resume();
      continue;
    }
    if (waiting_.empty()) return;
    if (rendezvous_->nobody_can_go_on()) rendezvous_->stuck();
    // All of those that may go on, in any order; they may come back into the list meanwhile.
    std::vector<unsigned> round;
    round.swap(waiting_);
    order_.shuffle(round);
    for (const unsigned thread : round) {
      if (rendezvous_->waits(thread)) {
        waiting_.push_back(thread);
        continue;
      }
      enter(thread);
      worker_of_[thread]->resume();
    }
  }
}

void Scheduler::run(const Grid& grid) {
  grid_ = &grid;
  Rendezvous rendezvous(grid);
  SharedMemory shared(grid);
  rendezvous_ = &rendezvous;
  dynamic_ = shared.data();
  starts_.resize(grid.count());
  std::iota(starts_.begin(), starts_.end(), 0u);
  worker_of_.assign(grid.count(), nullptr);
  blockDim = grid.threads;
  gridDim = grid.blocks;
  const unsigned blocks = grid.blocks.x * grid.blocks.y * grid.blocks.z;
  const std::size_t first = order_.below(blocks);
  for (unsigned b = 0; b < blocks; ++b) {
    blockIdx = grid.block(static_cast<unsigned>((b + first) % blocks));
    shared.poison();
    rendezvous.restart();
    run_block();
  }
}

}  // namespace

void run(const Grid& grid) {
  scheduler().run(grid);
}
Answer meet(const Meeting& meeting) {
  return scheduler().meet(meeting);
}
int lane() {
  return static_cast<int>(scheduler().current() % 32);
}
void* dynamic_shared_memory() {
  return scheduler().dynamic();
}

}  // namespace assay::host
