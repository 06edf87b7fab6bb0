// SPDX-License-Identifier: Apache-2.0
// Utilisations (MFU, MBU) as shares of the peak that everything else in the report is set beside.
#pragma once

#include <string>
#include <vector>

#include "result/result.h"

namespace assay {

/// The runner knows the peak probed before the cases alone. Where the probe after them found a higher one,
/// the utilisations of the case are set beside that: a machine that was disturbed during the first probe does
/// not flatter them. One that is still above 1 stands as it is, with a warning. May be called again.
void settle_utilisations(CaseResult& one, const DeviceResult& device, std::vector<std::string>& warnings);

}  // namespace assay
