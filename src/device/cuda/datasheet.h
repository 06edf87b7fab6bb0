// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "device/cuda/nvml.h"
#include "device/device.h"

namespace assay {

/// The catalogue's figures for the board, by name and multiprocessors as CUDA reports them. An unknown board,
/// or a part of one, has none. The link to the host is the catalogue's where board and host are one module,
/// else PCI Express as `link` says.
Peaks datasheet_peaks(std::string_view name, int multiprocessors, const std::optional<PcieLink>& link);

}  // namespace assay
