// SPDX-License-Identifier: Apache-2.0
// One backend's way to compute an Op. No CUDA header stands here: a stream is an opaque handle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "plan/op.h"

namespace assay {

class Lane;

/// Bytes on a device; not owned.
struct Buffer {
  void* data = nullptr;
  std::int64_t bytes = 0;

  template <typename T>
  std::span<T> as() const {
    return {static_cast<T*>(data), static_cast<std::size_t>(bytes) / sizeof(T)};
  }
};
using Buffers = std::span<const Buffer>;

/// An ordered queue of work on a device: a cudaStream_t, or nothing on the CPU, where launch() runs the work.
struct Stream {
  void* handle = nullptr;
};

/// Everything slow (descriptors, algorithm choice, workspace) happens in the factory; launch() only launches,
/// on the given stream, and never synchronises or allocates. One kernel serves every step of a session that
/// has its op. It belongs to the lane that it is made on, so what it keeps between launches no other lane
/// shares.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// `in` and `out` in the order of Op::inputs() and Op::outputs(); an output that aliases an input is the
  /// same memory.
  virtual void launch(Stream& stream, Buffers in, Buffers out) = 0;
  virtual std::int64_t workspace_bytes() const { return 0; }  // held by this kernel on the device

  /// Of Op::cost()'s FLOPs those that the kernel's algorithm does without (Winograd's convolution). Ceilings,
  /// and shares of a peak, are of what is left.
  virtual double flops_saved() const { return 0; }

  /// Inputs that the kernel keeps in a form of its own (a library's layout of weights) and does not read at
  /// launch(). It is used only where they are weights, then once for each set of them; what it keeps counts
  /// in workspace_bytes().
  virtual std::vector<std::size_t> packs() const { return {}; }
  /// Takes those of `in` anew, for every variant. Called before the first launch and whenever somebody has
  /// filled them again; never timed.
  virtual void pack(Stream& /*stream*/, Buffers /*in*/) {}

  /// Ways of this kernel to compute the op among which only a measurement can choose (a library's
  /// algorithms), by names that mean the same in another run on the same software. Empty: there is one way.
  virtual std::vector<std::string> variants() const { return {}; }
  /// From now on launches that one. The first is in use before.
  virtual void use(std::size_t /*variant*/) {}
};

/// A line of a backend's kernel table. `make` throws Unsupported(reason) for shapes or dtypes it does not
/// serve.
struct KernelEntry {
  std::string_view op;       // Op::kind()
  std::string_view name;     // "onednn"; unique for the op in this backend
  std::string_view summary;  // how it works, in a line for `assay list kernels`
  std::unique_ptr<Kernel> (*make)(const Op& op, Lane& lane);
};
using KernelTable = std::span<const KernelEntry>;

/// The op as its own type, for the factories of its kernels; a kernel table that pairs one with another op's
/// kind is our own mistake.
template <typename T>
const T& op_cast(const Op& op) {
  if (!op.unserved().empty()) throw Unsupported("no kernel computes " + std::string(op.unserved()) + " yet");
  if (const auto* typed = dynamic_cast<const T*>(&op)) return *typed;
  throw std::logic_error("kernel table gives an op to another op's kernel: " + std::string(op.kind()));
}

}  // namespace assay
