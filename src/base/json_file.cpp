// SPDX-License-Identifier: Apache-2.0
#include "base/json_file.h"

#include <algorithm>

#include "base/files.h"
#include "base/json_builder.h"
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

}  // namespace

Json parse_json(std::string_view text, const std::string& name) {
  if (std::all_of(text.begin(), text.end(),
                  [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }))
    fail(name, "is empty", "write a JSON object: { ... }");
  JsonBuilder<Json> builder(name, kJsonDepthLimit);
  if (Json::sax_parse(text.begin(), text.end(), &builder, Json::input_format_t::json, /*strict=*/true,
                      /*ignore_comments=*/true))
    return builder.take();
  if (builder.problem().out_of_range)
    fail(name, "holds a number out of range", "write numbers that a double can hold");
  const std::size_t read = builder.problem().at, offset = read == 0 ? 0 : read - 1;
  fail(place(text, offset, name), "is not JSON: " + found_at(text, offset),
       "look for a missing or extra comma, quote or bracket here or just before");
}

Json load_json(const std::filesystem::path& path, std::int64_t most_bytes) {
  return parse_json(read_file(path, most_bytes), path.string());
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
