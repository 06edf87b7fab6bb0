// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/gate.h"

#include <atomic>
#include <new>

#include "device/cuda/cuda_check.h"

namespace assay {

Gate::Gate() {
  ASSAY_CUDA(cudaHostAlloc(memory_.out(), sizeof(GateFlags), cudaHostAllocMapped));
  host_ = new (memory_.get()) GateFlags{};
  void* seen_by_device = nullptr;
  ASSAY_CUDA(cudaHostGetDevicePointer(&seen_by_device, memory_.get(), 0));
  device_ = static_cast<GateFlags*>(seen_by_device);
}

void Gate::close(const Stream& stream) {
  open();
  wait_for_host(device_, ++gates_, static_cast<std::uint64_t>(kLongest_s * 1e9), stream);
  closed_ = true;
}

// The host writes `opened` and then reads `gave_up`. The device writes `gave_up` before its kernel ends, and
// with it the wait. So where the host does not see it yet, all that waited begins after `opened` was written.
bool Gate::open() {
  if (!closed_) return true;
  closed_ = false;
  std::atomic_ref(host_->opened).store(gates_, std::memory_order_seq_cst);
  return std::atomic_ref(host_->gave_up).load(std::memory_order_seq_cst) != gates_;
}

}  // namespace assay
