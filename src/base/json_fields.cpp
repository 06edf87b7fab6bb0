// SPDX-License-Identifier: Apache-2.0
#include "base/json_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kShown = 60;  // characters of a wrong value that a message quotes

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kShown) text.replace(kShown, std::string::npos, "...");
  return text;
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

std::string number_text(double value) {
  const Json json = value == std::floor(value) && std::fabs(value) < 1e15
                        ? Json(static_cast<std::int64_t>(value))
                        : Json(value);
  return json.dump();
}

}  // namespace

std::span<const std::string_view> enum_names(DType) {
  static const auto kNames = [] {
    std::vector<std::string_view> names(all_dtypes().size());
    for (const DType dtype : all_dtypes()) names[static_cast<std::size_t>(dtype)] = name(dtype);
    return names;
  }();
  return kNames;
}

JsonReader::JsonReader(const Json& value, std::string file, std::string pointer, Unknown unknown)
    : value_(&value),
      next_(value.begin()),
      file_(std::move(file)),
      pointer_(std::move(pointer)),
      unknown_(unknown) {}

const Json* JsonReader::find(std::string_view key) {
  if (!value_->is_object()) fail("is not an object (" + shown(*value_) + ")", "write { ... }");
  if (unknown_ == Unknown::reject) known_.emplace(key);
  const auto found = next_ != value_->end() && next_.key() == key ? next_ : value_->find(key);
  if (found == value_->end()) return nullptr;
  next_ = std::next(found);
  return &*found;
}

bool JsonReader::has(std::string_view key) const {
  const Json* found = const_cast<JsonReader*>(this)->find(key);
  return found != nullptr && !found->is_null();
}

JsonReader JsonReader::child(const Json& value, std::string_view key) const {
  std::string escaped;  // RFC 6901
  for (const char c : key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return {value, file_, pointer_ + "/" + escaped, unknown_};
}

void JsonReader::done() const {
  if (unknown_ == Unknown::accept || !value_->is_object()) return;
  for (const auto& [key, value] : value_->items()) {
    if (known_.contains(key)) continue;
    const std::vector<std::string> known(known_.begin(), known_.end());
    const std::string near = nearest(key, known);
    fail_at(key, "is not a known key",
            near.empty() ? "known keys here: " + join(known, ", ") : "did you mean " + in_quotes(near) + "?");
  }
}

void JsonReader::fail(const std::string& what, const std::string& hint) const {
  throw Error(ExitCode::bad_input, file_ + ":" + (pointer_.empty() ? "/" : pointer_) + ": " + what, hint);
}

void JsonReader::fail_at(std::string_view key, const std::string& what, const std::string& hint) const {
  child(*value_, key).fail(what, hint);
}

void JsonReader::expect(bool holds, std::string_view wanted) const {
  if (!holds) fail("is " + shown(*value_), "it must be " + std::string(wanted));
}

bool JsonReader::read_bool() const {
  expect(value_->is_boolean(), "true or false");
  return value_->get<bool>();
}

std::size_t JsonReader::read_choice(std::span<const std::string_view> names) const {
  if (value_->is_string())
    for (std::size_t i = 0; i < names.size(); ++i)
      if (value_->get_ref<const std::string&>() == names[i]) return i;
  std::string all;
  for (const std::string_view n : names) all += (all.empty() ? "" : ", ") + in_quotes(n);
  std::string near;
  if (value_->is_string())
    near =
        nearest(value_->get_ref<const std::string&>(), std::vector<std::string>(names.begin(), names.end()));
  fail("is " + shown(*value_),
       (near.empty() ? "" : "did you mean " + in_quotes(near) + "? ") + "it must be one of " + all);
}

std::int64_t JsonReader::read_integer(const FieldRule& rule, double type_max) const {
  const double low = rule.min.value_or(-9007199254740991.0);
  const double high = std::min(rule.max.value_or(9007199254740991.0), type_max);
  const bool whole =
      value_->is_number_integer() ||
      (value_->is_number_float() && std::floor(value_->get<double>()) == value_->get<double>());
  const std::string wanted = rule.min || rule.max
                                 ? "a whole number from " + number_text(low) + " to " + number_text(high)
                                 : "a whole number";
  expect(whole, wanted);
  const double value = value_->get<double>();
  expect(value >= low && value <= high, wanted);
  return value_->is_number_unsigned()  ? static_cast<std::int64_t>(value_->get<std::uint64_t>())
         : value_->is_number_integer() ? value_->get<std::int64_t>()
                                       : static_cast<std::int64_t>(value);
}

double JsonReader::read_number(const FieldRule& rule) const {
  std::string wanted = "a number";
  if (rule.min) wanted += " of at least " + number_text(*rule.min);
  if (rule.max) wanted += std::string(rule.min ? " and" : "") + " at most " + number_text(*rule.max);
  expect(value_->is_number(), wanted);
  const double value = value_->get<double>();
  expect(
      std::isfinite(value) && value >= rule.min.value_or(-HUGE_VAL) && value <= rule.max.value_or(HUGE_VAL),
      wanted);
  return value;
}

std::string JsonReader::read_string() const {
  expect(value_->is_string(), "a string");
  return value_->get<std::string>();
}

Json JsonWriter::number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

void SchemaWriter::add(std::string_view key, Json schema, const FieldRule& rule) {
  if (rule.sweep) {
    Json list = {{"type", "array"}, {"items", schema}, {"minItems", 1}};
    schema = Json{{"anyOf", Json::array({std::move(schema), std::move(list)})}, {"sweep", true}};
  }
  if (!rule.unit.empty()) schema["unit"] = std::string(rule.unit);
  if (!rule.doc.empty()) schema["description"] = std::string(rule.doc);
  properties_[std::string(key)] = std::move(schema);
  if (rule.required) required_.push_back(std::string(key));
}

Json SchemaWriter::object() const {
  Json schema = {{"type", "object"}, {"properties", properties_}};
  if (!required_.empty()) schema["required"] = required_;
  if (unknown_ == Unknown::reject) schema["additionalProperties"] = false;
  return schema;
}

Json SchemaWriter::choice(std::span<const std::string_view> names) {
  Json all = Json::array();
  for (const std::string_view n : names) all.push_back(std::string(n));
  return {{"enum", std::move(all)}};
}

Json SchemaWriter::bounded(std::string_view type, const FieldRule& rule) {
  Json schema = {{"type", std::string(type)}};
  if (rule.min) schema["minimum"] = *rule.min;
  if (rule.max) schema["maximum"] = *rule.max;
  return schema;
}

Json SchemaWriter::nullable(Json schema) {
  return {{"anyOf", Json::array({std::move(schema), Json{{"type", "null"}}})}};
}

}  // namespace assay
