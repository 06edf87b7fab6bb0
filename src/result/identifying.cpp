// SPDX-License-Identifier: Apache-2.0
#include "result/identifying.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "result/addresses.h"
#include "result/word_tests.h"

namespace assay {
namespace {

std::string lowered(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](unsigned char c) { return std::tolower(c); });
  return low;
}

}  // namespace

bool identifies(std::string_view key) {
  static constexpr std::array<std::string_view, 14> kWords = {
      "hostname", "nodename", "username", "login", "email", "uuid",   "guid",
      "serial",   "mac",      "address",  "ip",    "fqdn",  "tenant", "organisation"};
  // The last word, or before "name" and "id": "host_link" is what any machine has.
  static constexpr std::array<std::string_view, 7> kLast = {"host",     "user",    "owner",  "domain",
                                                            "customer", "account", "company"};
  static constexpr std::array<std::string_view, 8> kBeforeId = {"bus",   "board",    "machine", "instance",
                                                                "asset", "hardware", "boot",    "system"};
  std::string before, word;
  bool found = false;
  const auto next = [&] {
    if (word.empty()) return;
    const std::string low = lowered(word);
    const bool id = low == "id" || low == "tag" || low == "name";
    found = found || is_one_of(kWords, low) || (id && is_one_of(kLast, before)) ||
            (id && low != "name" && is_one_of(kBeforeId, before));
    before = low;
    word.clear();
  };
  for (std::size_t i = 0; i < key.size(); ++i) {
    const bool hump = i > 0 && key[i] >= 'A' && key[i] <= 'Z' && key[i - 1] >= 'a' && key[i - 1] <= 'z';
    if (!is_word_char(key[i]) || hump) next();
    if (is_word_char(key[i])) word += key[i];
  }
  next();
  return found || is_one_of(kLast, before);
}

bool is_file_name(std::string_view word) {
  // Anywhere behind the first dot: "x.json.bak", "x.tar.gz.2".
  static constexpr std::array<std::string_view, 63> kEndings = {
      "json", "jsonl",   "ndjson", "yaml",        "yml",  "toml", "ini",    "cfg",    "conf",
      "txt",  "log",     "md",     "rst",         "html", "htm",  "csv",    "tsv",    "xml",
      "svg",  "pdf",     "png",    "jpg",         "jpeg", "bmp",  "gif",    "tif",    "tiff",
      "webp", "ppm",     "heic",   "mp4",         "mov",  "bin",  "pt",     "pth",    "ckpt",
      "onnx", "gguf",    "ggml",   "safetensors", "npz",  "npy",  "pkl",    "h5",     "hdf5",
      "db",   "parquet", "arrow",  "tfrecord",    "tar",  "gz",   "tgz",    "zip",    "xz",
      "zst",  "bz2",     "7z",     "mustache",    "pem",  "crt",  "sqlite", "tflite", "tiktoken"};
  // At the end alone: words that fields and modules are called too.
  static constexpr std::array<std::string_view, 20> kLast = {
      "dll", "dylib", "exe", "py",  "ipynb", "sh",   "cpp",  "cc",   "cu",     "hpp",
      "bak", "tmp",   "key", "dat", "doc",   "docx", "xlsx", "pptx", "engine", "plan"};
  if (word == "llama.cpp" || word == "whisper.cpp") return false;  // programs
  std::size_t dot = word.find('.');
  if (dot == 0) dot = word.find('.', 1);  // ".json files" are of a kind; ".x.json" is one
  const bool library = word.starts_with("lib");
  for (; dot != std::string_view::npos && dot + 1 < word.size(); dot = word.find('.', dot + 1)) {
    const std::size_t end = std::min(word.find('.', dot + 1), word.size());
    std::string ending = lowered(word.substr(dot + 1, end - dot - 1));
    while (ending.ends_with('~')) ending.pop_back();
    if (is_one_of(kEndings, ending)) return true;
    if (end == word.size() && is_one_of(kLast, ending)) return true;
    if (ending == "so" && !library) return true;
  }
  return false;
}

bool is_host_name(std::string_view word) {
  static constexpr std::array<std::string_view, 17> kTop = {
      "com",  "net",      "org",  "edu",         "gov",   "mil", "io",   "ai",      "cloud",
      "corp", "internal", "home", "localdomain", "local", "lan", "test", "intranet"};
  const std::size_t dot = word.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || !is_word_char(word[0])) return false;
  if (!is_one_of(kTop, lowered(word.substr(dot + 1)))) return false;
  return std::ranges::all_of(word,
                             [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '.'; });
}

bool begins_like_path(std::string_view text) {
  if (text.size() < 3) return false;  // "/s" is a unit, and names nobody
  if (text[0] == '/') return text[1] != ' ' && !is_number_like(text.substr(1));
  if (text[0] == '~')
    return (text[1] == '/' || is_letter(text[1])) && text.find('/') < text.find_first_of(" \t\n");
  for (const std::string_view start : {"./", "../", ".../", "\\\\", ".\\", "..\\"})
    if (text.starts_with(start)) return text.size() > start.size();
  return text.size() > 2 && is_letter(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
}

bool is_number_like(std::string_view word) {
  static constexpr std::string_view kMay = "0123456789.,+-%*#xXeEkKmMgGbBzZ";
  return !word.empty() && is_digit(word[0]) && word.find_first_not_of(kMay) == std::string_view::npos &&
         !is_file_name(word);
}

bool is_mail_or_login(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && is_word_char(text[at - 1]) &&
         is_word_char(text[at + 1]) && !is_digit(text[at + 1]);
}

bool is_windows_path(std::string_view text) {
  if (begins_like_path(text) && (text[0] == '\\' || text[1] == ':' || text.find('\\') < text.find('/')))
    return true;
  for (std::size_t i = 1; i + 1 < text.size(); ++i)
    if (text[i] == '\\' && is_word_char(text[i + 1]) && (is_word_char(text[i - 1]) || text[i - 1] == ':'))
      return true;
  return false;
}

}  // namespace assay
