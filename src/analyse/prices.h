// SPDX-License-Identifier: Apache-2.0
// What devices cost, as a user says it in a file. There are no prices of ours: a device that the file does
// not name has none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "result/result.h"

namespace assay {

struct DevicePrice {
  std::string match;    // text contained in a device's name or id, or in a result's label
  double per_hour = 0;  // of the device, in the currency of the file
};

struct Prices {
  std::string currency;  // "EUR": for people only
  std::vector<DevicePrice> devices;
  std::optional<double> power_per_kwh;
};

/// Error(bad_input) names the file, the place in it, and what would be right; unknown keys are refused.
Prices prices_from_json(const Json& json, const std::string& file);

/// Of the first entry that matches the device or the result's label.
std::optional<double> price_per_hour(const Prices& prices, const DeviceResult& device,
                                     const std::string& label);

}  // namespace assay
