// SPDX-License-Identifier: Apache-2.0
#include "acceptance/brief.h"

#include <algorithm>

namespace assay {

template <class Visitor>
void describe(Visitor& v, CaseChoice& c) {
  v.field("cases", c.cases, {.doc = "ids of cases; * stands for any text"});
  v.field("where", c.where,
          {.doc = "settings that they have, each a value or a list of values: {\"workload\": \"llm\", "
                  "\"batch\": [1, 8]}"});
}

template <class Visitor>
void describe(Visitor& v, CapacityWanted& c) {
  v.field("of", c.of, {.doc = "a swept setting: batch, in_flight", .required = true});
  v.field("at_least", c.at_least,
          {.doc = "the limit must hold up to this value of it", .required = true, .min = 0});
}

template <class Visitor>
void describe(Visitor& v, AcceptanceLimit& l) {
  v.field("name", l.name, {.doc = "the limit in the customer's words", .required = true});
  describe(v, l.choice);
  v.field("metric", l.metric, {.doc = "a figure's name: time_to_first_token_s", .required = true});
  v.field("statistic", l.statistic, {.doc = "of its draws: median, p90, p99; default the figure's own"});
  v.field("at_most", l.at_most, {.doc = "in the figure's unit: 0.5 of seconds"});
  v.field("at_least", l.at_least, {.doc = "in the figure's unit"});
  v.field("capacity", l.capacity,
          {.doc = "how far along a swept setting it must hold; else every case that is meant must meet it"});
}

template <class Visitor>
void describe(Visitor& v, Preference& p) {
  describe(v, p.choice);
  v.field("metric", p.metric, {.doc = "a figure's name", .required = true});
}

template <class Visitor>
void describe(Visitor& v, GlossaryEntry& e) {
  v.field("term", e.term, {.required = true});
  v.field("meaning", e.meaning, {.required = true});
}

template <class Visitor>
void describe(Visitor& v, Brief& a) {
  v.field("$schema", a.schema_file);
  v.field("schema", a.schema, {.doc = "assay.about/1"});
  v.field("title", a.title, {.doc = "of the document"});
  v.field("customer", a.customer, {.doc = "whom it is for"});
  v.field("author", a.author, {.doc = "who answers for it"});
  v.field("date", a.date, {.doc = "of the document; the measurements have their own"});
  v.field("draft", a.draft, {.doc = "true until its author is done with it"});
  v.field("question", a.question, {.doc = "what is asked, in a sentence"});
  v.field("requirement", a.requirement, {.doc = "what the customer needs, a sentence a line"});
  v.field("assumptions", a.assumptions, {.doc = "what is taken for granted, a sentence a line"});
  v.field("acceptance", a.acceptance, {.doc = "limits that a system must meet"});
  v.field("across", a.across,
          {.doc = "settings whose values are compared as systems (dtype); else each device of each result is "
                  "one"});
  v.field("prefer", a.prefer,
          {.doc = "of systems that meet every limit, the one best in this figure; else the cheapest where "
                  "prices are given, else the fastest"});
  v.field("not_measured", a.not_measured, {.doc = "limits of the document, a sentence a line"});
  v.field("glossary", a.glossary, {.doc = "terms of the customer's own"});
}

namespace {

void check(const CaseChoice& choice, const JsonReader& at) {
  if (!choice.where.is_object())
    at.fail_at("where", "is no object", "settings and their values: {\"workload\": \"llm\", \"batch\": 8}");
  for (const auto& [key, value] : choice.where.items()) {
    const bool plain = value.is_primitive() && !value.is_null();
    const bool list = value.is_array() && !value.empty() &&
                      std::ranges::all_of(value, [](const Json& v) { return v.is_primitive(); });
    if (!plain && !list)
      at.fail_at("where/" + key, "is neither a value nor a list of values", "\"batch\": 8, or [1, 8]");
  }
}

void check(const AcceptanceLimit& limit, const JsonReader& at) {
  check(limit.choice, at);
  if (limit.name.empty()) at.fail_at("name", "is empty", "say the limit as the customer does");
  if (!limit.at_most && !limit.at_least)
    at.fail("limits nothing", "give it an at_most or an at_least, in the figure's unit");
  if (limit.at_most && limit.at_least && *limit.at_most < *limit.at_least)
    at.fail_at("at_most", "is below its at_least", "no figure can hold both");
  if (limit.statistic && *limit.statistic == Stat::count)
    at.fail_at("statistic", "counts draws, which is no figure", "median, p90, p99, mean, min or max");
}

}  // namespace

Brief brief_from_json(const Json& json, const std::string& file) {
  JsonReader reader(json, file);
  Brief brief;
  reader.read(brief);
  if (brief.schema != kBriefSchema)
    reader.fail_at("schema", "is \"" + brief.schema + "\"", "it reads " + std::string(kBriefSchema));
  if (!brief.acceptance.empty()) {
    const Json& lines = json.at("acceptance");
    const JsonReader at = reader.child(lines, "acceptance");
    for (std::size_t i = 0; i < brief.acceptance.size(); ++i)
      check(brief.acceptance[i], at.child(lines[i], std::to_string(i)));
  }
  if (brief.prefer) check(brief.prefer->choice, reader.child(json.at("prefer"), "prefer"));
  return brief;
}

Json to_json(const Brief& brief) {
  return JsonWriter::write(brief);
}

Json brief_schema() {
  Json schema = SchemaWriter(SchemaWriter::Unknown::reject).schema_of<Brief>();
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "what a document of assay report is about";
  return schema;
}

}  // namespace assay
