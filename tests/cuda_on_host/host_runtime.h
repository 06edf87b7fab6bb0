// SPDX-License-Identifier: Apache-2.0
// The CUDA runtime's stand-in, seen from the libraries' stand-ins and from tests. README.md says what it
// models.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <driver_types.h>

namespace assay {

/// Puts work on a stream: it runs, in order, when somebody waits for the stream, or at each replay of the
/// graph that is being captured. So `work` holds copies of every host-side value it needs (descriptors,
/// alpha, pointers into device memory) and reads device memory when it runs. `what` names it in reports, as a
/// kernel's name does. A stream that is not alive is a fault.
void host_enqueue(cudaStream_t stream, std::function<void()> work, const std::string& what = "host work");

/// Whether what is put on the stream is recorded and not run.
bool host_capturing(cudaStream_t stream);

/// A broken rule: says it with the kernel, block and thread at work, on stderr, and ends the process.
[[noreturn]] void host_fault(const std::string& what);

/// Bytes from `at` to the end of the live device allocation that it lies in; empty outside of all.
std::optional<std::size_t> host_device_bytes(const void* at);

/// host_fault() unless [at, at + bytes) is live device memory and `at` a multiple of `alignment`.
void host_require_device(const void* at, std::size_t bytes, std::size_t alignment, const std::string& what);

/// Limits of a GPU generation, as the CUDA C++ Programming Guide's table of compute capabilities has them.
struct HostTarget {
  const char* name;         // "sm_90"
  int major, minor;         // compute capability
  std::size_t most_shared;  // bytes a block may ask for, static and dynamic together, once raised
};
/// The target that the device is now; `name` must be one of sm_80, 86, 89, 90, 100, 120.
const HostTarget& host_target();
void host_set_target(const std::string& name);

/// The GPU's counters, by a script: no real time passes. Reading one, sleeping and work on a stream take
/// time.
struct HostClock {
  std::uint64_t now_ns = 1'000'000;
  double cycles = 0, hz = 1e9;       // of every multiprocessor; hz from now on
  std::uint64_t timer_step_ns = 32;  // %globaltimer moves by
  std::function<void()> on_nap;      // called in each __nanosleep(): what the host does meanwhile
  std::function<std::uint64_t(const std::string& what)> work_ns;  // empty: 1 us for each
  void pass(std::uint64_t ns) {
    now_ns += ns;
    cycles += static_cast<double>(ns) * hz * 1e-9;
  }
};

/// What a test changes. It is as here again when its CudaHost has gone.
struct HostKnobs {
  std::size_t memory_bytes = std::size_t{4} << 30;
  std::size_t pinnable_bytes = std::size_t{1} << 30;  // in one piece
  /// Whether events have times. Unset, asking for one is an error, so that no figure gets into a result.
  bool has_clock = false;
  bool eager = false;  // work runs as soon as it is enqueued: the host is always late
  HostClock clock = {};
};
HostKnobs& host_knobs();

/// Bytes of device memory that are given out.
std::size_t host_taken_bytes();

/// host_fault() if an error was left unread, or memory, a stream, an event or a graph is still there.
void host_require_clean();

}  // namespace assay
