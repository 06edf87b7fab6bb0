// SPDX-License-Identifier: Apache-2.0
// The keys of a status, in whatever file holds one.
#pragma once

#include "analyse/status.h"
#include "base/json_fields.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, DataFile& d) {
  v.field("label", d.label, {.doc = "of its result, in words"});
  v.field("sha256", d.sha256, {.doc = "of the file's bytes; empty: not known"});
}

template <class Visitor>
void describe(Visitor& v, Status& s) {
  v.field("standing", s.standing, {.doc = "valid, draft, invalid"});
  v.field("why", s.why, {.doc = "parts of a sentence, gravest first; empty where it is valid"});
  v.field("machines", s.machines);
  v.field("first_day", s.first_day, {.doc = "UTC; empty: not known"});
  v.field("last_day", s.last_day);
  v.field("versions", s.versions, {.doc = "of the program"});
  v.field("data", s.data, {.doc = "the result files"});
}

}  // namespace assay
