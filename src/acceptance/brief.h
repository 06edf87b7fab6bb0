// SPDX-License-Identifier: Apache-2.0
// What a document is about ("assay.about/1"), as its author says it: the question, what is required, and the
// limits by which a system is accepted. Nothing in it is measured.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.h"
#include "statistics/blocks.h"

namespace assay {

inline constexpr std::string_view kBriefSchema = "assay.about/1";

/// Which cases are meant: those whose id fits, and that have each setting at one of its values. Settings are
/// "workload", "model", "dtype" and the fields of a load ("batch", "traffic.skew").
struct CaseChoice {
  std::string cases = "*";      // of ids; * stands for any text
  Json where = Json::object();  // {"workload": "llm", "batch": [1, 8]}
};

/// How far along a swept setting a limit must hold: "up to a batch of 8".
struct CapacityWanted {
  std::string of;  // "batch"
  double at_least = 0;
};

/// One acceptance limit. Without `capacity` every case that is meant must meet it.
struct AcceptanceLimit {
  std::string name;  // in the customer's words
  CaseChoice choice;
  std::string metric;             // "time_to_first_token_s"
  std::optional<Stat> statistic;  // of its draws; else the figure's own
  std::optional<double> at_most, at_least;
  std::optional<CapacityWanted> capacity;
};

/// Of several systems that meet every limit, the one that is best in this.
struct Preference {
  CaseChoice choice;
  std::string metric;
};

struct GlossaryEntry {
  std::string term, meaning;
};

struct Brief {
  std::string schema_file;  // "$schema", for editors
  std::string schema = std::string(kBriefSchema);
  std::string title, customer, author, date;
  bool draft = false;  // its author is not done
  std::string question;
  std::vector<std::string> requirement, assumptions;
  std::vector<AcceptanceLimit> acceptance;
  std::vector<std::string> across;  // settings whose values stand beside each other as systems: "dtype"
  std::optional<Preference> prefer;
  std::vector<std::string> not_measured;  // beside what the document says of itself
  std::vector<GlossaryEntry> glossary;
};

/// Error(bad_input) names the place; unknown keys are refused.
Brief brief_from_json(const Json& json, const std::string& file);
Json to_json(const Brief& brief);
Json brief_schema();

}  // namespace assay
