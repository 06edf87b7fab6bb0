// SPDX-License-Identifier: Apache-2.0
// The CPU's kernels: a declaration and a line each. Several may serve one op; the runner measures which is fastest.
#include <memory>
#include <vector>

#include "device/cpu/cpu_device.h"
#include "plan/kernel.h"

namespace assay {


KernelTable cpu_kernels() {
  static const std::vector<KernelEntry> table = {};
  return table;
}

}  // namespace assay
