// SPDX-License-Identifier: Apache-2.0
#include "measure/closing_probe.h"

#include <fmt/format.h>

namespace assay {

std::vector<std::optional<Peaks>> probe_after(std::span<OpenDevice> devices, std::span<const DType> dtypes,
                                              std::vector<std::string>& warnings) {
  std::vector<std::optional<Peaks>> peaks;
  for (const OpenDevice& open : devices) {
    try {
      peaks.emplace_back(open.device->measure_peaks(dtypes));
    } catch (const Error& error) {
      peaks.emplace_back(std::nullopt);
      warnings.push_back(
          fmt::format("the peaks of {} could not be probed after the cases: {}; see whether the device is "
                      "still there, and run again what its cases say failed",
                      open.device->info().id, error.what()));
    }
  }
  return peaks;
}

}  // namespace assay
