// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/backend.h"

namespace assay {

/// The peaks of each device after the cases. A device that is lost by now has given its figures all the same:
/// nothing for it, and a line in `warnings`.
std::vector<std::optional<Peaks>> probe_after(std::span<OpenDevice> devices, std::span<const DType> dtypes,
                                              std::vector<std::string>& warnings);

}  // namespace assay
