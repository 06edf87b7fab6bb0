// SPDX-License-Identifier: Apache-2.0
#include "result/result_json.h"

#include <algorithm>

#include "base/files.h"
#include "base/json_file.h"
#include "result/result_fields.h"

namespace assay {
namespace {

constexpr std::string_view kFamily = "assay.result/";
constexpr std::string_view kMajor = "2";

void check_schema(const JsonReader& reader) {
  const Json& json = reader.value();
  const std::string hint = "give a result.json that `assay run` wrote";
  if (!json.is_object()) reader.fail("is not a result", hint);
  const auto found = json.find("schema");
  if (found == json.end()) reader.fail_at("schema", "is missing: this is not a result", hint);
  const std::string schema = found->is_string() ? found->get<std::string>() : found->dump();
  if (!schema.starts_with(kFamily))
    reader.fail_at("schema", "is \"" + schema + "\": this is not a result", hint);
  const std::string version = schema.substr(kFamily.size());
  if (version.substr(0, version.find('.')) != kMajor)
    reader.fail_at("schema", "is \"" + schema + "\", a version this program does not read",
                   "it reads " + std::string(kResultSchema) + ": run again to have such a file");
}

bool is_plain(const Json& value) {
  return !value.is_structured();
}

/// On one line: an array of numbers, and one of such arrays (the blocks of a series).
bool is_flat(const Json& value) {
  if (!value.is_structured() || value.empty()) return true;
  return value.is_array() && std::ranges::all_of(value, [](const Json& element) {
           return is_plain(element) || (element.is_array() && std::ranges::all_of(element, is_plain));
         });
}

/// Text that stands in JSON as it is, between quotes.
bool needs_no_escape(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

void append_json_text(std::string& out, const std::string& text) {
  if (needs_no_escape(text))
    out.append("\"").append(text).append("\"");
  else
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

/// On one line. Texts and nothing, of which files are full, without the library's serialiser.
void append_flat(std::string& out, const Json& value) {
  if (value.is_string())
    append_json_text(out, value.get_ref<const std::string&>());
  else if (value.is_null())
    out += "null";
  else
    out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_pretty(std::string& out, const Json& value, const std::string& indent) {
  if (is_flat(value)) {
    append_flat(out, value);
    return;
  }
  const std::string inner = indent + "  ";
  out += value.is_array() ? "[" : "{";
  std::string_view separator = "\n";
  for (const auto& [key, element] : value.items()) {
    out.append(separator).append(inner);
    if (value.is_object()) {
      append_json_text(out, key);
      out += ": ";
    }
    append_pretty(out, element, inner);
    separator = ",\n";
  }
  out += "\n" + indent + (value.is_array() ? "]" : "}");
}

}  // namespace

Result result_from_json(const Json& json, const std::string& file) {
  JsonReader reader(json, file, "", JsonReader::Unknown::accept);
  check_schema(reader);
  Result result;
  reader.read(result);
  return result;
}

Result read_result(const std::filesystem::path& path) {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;  // a thousand cases with all draws take 100 MiB
  return result_from_json(load_json(path, kMostBytes), path.string());
}

void write_result(const std::filesystem::path& path, const Result& result) {
  write_file_atomically(path, pretty(to_json(result)));
}

Json to_json(const Result& result) {
  return JsonWriter::write(result);
}

Json result_schema() {
  Json schema = {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"$id", "urn:assay:result:2"},
      {"title", "assay result"},
      {"description", "What `assay run` measured, with all that is needed to judge and repeat it"}};
  schema.update(SchemaWriter(SchemaWriter::Unknown::accept).schema_of<Result>());
  schema["properties"]["schema"] = {{"type", "string"}, {"pattern", "^assay\\.result/2(\\.[0-9]+)?$"}};
  return schema;
}

std::string pretty(const Json& json) {
  std::string text;
  append_pretty(text, json, "");
  return text + "\n";
}

}  // namespace assay
