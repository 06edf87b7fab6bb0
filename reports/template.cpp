// SPDX-License-Identifier: Apache-2.0
// Customers' own templates: Mustache has no logic, so no arithmetic can creep into one.
#include <algorithm>
#include <array>
#include <filesystem>

#include <kainjow/mustache.hpp>

#include "base/error.h"
#include "base/units.h"
#include "reports/escape.h"
#include "reports/metric_text.h"
#include "reports/report.h"

namespace assay {
namespace {

namespace mustache = kainjow::mustache;

/// Objects that map names to values, which Mustache cannot walk: they get a list beside them.
bool is_map(const std::string& key) {
  static constexpr std::array<std::string_view, 12> kMaps = {
      "metrics", "environment", "properties", "flops_per_s", "rejected",         "axes",
      "bytes",   "series",      "outputs",    "peaks",       "path_bytes_per_s", "random_read_bytes_per_s"};
  return std::ranges::find(kMaps, key) != kMaps.end();
}

/// As a report prints it: by the unit in the key, or by the unit that stands in the same object.
std::string number_as_text(const std::string& key, double value, const std::string& unit) {
  static constexpr std::array<std::string_view, 15> kOfMetric = {
      "value",  "min",   "max",       "p90",      "p99",  "low",   "high",  "ceiling",
      "before", "after", "datasheet", "measured", "base", "other", "memory"};
  if (!unit.empty() && std::ranges::find(kOfMetric, key) != kOfMetric.end())
    return quantity_text(value, unit);
  if (key.ends_with("flops_per_s")) return si_text(value, "FLOP/s");
  if (key.ends_with("bytes_per_s")) return si_text(value, "B/s");
  if (key.ends_with("_bytes")) return bytes_text(value);
  if (key.ends_with("_s")) return si_text(value, "s");
  if (key.ends_with("_w")) return si_text(value, "W");
  if (key.ends_with("_j")) return si_text(value, "J");
  if (key == "flops") return si_text(value, "FLOP");
  if (key == "share" || key == "covered" || key == "used" || key == "half_width" ||
      key == "widest_interval" || key.ends_with("_share") || key.ends_with("_deviation"))
    return percent_text(value);
  if (key == "change") return change_text(value);
  if (key == "ratio") return ratio_text(value);
  return number_text(value);
}

/// `unit`: of the numbers below, where a key further up says it.
mustache::data view(const Json& json, const std::string& unit = {});

mustache::data scalar(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean())
    return json.get<bool>() ? mustache::data::type::bool_true : mustache::data::type::bool_false;
  if (json.is_null())
    return mustache::data::type::bool_false;  // a section over what is unknown is not rendered
  return json.dump();
}

mustache::data list_of(const Json& map, const std::string& unit) {
  mustache::data list{mustache::data::type::list};
  for (const auto& [name, value] : map.items()) {
    mustache::data entry =
        value.is_object() ? view(value, unit) : mustache::data{mustache::data::type::object};
    entry.set("key", name);
    if (!value.is_object()) entry.set("value", view(value));
    list.push_back(entry);
  }
  return list;
}

std::string unit_below(const std::string& key) {
  return key == "of_peak" || key == "of_bound" ? "1"
         : key == "bytes"                      ? "B"
         : key.ends_with("bytes_per_s")        ? "B/s"
         : key == "flops_per_s"                ? "FLOP/s"
                                               : "";
}

mustache::data view(const Json& json, const std::string& unit_above) {
  if (json.is_array()) {
    mustache::data list{mustache::data::type::list};
    for (const Json& element : json) list.push_back(view(element));
    return list;
  }
  if (!json.is_object()) return scalar(json);
  mustache::data object{mustache::data::type::object};
  const auto found = json.find("unit");
  const std::string unit = found != json.end() && found->is_string() ? found->get<std::string>() : unit_above;
  const bool fact = json.contains("definition") && !json.contains("better");
  for (const auto& [key, value] : json.items()) {
    const std::string below = unit_below(key).empty() ? unit_above : unit_below(key);
    object.set(key, view(value, below));
    if (fact && key == "value")
      object.set("value_text", fact_text({.name = {}, .value = value, .unit = unit, .definition = {}}));
    else if (value.is_number())
      object.set(key + "_text", number_as_text(key, value.get<double>(), unit));
    if (value.is_object() && is_map(key)) object.set(key + "_list", list_of(value, below));
  }
  return object;
}

}  // namespace

std::string template_extension(std::string_view file) {
  std::filesystem::path path(file);
  if (path.extension() == ".mustache") path = path.stem();
  const std::string ending = path.extension().string();
  return ending.empty() ? "html" : ending.substr(1);  // which Mustache escapes for
}

std::string render_template(const std::string& template_text, const Json& input, const std::string& file) {
  mustache::mustache parsed(template_text);
  if (!parsed.is_valid())
    throw Error(ExitCode::bad_input, file + ": is not a Mustache template: " + parsed.error_message(),
                "check that every {{#section}} has its {{/section}} and every {{ its }}");
  const std::string ending = template_extension(file);
  if (ending == "md" || ending == "markdown") {
    parsed.set_custom_escape([](const std::string& text) { return escape_markdown(text); });
  } else if (ending == "csv") {
    parsed.set_custom_escape([](const std::string& text) { return escape_csv(text); });
  } else if (ending == "txt" || ending == "tex") {
    parsed.set_custom_escape([](const std::string& text) { return text; });
  } else {
    parsed.set_custom_escape([](const std::string& text) { return escape_html(text); });
  }
  std::string out = parsed.render(view(input));
  if (!parsed.is_valid())
    throw Error(ExitCode::bad_input, file + ": cannot be rendered: " + parsed.error_message(),
                "check its tags");
  return out;
}

}  // namespace assay
