// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/gate.h"

#include "device/cuda/counters.cuh"
#include "device/cuda/launch.cuh"

namespace assay {
namespace {

constexpr unsigned kNap_ns = 1000;  // between looks over the bus

__global__ void wait_for_flag(volatile GateFlags* flags, unsigned gate, std::uint64_t longest_ns) {
  const std::uint64_t began_ns = global_ns();
  while (static_cast<int>(flags->opened - gate) < 0) {  // later gates may be open already
    if (global_ns() - began_ns > longest_ns) {
      flags->gave_up = gate;
      __threadfence_system();
      return;
    }
    __nanosleep(kNap_ns);
  }
}

}  // namespace

void wait_for_host(GateFlags* flags, unsigned gate, std::uint64_t longest_ns, const Stream& stream) {
  launch(wait_for_flag, 1, 1, 0, stream, flags, gate, longest_ns);
}

}  // namespace assay
