// SPDX-License-Identifier: Apache-2.0
#include "base/json_file.h"

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "base/files.h"
#include "base/line_log.h"

namespace assay {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ExitCode::bad_input, where + ": " + what, hint);
}

/// "FILE:3:7" of the byte at `offset`.
std::string place(std::string_view text, std::size_t offset, const std::string& name) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

/// The character a person sees at `offset`, for a message.
std::string found_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the text ends here";
  const auto c = static_cast<unsigned char>(text[offset]);
  if (c > 0x20 && c < 0x7f) return std::string("unexpected '") + text[offset] + "'";
  if (c == '\n' || c == '\r') return "unexpected end of line";
  if (c == ' ' || c == '\t') return "unexpected space";
  constexpr std::string_view kHex = "0123456789abcdef";
  return std::string("unexpected byte 0x") + kHex[c >> 4] + kHex[c & 15];
}

/// Watches the parser for what it would let pass: depth and duplicate keys.
class Guard {
 public:
  explicit Guard(const std::string& name) : name_(name) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= kJsonDepthLimit)
        fail(name_, "is nested too deeply",
             "at most " + std::to_string(kJsonDepthLimit) + " levels are read");
      keys_.emplace_back();
    } else if (event == Event::object_end || event == Event::array_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second)
        fail(name_, "the key \"" + key + "\" stands twice in one object", "remove one of the two");
    }
    return true;
  }

 private:
  const std::string& name_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& name) {
  if (std::all_of(text.begin(), text.end(),
                  [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }))
    fail(name, "is empty", "write a JSON object: { ... }");
  Guard guard(name);
  try {
    return Json::parse(text.begin(), text.end(), std::ref(guard), /*allow_exceptions=*/true,
                       /*ignore_comments=*/true);
  } catch (const Json::parse_error& e) {
    const std::size_t offset = e.byte == 0 ? 0 : e.byte - 1;  // counts from 1, and points past what was read
    fail(place(text, offset, name), "is not JSON: " + found_at(text, offset),
         "look for a missing or extra comma, quote or bracket here or just before");
  } catch (const Json::exception&) {
    fail(name, "holds a number out of range", "write numbers that a double can hold");
  }
}

Json load_json(const std::filesystem::path& path) {
  return parse_json(read_file(path, kJsonFileLimitBytes), path.string());
}

bool load_json_lines(const std::filesystem::path& path, const std::function<void(Json&&)>& take) {
  LineReader lines(path, kJsonFileLimitBytes);
  while (const auto line = lines.next())
    if (!line->empty()) take(parse_json(*line, path.string() + ":" + std::to_string(lines.number())));
  return lines.torn();
}

void save_json(const std::filesystem::path& path, const Json& value) {
  // Names from outside (a device, a path) may not be UTF-8: the reader must not choke on what we write.
  write_file_atomically(path, value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace assay
