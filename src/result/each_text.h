// SPDX-License-Identifier: Apache-2.0
// Every text of a described value, whatever fields it has now or will have: those of vectors, optionals, maps
// and raw JSON, and the names in maps and JSON objects that are texts too.
//
//   EachText([](std::string_view key, std::string& text) { ... }).each("", result);
//
// `key` is the field that the text stands in, of whatever struct; inside raw JSON it stays that of the field.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json_fields.h"

namespace assay {

/// Decided before running: a thousand cases have millions of draws, and none is looked at.
template <typename T>
struct HoldsText : std::bool_constant<!std::is_arithmetic_v<T> && !std::is_enum_v<T>> {};
template <typename T>
struct HoldsText<std::optional<T>> : HoldsText<T> {};
template <typename T>
struct HoldsText<std::vector<T>> : HoldsText<T> {};
template <typename K, typename T>
struct HoldsText<std::map<K, T>> : std::bool_constant<std::is_same_v<K, std::string> || HoldsText<T>::value> {
};

/// A name that no other has: two that became the same must not become one.
template <class Taken>
std::string unlike_others(const std::string& name, const Taken& taken) {
  std::string other = name;
  for (int n = 2; taken(other); ++n) other = name + " (" + std::to_string(n) + ")";
  return other;
}

template <class Change>
class EachText {
 public:
  static constexpr bool kChanges = true;  // what it was shown has to be kept (peak_fields.h)

  explicit EachText(Change change) : change_(std::move(change)) {}

  template <typename T>
  void field(std::string_view key, T& value, const FieldRule& = {}) {
    each(key, value);
  }

  template <typename T>
  void each(std::string_view key, T& value) {
    if constexpr (!HoldsText<T>::value) {
      return;
    } else if constexpr (std::is_same_v<T, std::string>) {
      change_(key, value);
    } else if constexpr (std::is_same_v<T, Json>) {
      json(key, value);
    } else if constexpr (IsOptional<T>::value) {
      if (value) each(key, *value);
    } else if constexpr (IsVector<T>::value) {
      for (auto& element : value) each(key, element);
    } else if constexpr (IsMap<T>::value) {
      for (auto& [name, element] : value) each(key, element);
      if constexpr (std::is_same_v<typename T::key_type, std::string>) names(key, value);
    } else {
      describe(*this, value);
    }
  }

 private:
  template <typename T>
  void names(std::string_view key, std::map<std::string, T>& all) {
    std::vector<std::pair<std::string, std::string>> renamed;
    for (const auto& [name, value] : all) {
      std::string now = name;
      change_(key, now);
      if (now != name) renamed.emplace_back(name, std::move(now));
    }
    for (const auto& [was, now] : renamed) {
      auto node = all.extract(was);
      node.key() = unlike_others(now, [&](const std::string& name) { return all.contains(name); });
      all.insert(std::move(node));
    }
  }

  void json(std::string_view key, Json& value) {
    if (value.is_string()) {
      change_(key, value.get_ref<std::string&>());
    } else if (value.is_array()) {
      for (Json& element : value) json(key, element);
    } else if (value.is_object()) {
      auto& members = value.get_ref<Json::object_t&>();
      std::vector<std::string> names;
      bool renamed = false;
      for (auto& [was, element] : members) {
        change_(key, names.emplace_back(was));
        renamed = renamed || names.back() != was;
        json(key, element);
      }
      if (!renamed) return;
      Json::object_t now;  // the keys of an object cannot be changed in place
      for (std::size_t i = 0; i < names.size(); ++i)
        now.emplace(
            unlike_others(names[i], [&](const std::string& name) { return now.find(name) != now.end(); }),
            std::move((members.begin() + static_cast<std::ptrdiff_t>(i))->second));
      value = std::move(now);
    }
  }

  Change change_;
};

}  // namespace assay
