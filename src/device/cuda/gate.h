// SPDX-License-Identifier: Apache-2.0
// Holds a stream back while the host fills it: a kernel of one thread that waits for a flag in the host's
// memory. So the device's clock sees work that stands in line, and not how fast the host enqueues it. A gate
// that nobody opens opens by itself after kLongest_s, and says so: a GPU never hangs on it. That is also how
// a call ends that waits for the device while the gate is closed: memory taken or given back, a copy from or
// to the host, the first launch of a kernel (its code is loaded then).
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

#include "device/cuda/cuda_handle.h"
#include "plan/kernel.h"

namespace assay {

/// What host and device tell each other, in memory of the host that the device sees. Each counts gates.
struct GateFlags {
  unsigned opened;   // the host's
  unsigned gave_up;  // the device's: the last gate that opened by itself
};

class Gate {
 public:
  static constexpr double kLongest_s = 1;

  Gate();  // on the current device
  /// What is enqueued after this waits for open(). A gate that is closed already is opened first.
  void close(const Stream& stream);
  /// False where the gate had opened by itself. True where none was closed.
  bool open();

 private:
  CudaHandle<void*, cudaFreeHost> memory_;
  GateFlags *host_ = nullptr, *device_ = nullptr;  // the same memory
  unsigned gates_ = 0;
  bool closed_ = false;
};

/// The kernel behind it. `flags` as the device sees them.
void wait_for_host(GateFlags* flags, unsigned gate, std::uint64_t longest_ns, const Stream& stream);

}  // namespace assay
