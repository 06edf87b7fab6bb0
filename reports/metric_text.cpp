// SPDX-License-Identifier: Apache-2.0
#include "reports/metric_text.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/units.h"

namespace assay {

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string uncapitalised(std::string text) {
  const auto upper = [&](std::size_t at) {
    return at < text.size() && std::isupper(static_cast<unsigned char>(text[at])) != 0;
  };
  if (upper(0) && !upper(1)) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string metric_label(std::string_view metric) {
  std::string text(metric);
  if (text.ends_with("_per_s")) {
    text += "econd";
  } else {
    for (const std::string_view unit : {"_s", "_bytes", "_w", "_j"})
      if (text.ends_with(unit)) text.resize(text.size() - unit.size());
  }
  std::replace(text.begin(), text.end(), '_', ' ');
  if (const std::size_t at = (" " + text + " ").find(" flop "); at != std::string::npos)
    text.replace(at, 4, "FLOP");
  return capitalised(text);
}

std::string metric_text(const Headline& headline, const std::optional<double>& value) {
  return quantity_text(value, headline.unit);
}

std::string metric_text(const Headline& headline) {
  return headline.value ? metric_text(headline, headline.value) : "withheld";
}

std::string plus_minus(const std::optional<double>& half_width) {
  return half_width ? "\u00b1" + percent_text(*half_width) : std::string(kUnknown);
}

std::string interval_text(const Headline& headline) {
  return plus_minus(headline.half_width);
}

std::string draws_text(const Headline& headline) {
  std::string text = count_text(headline.n) + " in " + counted(headline.blocks, "block");
  if (headline.sessions > 1) text += " of " + counted(headline.sessions, "session");
  return text;
}

std::string best_text(const BestFigure& best, const Headline& headline) {
  if (best.of_cases < 2) return {};
  std::string text = headline.better == Better::lower ? "lowest of " : "highest of ";
  text += count_text(best.of_cases) + " cases";
  return best.at.empty() ? text : text + ": " + best.at;
}

std::string_view usable_text(Usable verdict) {
  switch (verdict) {
    case Usable::usable: return "These figures may be used as they are";
    case Usable::with_care: return "These figures may not be used as they are";
    case Usable::not_usable: return "These figures may not be used";
  }
  return "";
}

std::string setting_label(std::string_view name) {
  return capitalised(spaced(std::string(name)));
}

std::string setting_text(const Json& value) {
  if (value.is_number_float())
    return fmt::format("{}", value.get<double>());  // as it was asked for, not as if it were measured
  return fact_text({.name = {}, .value = value, .unit = {}, .definition = {}});
}

std::string fact_text(const Fact& fact) {
  if (fact.value.is_string()) return fact.value.get<std::string>();
  if (!fact.value.is_number()) return fact.value.is_null() ? std::string(kUnknown) : fact.value.dump();
  if (fact.unit == "B") return bytes_text(fact.value.get<double>());
  const std::string digits = fact.value.is_number_integer() ? count_text(fact.value.get<std::int64_t>())
                                                            : number_text(fact.value.get<double>());
  return fact.unit == "1" || fact.unit.empty() ? digits : digits + " " + fact.unit;
}

std::string bound_text(const std::optional<Bound>& bound) {
  return bound ? spaced(name_of(*bound)) : "not known";
}

std::string spaced(std::string text) {
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string counted(std::int64_t count, std::string_view noun) {
  return count_text(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace assay
