// SPDX-License-Identifier: Apache-2.0
#include "analyse/prices.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, DevicePrice& p) {
  v.field("match", p.match,
          {.doc = "text contained in the device's name or id, or in the result's label", .required = true});
  v.field("per_hour", p.per_hour, {.doc = "what the device costs an hour", .required = true, .min = 0});
}

template <class Visitor>
void describe(Visitor& v, Prices& p) {
  v.field("currency", p.currency, {.doc = "of all prices: \"EUR\"", .required = true});
  v.field(
      "devices", p.devices,
      {.doc = "[{\"match\": \"H100\", \"per_hour\": 2.5}]; the first that matches holds", .required = true});
  v.field("power_per_kwh", p.power_per_kwh, {.doc = "of electricity, where it is paid beside", .min = 0});
}

Prices prices_from_json(const Json& json, const std::string& file) {
  Prices prices;
  JsonReader(json, file).read(prices);
  for (std::size_t i = 0; i < prices.devices.size(); ++i)
    if (prices.devices[i].match.empty())
      throw Error(ExitCode::bad_input, file + ":/devices/" + std::to_string(i) + "/match: is empty",
                  "write a part of the device's name, as assay doctor prints it");
  return prices;
}

std::optional<double> price_per_hour(const Prices& prices, const DeviceResult& device,
                                     const std::string& label) {
  for (const DevicePrice& price : prices.devices)
    for (const std::string* text : {&device.name, &device.id, &label})
      if (text->find(price.match) != std::string::npos) return price.per_hour;
  return std::nullopt;
}

}  // namespace assay
