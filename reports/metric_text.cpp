// SPDX-License-Identifier: Apache-2.0
#include "reports/metric_text.h"

#include <algorithm>
#include <cctype>

#include "base/units.h"

namespace assay {

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
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

std::string peak_label(std::string_view peak) {
  constexpr std::string_view kFlops = "flops_per_s ";
  if (peak.starts_with(kFlops)) return std::string(peak.substr(kFlops.size())) + " arithmetic";
  return peak == "bytes_per_s" ? "memory bandwidth" : std::string(peak);
}

std::string metric_unit(std::string_view metric, std::string_view unit) {
  constexpr std::string_view kRate = "_per_s";
  if (unit != "1/s" || !metric.ends_with(kRate)) return std::string(unit);
  metric.remove_suffix(kRate.size());
  const std::size_t word = metric.rfind('_');
  return std::string(word == std::string_view::npos ? metric : metric.substr(word + 1)) + "/s";
}

std::string metric_text(const Headline& headline, const std::optional<double>& value) {
  return quantity_text(value, metric_unit(headline.metric, headline.unit));
}

std::string metric_text(const Headline& headline) {
  return metric_text(headline, headline.median);
}

std::string plus_minus(const std::optional<double>& half_width) {
  return half_width ? "\u00b1" + percent_text(*half_width) : std::string(kUnknown);
}

std::string interval_text(const Headline& headline) {
  return plus_minus(headline.half_width);
}

std::string counted(std::int64_t count, std::string_view noun) {
  return count_text(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace assay
