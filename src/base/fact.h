// SPDX-License-Identifier: Apache-2.0
// A figure that holds without measuring: parameters of a model, bytes of a cache for each token. The engine
// and the reports carry facts without knowing what they mean.
#pragma once

#include <string>

#include "base/json_fields.h"

namespace assay {

struct Fact {
  std::string name;        // "kv_bytes_per_token"
  Json value;              // a number or a text
  std::string unit;        // "B", "1"; empty: a text
  std::string definition;  // a sentence for the report
};

template <class Visitor>
void describe(Visitor& v, Fact& f) {
  v.field("name", f.name, {.doc = "key, in English with underscores", .required = true});
  v.field("value", f.value, {.doc = "a number or a text", .required = true});
  v.field("unit", f.unit, {.doc = "of a number; empty for a text"});
  v.field("definition", f.definition, {.doc = "what it is, in a sentence"});
}

}  // namespace assay
