// SPDX-License-Identifier: Apache-2.0
// One launch of one large op for a profiler to count the bytes of, and the bytes that its Cost promises.
#pragma once

#include <string>
#include <vector>

#include "experiments/bench.h"

namespace assay::experiments {

std::vector<std::string> launch_names();

/// Warms the op up, launches it once between cudaProfilerStart and cudaProfilerStop, and prints a line of
/// JSON. `ncu --profile-from-start off --metrics dram__bytes_read.sum,dram__bytes_write.sum` sees that launch
/// alone; an op may be more than one kernel. What is still dirty in the cache at its end (up to all of it) is
/// written later, and not counted. Error(bad_input) for a name that is none.
void launch_once(Bench& bench, const std::string& name);

}  // namespace assay::experiments
