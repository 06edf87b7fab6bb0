// SPDX-License-Identifier: Apache-2.0
// All that a customer's document states beyond results and their Summary. Results and what their author says
// of them in, plain structs out; no I/O.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "acceptance/costs.h"
#include "acceptance/recommendation.h"

namespace assay {

struct Evaluation {
  Brief brief;
  std::vector<System> systems;
  std::vector<Sweep> sweeps;
  std::vector<Capacity> capacities;
  std::vector<TradeOff> trade_offs;
  std::vector<LimitVerdict> verdicts;
  std::vector<Contender> contenders;
  Recommendation recommendation;
  std::optional<Prices> prices;
  std::vector<CaseCost> costs;
  std::vector<Result> as_results;               // the systems, where there are several
  std::optional<ResultsComparison> comparison;  // of them; the first is the baseline
};

/// Systems that share no case are not compared.
Evaluation evaluate(Brief brief, const Summary& summary, std::span<const Result> results,
                    const std::optional<Prices>& prices = {});

Json to_json(const Evaluation& evaluation);

}  // namespace assay
