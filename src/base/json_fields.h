// SPDX-License-Identifier: Apache-2.0
// One declaration of a JSON object serves its reader, its writer and its JSON Schema:
//
//   template <class Visitor>
//   void describe(Visitor& v, Load& load) {
//     v.field("batch", load.batch, {.doc = "sequences processed together", .min = 1, .max = 65536, .sweep =
//     true});
//   }
//
// A field's type may be bool, int, int64, uint64, double, string, DType, an enum with `enum_names(E)`, raw
// Json, a described struct, or optional / vector / map<string, enum or int64, ...> of these. Unknown numbers
// are std::optional and become null; NaN and infinities are written as null too.
//
// An enum is read and written as one of its names, in the order of its values, which count from 0:
//
//   enum class Status : std::uint8_t { ok, skipped };
//   inline std::span<const std::string_view> enum_names(Status) {
//     static constexpr std::array<std::string_view, 2> kNames = {"ok", "skipped"};
//     return kNames;
//   }
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/dtype.h"
#include "base/error.h"

namespace assay {

using Json = nlohmann::ordered_json;

struct FieldRule {
  std::string_view doc = {};
  std::string_view unit = {};  // "s", "B", "FLOP/s", "1" for a share: as quantity_text() takes it
  bool required = false;
  std::optional<double> min = {}, max = {};
  bool sweep = false;  // in a run config a list of values is a sweep axis
};

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  { enum_names(value) } -> std::convertible_to<std::span<const std::string_view>>;
};

/// From names to values: texts, an enum's, or whole numbers.
template <typename T>
struct IsMap : std::false_type {};
template <typename T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <NamedEnum E, typename T>
struct IsMap<std::map<E, T>> : std::true_type {};
template <typename T>
struct IsMap<std::map<std::int64_t, T>> : std::true_type {};

/// Held by one value of JSON that has no parts.
template <typename T>
inline constexpr bool kPlain = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;

/// For DType fields, like any other NamedEnum.
std::span<const std::string_view> enum_names(DType);

/// The name that files hold. A value that has none is our own mistake.
template <NamedEnum T>
std::string name_of(T value) {
  const std::span<const std::string_view> names = enum_names(value);
  const auto index = static_cast<std::size_t>(value);
  if (index >= names.size()) throw std::logic_error("an enum's value has no name: " + std::to_string(index));
  return std::string(names[index]);
}

