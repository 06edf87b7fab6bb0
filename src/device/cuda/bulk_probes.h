// SPDX-License-Identifier: Apache-2.0
// Probes that take more memory or time than may stand beside the blocks of a measurement: taken once, before
// and after all cases. What there is no room for stays unknown.
#pragma once

#include <cstdint>
#include <map>

#include "device/device.h"

namespace assay {

class CudaDevice;

/// By the bytes of a row.
std::map<std::int64_t, double> probe_random_reads(CudaDevice& device);

/// Between the device and pinned memory of the host, bytes/s.
struct LinkRates {
  std::optional<double> to_device, from_device;
};
LinkRates probe_host_link(CudaDevice& device);

}  // namespace assay
