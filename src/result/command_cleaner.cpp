// SPDX-License-Identifier: Apache-2.0
#include "result/command_cleaner.h"

#include <algorithm>
#include <array>
#include <utility>

#include "result/addresses.h"
#include "result/identifying.h"
#include "result/word_tests.h"

namespace assay {
namespace {

/// Take no value. Where one is missing here, the word behind it is taken for a path: that errs on the safe
/// side.
constexpr std::array<std::string_view, 18> kFlags = {
    "--quick",   "--no-time", "--interleave", "--no-op-times", "--no-probes", "--choose-missing", "--quiet",
    "--verbose", "-q",        "-v",           "--json",        "--redact",    "--help",           "-h",
    "--version", "--",        "--resume",     "--allow-skips"};
/// Take a value that is no path.
constexpr std::array<std::string_view, 9> kHarmless = {
    "--device", "--set", "--only", "--kernel", "--format", "--color", "-f", "--op", "--order-seed"};

std::string unquoted(const std::string& word) {
  const bool quoted = word.size() >= 2 && (word[0] == '\'' || word[0] == '"') && word.back() == word[0];
  return quoted ? word.substr(1, word.size() - 2) : word;
}

class Words {
 public:
  explicit Words(TextCleaner& cleaner) : cleaner_(cleaner) {}

  std::string next(const std::string& word) {
    ++count_;
    if (count_ == 1) return "assay";
    if (word.starts_with('-')) return option(word);
    const std::string to = std::exchange(option_, "");
    const std::string plain = unquoted(word);
    std::string now;
    if (to == "--set")
      now = change(plain);
    else if (to == "--only")
      now = pattern(plain);
    else if (is_one_of(kHarmless, to) || is_number_like(plain))
      now = text(plain);
    else if (to.empty() && !std::exchange(subcommand_seen_, true))
      now = text(plain);
    else
      now = kPathGone;
    return plain == word ? now : word[0] + now + word[0];
  }

 private:
  std::string text(std::string word) {
    cleaner_.clean(word);
    return word;
  }

  std::string option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = text(word.substr(0, equals));
    option_ = is_one_of(kFlags, word) || equals != std::string::npos ? "" : word;
    if (equals == std::string::npos) return name;
    const std::string value = word.substr(equals + 1);
    if (name == "--set") return name + "=" + change(value);
    if (name == "--only") return name + "=" + pattern(value);
    const bool harmless = is_one_of(kHarmless, name) || is_number_like(value);
    return name + "=" + (harmless ? text(value) : std::string(kPathGone));
  }

  /// "/json/pointer=VALUE": the pointer is no path, its value may be one.
  std::string change(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || !is_place(word.substr(0, equals))) return text(word);
    std::string value = word.substr(equals + 1);
    const bool path = value.find_first_of("/\\") != std::string::npos || is_file_name(value);
    return word.substr(0, equals + 1) + (path ? std::string(kPathGone) : text(std::move(value)));
  }

  /// In a run config, whatever keys it has below: its place in the line says that it is no path.
  bool is_place(const std::string& pointer) const {
    const auto is_key = [](char c) { return is_word_char(c) || c == '_' || c == '/'; };
    return std::ranges::all_of(pointer, is_key) &&
           cleaner_.is_pointer(pointer.substr(0, pointer.find('/', 1)));
  }

  /// Of ids, which hold what axes hold. Its signs would make words of it that no result knows.
  std::string pattern(const std::string& word) {
    std::string plain;
    for (const char c : word)
      if (std::string_view("\\^$").find(c) == std::string_view::npos) plain += c;
    std::string now = plain;
    cleaner_.clean_id(now);
    return now == plain ? word : now;
  }

  TextCleaner& cleaner_;
  std::string option_;  // whose value is awaited
  std::size_t count_ = 0;
  bool subcommand_seen_ = false;
};

}  // namespace

std::vector<std::string> clean_command(TextCleaner& cleaner, std::vector<std::string> words) {
  Words of(cleaner);
  for (std::string& word : words) word = of.next(word);
  return words;
}

std::string clean_command_line(TextCleaner& cleaner, const std::string& line) {
  std::vector<std::string> words(1);
  char quote = 0;
  for (const char c : line) {
    if (quote == 0 && c == ' ') {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    words.back() += c;
  }
  std::string out;
  for (const std::string& word : clean_command(cleaner, std::move(words)))
    out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace assay
