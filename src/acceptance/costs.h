// SPDX-License-Identifier: Apache-2.0
// What the work of a case costs by the customer's own prices, and what energy it takes. There are no prices
// of ours: what no price names costs an unknown sum.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "acceptance/systems.h"
#include "analyse/prices.h"

namespace assay {

struct CaseCost {
  std::size_t case_index = 0, system = 0;   // into Summary::cases; into the systems
  std::string metric;                       // the rate that it is made of
  std::string work;                         // "1,000,000 tokens"
  std::optional<double> per_hour;           // of the device, and of its power where with_power
  bool with_power = false;                  // its mean power while it was measured is known, and has a price
  std::optional<double> cost;               // of the work
  std::optional<double> power_w, energy_j;  // mean while it was measured; of the work
};

/// Of the rates of each case that is a measurement; only those of which a cost or an energy is known.
std::vector<CaseCost> costs_of(const Summary& summary, std::span<const Result> results,
                               const std::vector<System>& systems, const std::optional<Prices>& prices);

}  // namespace assay
