// SPDX-License-Identifier: Apache-2.0
#include "plan/overrides.h"

#include <algorithm>
#include <charconv>

namespace assay {
namespace {

constexpr std::size_t kMaxPath = 32;  // keys; deeper than any config

[[noreturn]] void fail(const std::string& text, const std::string& what, const std::string& hint) {
  throw Error(ExitCode::bad_input, "--set " + text + ": " + what, hint);
}

/// RFC 6901.
std::vector<std::string> split_pointer(std::string_view pointer, const std::string& text) {
  std::vector<std::string> path;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      path.emplace_back();
    } else if (pointer[i] == '~') {
      if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1'))
        fail(text, "holds a \"~\" that is no escape", "write ~0 for \"~\" and ~1 for \"/\" inside a key");
      path.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      path.back() += pointer[i];
    }
  }
  if (path.size() > kMaxPath) fail(text, "is nested too deeply", "name a key of the run config");
  if (std::find(path.begin(), path.end(), "") != path.end())
    fail(text, "has an empty key", "write it like --set /load/batch=4");
  return path;
}

Json& element(Json& list, const std::string& index, const std::string& text) {
  std::size_t i = 0;
  const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), i);
  if (error != std::errc() || end != index.data() + index.size() || i >= list.size())
    fail(text, "\"" + index + "\" is no element of a list of " + std::to_string(list.size()),
         "elements count from 0");
  return list[i];
}

}  // namespace

std::vector<Override> parse_overrides(std::span<const std::string> texts) {
  std::vector<Override> overrides;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (!text.starts_with('/') || equals == std::string::npos)
      fail(text, "is not /json/pointer=VALUE", "write it like --set /load/batch=4");
    const std::string value = text.substr(equals + 1);
    Json json = Json::parse(value, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) json = value;
    overrides.push_back(
        {split_pointer(std::string_view(text).substr(0, equals), text), std::move(json), text});
  }
  return overrides;
}

void apply(const Override& change, Json& document) {
  Json* at = &document;
  for (const std::string& key : change.path) {
    if (at->is_array()) {
      at = &element(*at, key, change.text);
    } else if (at->is_object() || at->is_null()) {
      at = &(*at)[key];
    } else {
      fail(change.text, "\"" + key + "\" would stand inside a value that is not an object",
           "name a key of the run config, like /load/batch");
    }
  }
  *at = change.value;
}

}  // namespace assay
