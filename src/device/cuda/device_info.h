// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "device/cuda/nvml.h"
#include "device/device.h"

namespace assay {

std::string pci_bus_id_of(int index);

/// Everything a reader of a report may ask about GPU `index`.
DeviceInfo describe_device(int index, const Nvml& nvml);

/// "13.0" of CUDA's 13000.
std::string cuda_version_text(int version);

}  // namespace assay
