// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/workload_entry.h"

namespace assay {

WorkloadEntry recommender_entry();

}  // namespace assay
