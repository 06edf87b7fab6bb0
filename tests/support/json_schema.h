// SPDX-License-Identifier: Apache-2.0
// Enough of JSON Schema to check our own: type, enum, pattern, required, properties, additionalProperties,
// items, anyOf, minimum, maximum. Everything else would be ignored, so nothing else may be used in our
// schemas.
#pragma once

#include <algorithm>
#include <regex>
#include <string>

#include "base/json_fields.h"

namespace assay {

inline bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "null" && value.is_null();
}

/// The place of the first violation ("/cases/0/id"; "/" for the root), or "".
inline std::string schema_violation(const Json& schema, const Json& value, const std::string& at = "") {
  const std::string here = at.empty() ? "/" : at;
  if (schema.contains("anyOf")) {
    std::string first;
    for (const Json& option : schema["anyOf"]) {
      const std::string violation = schema_violation(option, value, at);
      if (violation.empty()) return {};
      if (violation.size() > first.size()) first = violation;  // the option that fits furthest down
    }
    return first;
  }
  if (schema.contains("type") && !has_type(value, schema["type"])) return here;
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return here;
  if (schema.contains("pattern") &&
      !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
    return here;
  if (schema.contains("minimum") && value.is_number() &&
      value.get<double>() < schema["minimum"].get<double>())
    return here;
  if (schema.contains("maximum") && value.is_number() &&
      value.get<double>() > schema["maximum"].get<double>())
    return here;
  if (value.is_array() && schema.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      if (auto bad = schema_violation(schema["items"], value[i], at + "/" + std::to_string(i)); !bad.empty())
        return bad;
  if (!value.is_object()) return {};
  for (const Json& key : schema.value("required", Json::array()))
    if (!value.contains(key.get<std::string>())) return at + "/" + key.get<std::string>();
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [key, element] : value.items()) {
    const Json* rule = properties.contains(key)                  ? &properties.at(key)
                       : schema.contains("additionalProperties") ? &schema["additionalProperties"]
                                                                 : nullptr;
    if (rule == nullptr || *rule == Json(true)) continue;
    if (*rule == Json(false)) return at + "/" + key;
    if (auto bad = schema_violation(*rule, element, at + "/" + key); !bad.empty()) return bad;
  }
  return {};
}

}  // namespace assay
