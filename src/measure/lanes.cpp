// SPDX-License-Identifier: Apache-2.0
#include "measure/lanes.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace assay {

/// Who does the work of one lane.
class Lanes::Worker {
 public:
  virtual ~Worker() = default;
  virtual void begin(const std::function<void(OneLane&)>& work) = 0;  // `work` outlives finish()
  virtual std::exception_ptr finish() = 0;                            // what the work threw, or null
};

/// The thread at hand.
class Lanes::Here final : public Worker {
 public:
  void begin(const std::function<void(OneLane&)>& work) override {
    try {
      work(lane_);
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  std::exception_ptr finish() override { return std::exchange(failure_, nullptr); }

 private:
  OneLane lane_;
  std::exception_ptr failure_;
};

/// A thread that waits for work, and at its end closes the lane where it was opened.
class Lanes::Thread final : public Worker {
 public:
  explicit Thread(int index) : thread_([this, index] { run(index); }) {}
  ~Thread() override {
    begin_with(nullptr);
    thread_.join();
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void begin(const std::function<void(OneLane&)>& work) override { begin_with(&work); }
  std::exception_ptr finish() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
    return std::exchange(failure_, nullptr);
  }

 private:
  void begin_with(const std::function<void(OneLane&)>* work) {
    const std::lock_guard lock(mutex_);
    work_ = work;
    busy_ = true;
    changed_.notify_all();
  }

  void run(int index) {
    OneLane lane;
    lane.index = index;
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return busy_; });
      const auto* work = work_;
      lock.unlock();
      if (work == nullptr) return;
      std::exception_ptr failure;
      try {
        (*work)(lane);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      failure_ = std::move(failure);
      busy_ = false;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void(OneLane&)>* work_ = nullptr;
  bool busy_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses the others
};

Lanes::Lanes(OpenDevice& device, OpenDevice& host, bool with_host, int count)
    : device_(device), host_(host), with_host_(with_host && &host != &device), count_(count) {
  open();
}

Lanes::~Lanes() = default;

int Lanes::count() const {
  return count_;
}

void Lanes::open() {
  for (int i = 0; i < count_; ++i)
    workers_.push_back(count_ == 1 ? std::unique_ptr<Worker>(std::make_unique<Here>())
                                   : std::make_unique<Thread>(i));
  each([this](OneLane& lane) {
    const LaneShare share{lane.index, count_};
    lane.device = device_.device->lane(share);
    lane.sites.device = lane.sites.host = {lane.device.get(), device_.kernels};
    if (!with_host_) return;
    lane.host = host_.device->lane(share);
    lane.sites.host = {lane.host.get(), host_.kernels};
  });
}

void Lanes::each(const std::function<void(OneLane&)>& work) {
  for (const auto& worker : workers_) worker->begin(work);
  std::exception_ptr failure;
  for (const auto& worker : workers_) {
    std::exception_ptr one = worker->finish();
    if (failure == nullptr) failure = std::move(one);
  }
  if (failure) std::rethrow_exception(failure);
}

void Lanes::first(const std::function<void(OneLane&)>& work) {
  workers_.front()->begin(work);
  if (std::exception_ptr failure = workers_.front()->finish()) std::rethrow_exception(failure);
}

void Lanes::renew() {
  workers_.clear();
  device_.device->renew();
  open();
}

}  // namespace assay
