// SPDX-License-Identifier: Apache-2.0
// Which of NVIDIA's libraries this process really uses, and from where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/backend.h"

namespace assay {

std::vector<LibraryInUse> cuda_libraries();

std::string cublaslt_version();              // "13.1.0"
std::optional<std::string> cudnn_version();  // nothing where it cannot be opened

}  // namespace assay
