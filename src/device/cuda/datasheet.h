// SPDX-License-Identifier: Apache-2.0
// What vendors promise: dense peaks of boards that are told apart for certain. An unknown board has none.
#pragma once

#include <string_view>

#include "device/device.h"

namespace assay {

/// `name` and `multiprocessors` as CUDA reports them.
Peaks datasheet_peaks(std::string_view name, int multiprocessors);

}  // namespace assay
