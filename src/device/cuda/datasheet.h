// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "device/device.h"

namespace assay {

/// The catalogue's figures for the board, by name and multiprocessors as CUDA reports them. An unknown board,
/// or a part of one, has none.
Peaks datasheet_peaks(std::string_view name, int multiprocessors);

}  // namespace assay
