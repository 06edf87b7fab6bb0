// SPDX-License-Identifier: Apache-2.0
// A document of two number formats on one device, with limits that one of them meets.
#pragma once

#include "reports/customer/customer.h"
#include "support/swept_result.h"

namespace assay {

inline Brief example_brief() {
  return brief_from_json(
      {{"title", "Chat for the help desk"},
       {"customer", "Example Ltd"},
       {"author", "A. Architect"},
       {"date", "2026-02-01"},
       {"question", "Does one device carry four users at once?"},
       {"requirement", {"Words come faster than people read.", "Four users at once."}},
       {"assumptions", {"Prompts have 64 tokens."}},
       {"across", {"dtype"}},
       {"acceptance",
        {{{"name", "Words keep coming"},
          {"metric", "inter_token_latency_s"},
          {"at_most", 0.015},
          {"capacity", {{"of", "batch"}, {"at_least", 4}}}},
         {{"name", "Enough in all"},
          {"where", {{"batch", 4}}},
          {"metric", "output_tokens_per_s"},
          {"at_least", 150}},
         {{"name", "No word stalls"},
          {"where", {{"batch", 4}}},
          {"metric", "inter_token_latency_s"},
          {"statistic", "p99"},
          {"at_most", 0.05}}}},
       {"not_measured", {"The customer's own prompts."}},
       {"glossary", {{{"term", "Help desk"}, {"meaning", "Four people who answer mails."}}}}},
      "report.json");
}

inline CustomerInput example_document(Brief brief = example_brief()) {
  Result result = two_formats();
  for (CaseResult& one : result.cases) {
    MetricResult& time = one.metrics["inter_token_latency_s"];
    time.n = 48;
    time.blocks = 48;
    time.definition = "Seconds from one token of an answer to the next.";
    time.p90 = time.value * 1.1;
    time.p99 = time.value * 1.2;
    one.repro = "assay run chat.json --only '" + one.id + "$'";
  }
  result.command = {"assay", "run", "chat.json"};
  const Prices prices{.currency = "EUR", .devices = {{"Test CPU", 0.5}}, .power_per_kwh = {}};
  const std::vector<DataFile> data = {{.label = "chat", .sha256 = std::string(64, 'a')}};
  return customer_input(report_input({std::move(result)}, {}, data), std::move(brief), prices);
}

}  // namespace assay