/// A map's key as the name of its value in a file, and back; nothing where no key has that name.
template <typename Key>
std::string key_text(const Key& key) {
  if constexpr (NamedEnum<Key>)
    return name_of(key);
  else if constexpr (std::is_integral_v<Key>)
    return std::to_string(key);
  else
    return key;
}
template <typename Key>
std::optional<Key> key_from(const std::string& text) {
  if constexpr (NamedEnum<Key>) {
    const auto names = enum_names(Key{});
    const auto at = std::find(names.begin(), names.end(), text);
    return at == names.end() ? std::nullopt : std::optional(static_cast<Key>(at - names.begin()));
  } else if constexpr (std::is_integral_v<Key>) {
    Key key{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
    const bool whole = error == std::errc() && end == text.data() + text.size() && key_text(key) == text;
    return whole ? std::optional(key) : std::nullopt;
  } else {
    return text;
  }
}

/// Strict reading of one JSON object (or, through `field`, a tree of them). Every complaint is an
/// Error(bad_input) "FILE:/pointer: what is wrong (value)" with a hint.
class JsonReader {
 public:
  enum class Unknown : std::uint8_t { reject, accept };

  JsonReader(const Json& value, std::string file, std::string pointer = "",
             Unknown unknown = Unknown::reject);

  bool has(std::string_view key) const;  // present and not null; marks it as known
  template <typename T>
  void field(std::string_view key, T& out, const FieldRule& rule = {}) {
    const Json* found = find(key);
    if (found == nullptr) {
      if (rule.required)
        fail_at(key, "is missing", "add \"" + std::string(key) + "\": " + std::string(rule.doc));
      return;
    }
    if (!take(*found, out, rule)) child(*found, key).read(out, rule);
  }
  /// The value under `key` as it is, or null; for parts with readers of their own (a Hugging Face config).
  const Json* find(std::string_view key);
  JsonReader child(const Json& value, std::string_view key) const;

  /// A key that nobody asked for is a typo: an error that names the nearest known key.
  void done() const;
  void ignore_rest() { unknown_ = Unknown::accept; }

  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;
  [[noreturn]] void fail_at(std::string_view key, const std::string& what, const std::string& hint) const;

  const Json& value() const { return *value_; }
  const std::string& file() const { return file_; }
  const std::string& pointer() const { return pointer_; }

  template <typename T>
  void read(T& out, const FieldRule& rule = {}) {
    if constexpr (std::is_same_v<T, Json>) {
      out = *value_;
    } else if constexpr (std::is_same_v<T, bool>) {
      out = read_bool();
    } else if constexpr (NamedEnum<T>) {
      out = static_cast<T>(read_choice(enum_names(T{})));
    } else if constexpr (std::is_integral_v<T>) {
      out = static_cast<T>(read_integer(rule, static_cast<double>(std::numeric_limits<T>::max())));
    } else if constexpr (std::is_floating_point_v<T>) {
      out = read_number(rule);
    } else if constexpr (std::is_same_v<T, std::string>) {
      out = read_string();
    } else if constexpr (IsOptional<T>::value) {
      if (value_->is_null()) {
        out.reset();
      } else {
        typename T::value_type inner{};
        read(inner, rule);
        out = std::move(inner);
      }
    } else if constexpr (IsVector<T>::value) {
      expect(value_->is_array(), "an array");
      out.clear();
      for (std::size_t i = 0; i < value_->size(); ++i) {
        typename T::value_type element{};
        if (!take((*value_)[i], element, rule)) child((*value_)[i], std::to_string(i)).read(element, rule);
        out.push_back(std::move(element));
      }
    } else if constexpr (IsMap<T>::value) {
      expect(value_->is_object(), "an object");
      out.clear();
      for (const auto& [key, element] : value_->items()) {
        typename T::mapped_type value{};
        if (!take(element, value, rule)) child(element, key).read(value, rule);
        if (const auto known = key_from<typename T::key_type>(key))
          out.emplace(*known, std::move(value));
        else if (unknown_ == Unknown::reject)
          fail_at(key, "is not one of the names that may stand here", "the schema lists them");
      }
    } else {
      expect(value_->is_object(), "an object");
      describe(*this, out);
      done();
    }
  }

 private:
  /// A plain value that is as it must be, without the cost of a reader that could say where it stands: result
  /// files hold millions. False for all others.
  template <typename T>
  static bool take(const Json& value, T& out, const FieldRule& rule) {
    if constexpr (IsOptional<T>::value) {
      if constexpr (kPlain<typename T::value_type>) {
        if (value.is_null()) {
          out.reset();
          return true;
        }
        return take(value, out.emplace(), rule);  // where false, what follows sets it anew or throws
      }
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!value.is_boolean()) return false;
      out = value.get<bool>();
      return true;
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!value.is_string()) return false;
      out = value.get_ref<const std::string&>();
      return true;
    } else if constexpr (kPlain<T>) {
      if (!(std::is_integral_v<T> ? value.is_number_integer() : value.is_number())) return false;
      const double number = value.get<double>();
      double most = std::numeric_limits<double>::max();
      if constexpr (std::is_integral_v<T>)  // that a double holds exactly, and T
        most = std::min(9007199254740991.0, static_cast<double>(std::numeric_limits<T>::max()));
      if (!(number >= std::max(-most, rule.min.value_or(-most)) &&
            number <= std::min(most, rule.max.value_or(most))))
        return false;
      out = value.get<T>();
      return true;
    }
    return false;
  }
  void expect(bool holds, std::string_view wanted) const;
  bool read_bool() const;
  std::size_t read_choice(std::span<const std::string_view> names) const;
  std::int64_t read_integer(const FieldRule& rule, double type_max) const;
  double read_number(const FieldRule& rule) const;
  std::string read_string() const;

  const Json* value_;
  Json::const_iterator next_;  // of an object: behind the key that was found last, as files keep our order
  std::string file_, pointer_;
  Unknown unknown_;
  mutable std::set<std::string, std::less<>> known_;
};

