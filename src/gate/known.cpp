// SPDX-License-Identifier: Apache-2.0
#include "gate/known.h"

#include <chrono>
#include <cstdio>

#include "base/json_file.h"
#include "gate/limits.h"

namespace assay {

struct KnownFile {
  std::string schema;
  std::vector<KnownRegression> known;
};

template <class Visitor>
void describe(Visitor& v, KnownRegression& k) {
  v.field("metric", k.metric, {.doc = "names of figures; * stands for any text"});
  v.field("cases", k.cases, {.doc = "ids of cases; * stands for any text"});
  v.field("loss", k.loss, {.doc = "at most this share", .required = true, .min = 0, .max = 100});
  v.field("reason", k.reason, {.doc = "why it is accepted", .required = true});
  v.field("until", k.until, {.doc = "the last day, YYYY-MM-DD", .required = true});
}

template <class Visitor>
void describe(Visitor& v, KnownFile& f) {
  v.field("schema", f.schema, {.doc = "assay.known/1", .required = true});
  v.field("known", f.known, {.required = true});
}

namespace {

constexpr std::string_view kSchema = "assay.known/1";

bool is_date(const std::string& text) {
  int year = 0, month = 0, day = 0, length = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 || length != 10 ||
      text.size() != 10)
    return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

}  // namespace

std::vector<KnownRegression> known_from_json(const Json& json, const std::string& file) {
  JsonReader reader(json, file);
  KnownFile read;
  reader.read(read);
  if (read.schema != kSchema)
    reader.fail_at("schema", "is \"" + read.schema + "\"", "it reads " + std::string(kSchema));
  const Json& lines = json.at("known");
  const JsonReader list = reader.child(lines, "known");
  for (std::size_t i = 0; i < read.known.size(); ++i) {
    const JsonReader at = list.child(lines[i], std::to_string(i));
    if (!is_date(read.known[i].until))
      at.fail_at("until", "is no date (\"" + read.known[i].until + "\")", "write it as 2026-12-31");
    if (read.known[i].reason.empty())
      at.fail_at("reason", "is empty", "say why the loss is accepted: the next reader must know");
  }
  return std::move(read.known);
}

std::vector<KnownRegression> read_known(const std::filesystem::path& path) {
  return known_from_json(load_json(path), path.string());
}

const KnownRegression* find_known(std::span<const KnownRegression> known, const std::string& case_id,
                                  const std::string& metric, double loss, const std::string& today,
                                  bool& expired) {
  expired = false;
  for (const KnownRegression& one : known) {
    if (!fits(one.cases, case_id) || !fits(one.metric, metric) || loss > one.loss) continue;
    if (today <= one.until) return &one;
    expired = true;
  }
  return nullptr;
}

}  // namespace assay
