// SPDX-License-Identifier: Apache-2.0
// In a build without CUDA there is no device either, so nobody gets beyond the first of these.
#include "experiments/kernels.h"

namespace assay::experiments {
namespace {

[[noreturn]] void absent() {
  throw Unsupported("this build has no CUDA kernels");
}

}  // namespace

void use_first_gpu() {
  absent();
}
void read_bytes(Buffer, Buffer, int, const Stream&) {
  absent();
}
void write_bytes(Buffer, std::uint32_t, int, const Stream&) {
  absent();
}
void copy_bytes(Buffer, Buffer, int, const Stream&) {
  absent();
}
void launch_short(ShortKernel, Buffer, const Stream&) {
  absent();
}
void begin_profile() {
  absent();
}
void end_profile() {
  absent();
}

}  // namespace assay::experiments