/// Writes described values; the keys stand in the order of their declaration.
class JsonWriter {
 public:
  template <typename T>
  void field(std::string_view key, const T& value, const FieldRule& = {}) {
    object_[std::string(key)] = write(value);
  }
  template <typename T>
  static Json write(const T& value) {
    if constexpr (std::is_same_v<T, Json> || std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
      return value;
    } else if constexpr (NamedEnum<T>) {
      return name_of(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return number(value);
    } else if constexpr (std::is_integral_v<T>) {
      return value;
    } else if constexpr (IsOptional<T>::value) {
      return value ? write(*value) : Json(nullptr);
    } else if constexpr (IsVector<T>::value) {
      Json array = Json::array();
      for (const auto& element : value) array.push_back(write(element));
      return array;
    } else if constexpr (IsMap<T>::value) {
      Json object = Json::object();
      auto& members = object.get_ref<Json::object_t&>();  // keys are unique: operator[] would look each up
      for (const auto& [key, element] : value) members.emplace_back(key_text(key), write(element));
      return object;
    } else {
      JsonWriter writer;
      describe(writer, const_cast<T&>(value));  // describe() takes a reference for readers; writers only read
      return std::move(writer.object_);
    }
  }

 private:
  static Json number(double value);  // null for NaN and infinities
  Json object_ = Json::object();
};

/// The JSON Schema (2020-12) of described types.
class SchemaWriter {
 public:
  enum class Unknown : std::uint8_t { reject, accept };
  explicit SchemaWriter(Unknown unknown) : unknown_(unknown) {}

  template <typename T>
  void field(std::string_view key, const T&, const FieldRule& rule = {}) {
    add(key, schema_of<T>(rule), rule);
  }
  /// A part whose schema is made elsewhere.
  void add(std::string_view key, Json schema, const FieldRule& rule);
  Json object() const;

  template <typename T>
  Json schema_of(const FieldRule& rule = {}) const {
    if constexpr (std::is_same_v<T, Json>) {
      return Json::object();
    } else if constexpr (std::is_same_v<T, bool>) {
      return {{"type", "boolean"}};
    } else if constexpr (NamedEnum<T>) {
      return choice(enum_names(T{}));
    } else if constexpr (std::is_integral_v<T>) {
      return bounded("integer", rule);
    } else if constexpr (std::is_floating_point_v<T>) {
      return bounded("number", rule);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return {{"type", "string"}};
    } else if constexpr (IsOptional<T>::value) {
      return nullable(schema_of<typename T::value_type>(rule));
    } else if constexpr (IsVector<T>::value) {
      return {{"type", "array"}, {"items", schema_of<typename T::value_type>(rule)}};
    } else if constexpr (IsMap<T>::value) {
      return {{"type", "object"}, {"additionalProperties", schema_of<typename T::mapped_type>(rule)}};
    } else {
      SchemaWriter inner(unknown_);
      T value{};
      describe(inner, value);
      return inner.object();
    }
  }

 private:
  static Json choice(std::span<const std::string_view> names);
  static Json bounded(std::string_view type, const FieldRule& rule);
  static Json nullable(Json schema);

  Unknown unknown_;
  Json properties_ = Json::object();
  Json required_ = Json::array();
};

}  // namespace assay
