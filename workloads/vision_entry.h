// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/workload_entry.h"

namespace assay {

WorkloadEntry vision_entry();

}  // namespace assay
