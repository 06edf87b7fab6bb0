// SPDX-License-Identifier: Apache-2.0
#include "result/text_cleaner.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/path.h"
#include "base/roofline.h"
#include "result/addresses.h"
#include "result/identifying.h"

namespace assay {
namespace {

constexpr std::string_view kSeparators = " \t\r\n\"'`()[]{}<>,;=|";
/// Without any of these a text holds no path, file or address.
constexpr std::string_view kSuspicious = "/\\.:@-";

/// Names shorter than this would eat units and parts of other words.
constexpr std::size_t kShortestName = 3;

std::string lowered(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](unsigned char c) { return std::tolower(c); });
  return low;
}

bool word_at(std::string_view text, std::size_t at, std::size_t length) {
  return (at == 0 || !is_word_char(text[at - 1])) &&
         (at + length >= text.size() || !is_word_char(text[at + length]));
}

/// What any machine's host or account may be called; removing it would make prose unreadable.
bool is_ordinary(std::string_view low) {
  static const std::set<std::string_view> kOrdinary = {
      "root",      "user",        "users", "admin",   "administrator", "ubuntu", "debian",  "fedora",
      "centos",    "test",        "guest", "nobody",  "runner",        "docker", "podman",  "local",
      "localhost", "localdomain", "home",  "default", "none",          "null",   "unknown", "true",
      "false",     "yes",         "off",   "assay",   "cpu",           "gpu",    "cuda",    "nvidia",
      "amd",       "intel",       "host",  "device",  "model",         "models", "data",    "memory",
      "machine",   "server",      "node",  "the",     "and",           "images", "weights", "seed",
      "run",       "runs",        "out",   "build",   "configs"};
  return kOrdinary.contains(low);
}

/// What the kernel calls its own files, which remedies name.
bool is_of_the_system(std::string_view path) {
  static constexpr std::array<std::string_view, 6> kStarts = {"/proc/stat",           "/proc/self/",
                                                              "/sys/devices/system/", "/sys/kernel/mm/",
                                                              "/sys/module/",         ".../intel_pstate/"};
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return path.starts_with(start); });
}

bool is_published(std::string_view url) {
  static constexpr std::array<std::string_view, 8> kVendors = {
      "nvidia.com", "amd.com",   "intel.com",  "arm.com",
      "pcisig.com", "jedec.org", "micron.com", "amperecomputing.com"};
  if (!url.starts_with("https://")) return false;
  const std::string_view host = url.substr(8, url.find_first_of("/:?#@", 8) - 8);
  return std::ranges::any_of(kVendors, [&](std::string_view vendor) {
    return host == vendor || (host.ends_with(vendor) && host[host.size() - vendor.size() - 1] == '.');
  });
}

std::string_view first_of(std::string_view text, std::string_view any) {
  return text.substr(0, std::min(text.find_first_of(any), text.size()));
}

}  // namespace

TextCleaner::TextCleaner() {
  // Of series and schemas, of published models that have a slash in their name, of everyday pairs.
  for (const std::string_view word :
       {"assay.result", "stage", "op",    "peak",  "pass", "window", "machine", "others",
        "ViT-B",        "ViT-S", "ViT-L", "ViT-H", "GNU",  "Linux",  "and",     "or",
        "TCP",          "IP",    "CPU",   "GPU",   "read", "write",  "compute"})
    words_.insert(std::string(word));
  for (const auto names : {enum_names(DType{}), enum_names(Path{}), enum_names(Bound{})})
    for (const std::string_view name : names) words_.insert(std::string(name));
  for (const std::string_view key : {"measure", "sessions", "min_seconds", "max_seconds", "give_up_seconds",
                                     "max_samples", "load", "dtype", "model"})
    keys_.insert(std::string(key));
}

void TextCleaner::know(std::string_view name) {
  static constexpr std::string_view kMay =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.";
  for (std::size_t at = 0; at < name.size();) {
    const std::string_view word = first_of(name.substr(at), " ,");
    at += word.size() + 1;
    if (word.empty() || word.find_first_not_of(kMay) != std::string_view::npos) continue;
    if (is_file_name(word) || is_host_name(word) || word[0] == '.') continue;
    words_.insert(std::string(word));
  }
}

void TextCleaner::know_keys(const Json& config) {
  if (!config.is_structured()) return;
  for (const auto& [key, element] : config.items()) {
    if (config.is_object() &&
        key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos)
      keys_.insert(key);
    know_keys(element);
  }
}

void TextCleaner::forget(std::string_view name) {
  if (name.size() < kShortestName || name.find_first_of("[\n") != std::string_view::npos)
    return;  // gone already
  const std::string low = lowered(name);
  const bool number = low.find_first_not_of("0123456789.") == std::string::npos;
  if (is_ordinary(low) || (number && low.size() < 6)) return;  // as a figure elsewhere
  names_.insert(low);
  if (is_host_name(low)) forget(first_of(low, "."));
}

void TextCleaner::forget_users(std::string_view text) {
  for (const std::string_view homes : {"/home/", "/Users/", "\\Users\\"})
    for (std::size_t at = text.find(homes); at != std::string_view::npos; at = text.find(homes, at + 1))
      forget(first_of(text.substr(at + homes.size()), "/\\:\"'`()[]{}<>,;=| \t\n"));
}

void TextCleaner::forget_named(const Json& value) {
  if (!value.is_structured()) return;
  for (const auto& [key, element] : value.items()) {
    if (value.is_object() && element.is_string() && identifies(key))
      forget(element.get_ref<const std::string&>());
    else
      forget_named(element);
  }
}

bool TextCleaner::is_whole_path(const std::string& value) const {
  if (begins_like_path(value)) return true;
  return value.find_first_of(" \t\n") == std::string::npos && !value.empty() &&
         without_paths(value, false) == kPathGone;
}

void TextCleaner::label(const std::string& path, std::string_view key) {
  const std::string number = labels_.empty() ? "" : " " + std::to_string(labels_.size() + 1);
  labels_.emplace(path, "[path" + number + "]");
  // Messages call a folder by its last part, which has no form. A model's is what ids call the model.
  if (key == "model" || key == "_name_or_path") return;
  const std::size_t slash = path.find_last_not_of("/\\");
  const std::string whole = path.substr(0, slash + 1);
  const std::string last = whole.substr(whole.find_last_of("/\\") + 1);
  if (!words_.contains(last) && !words_.contains(lowered(last))) forget(last);
}

void TextCleaner::label_paths(const Json& config) {
  label_paths(config, "");
}

void TextCleaner::label_paths(const Json& value, std::string_view key) {
  if (value.is_string()) {
    if (const auto& text = value.get_ref<const std::string&>(); is_whole_path(text)) label(text, key);
  } else if (value.is_structured()) {
    for (const auto& [name, element] : value.items()) label_paths(element, value.is_object() ? name : key);
  }
}

bool TextCleaner::is_pointer(std::string_view text) const {
  if (text.size() < 2 || text[0] != '/') return false;
  for (std::size_t at = 1; at <= text.size();) {
    const std::string_view key = first_of(text.substr(at), "/");
    const bool index =
        !key.empty() && key.find_first_not_of("0123456789") == std::string_view::npos && at > 1;
    if (!index && !keys_.contains(key)) return false;
    at += key.size() + 1;
  }
  return true;
}

/// Of "a/b/c": nothing in it but numbers, known words and a unit.
bool TextCleaner::is_harmless(std::string_view relative) const {
  static constexpr std::array<std::string_view, 14> kUnits = {
      "s", "h", "byte", "B", "W", "J", "FLOP", "step", "pass", "token", "row", "image", "pair", "sample"};
  std::size_t parts = 0, known = 0;
  bool short_ones = true;
  std::string_view last, first;
  for (std::size_t at = 0; at <= relative.size();) {
    last = first_of(relative.substr(at), "/");
    if (parts == 0) first = last;
    at += last.size() + 1;
    ++parts;
    const bool no_word = std::ranges::none_of(last, is_word_char);
    if (no_word || is_number_like(last.substr(last.starts_with('~') ? 1 : 0)) || words_.contains(last) ||
        last == kNameGone)
      ++known;
    short_ones = short_ones && last.size() <= 1;
  }
  if (known == parts || short_ones) return true;
  return parts == 2 && std::ranges::find(kUnits, last) != kUnits.end() &&
         std::ranges::all_of(first, is_word_char);
}

/// Without spaces, quotes, "=" and ":".
std::string TextCleaner::part(std::string_view text) const {
  if (text.find('/') != std::string_view::npos) {
    if (is_pointer(text) || is_of_the_system(text)) return std::string(text);
    if (text[0] == '/' ? !begins_like_path(text) : !begins_like_path(text) && is_harmless(text))
      return std::string(text);
    return std::string(kPathGone);
  }
  if (is_file_name(text)) return std::string(kPathGone);
  return std::string(is_host_name(text) ? kNameGone : text);
}

/// Without spaces, quotes and "=".
std::string TextCleaner::chunk(std::string_view text, bool source) const {
  std::size_t end = text.find_last_not_of(".,:!?");  // of a sentence
  if (end == std::string_view::npos) return std::string(text);
  if (text.substr(0, end + 1) == "/" || text.substr(0, end + 1) == "~") return std::string(text);
  const std::string tail(text.substr(end + 1));
  text = text.substr(0, end + 1);
  if (text.find("://") != std::string_view::npos)
    return (source && is_published(text) ? std::string(text) : std::string(kAddressGone)) + tail;
  if (is_mail_or_login(text)) return std::string(kNameGone) + tail;
  if (is_windows_path(text)) return std::string(kPathGone) + tail;
  std::string out;
  const std::string left = without_addresses(text, kNameGone);
  bool in_path =
      false;  // "/dev/disk/by-id/x:y": a path goes on behind a colon, unless a line's number follows
  for (std::size_t at = 0; at <= left.size();) {
    const std::string_view piece = first_of(std::string_view(left).substr(at), ":");
    const bool number = piece.find_first_not_of("0123456789") == std::string_view::npos;
    if (!in_path || number || piece.starts_with('/')) {
      if (at > 0) out += ':';
      const std::string now = part(piece);
      out += now;
      in_path = now == kPathGone && piece.find('/') != std::string_view::npos;
    }
    at += piece.size() + 1;
  }
  return out + tail;
}

std::string TextCleaner::without_paths(std::string_view text, bool source) const {
  static constexpr std::string_view kQuotes = "\"'`";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (kQuotes.find(c) != std::string_view::npos && (at == 0 || !is_word_char(text[at - 1]))) {
      // Between quotes a path may hold spaces.
      const std::string_view inside = first_of(text.substr(at + 1), std::string(1, c) + "\n");
      const bool closed = at + 1 + inside.size() < text.size() && text[at + 1 + inside.size()] == c;
      const bool spaces = inside.find(' ') != std::string_view::npos;
      if (closed && spaces && (begins_like_path(inside) || is_file_name(inside))) {
        out.append(1, c).append(kPathGone).append(1, c);
        at += inside.size() + 2;
        continue;
      }
    }
    if (kSeparators.find(c) != std::string_view::npos) {
      out += c;
      ++at;
      continue;
    }
    const std::string_view word = first_of(text.substr(at), kSeparators);
    out +=
        word.find_first_of(kSuspicious) == std::string_view::npos ? std::string(word) : chunk(word, source);
    at += word.size();
  }
  return out;
}

/// Of one that begins another the longer one; where a longer path begins with it, that one is left whole.
void TextCleaner::replace_labelled(std::string& text, std::string_view may_follow) const {
  for (auto it = labels_.rbegin(); it != labels_.rend(); ++it) {
    const auto& [path, label] = *it;
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + label.size())) {
      const std::size_t end = at + path.size();
      const bool begins = at == 0 || !is_word_char(text[at - 1]);
      if (begins && (end == text.size() || may_follow.find(text[end]) != std::string_view::npos))
        text.replace(at, path.size(), label);
    }
  }
}

void TextCleaner::remove_names(std::string& text) const {
  if (names_.empty()) return;
  std::string low = lowered(text);
  for (auto it = names_.rbegin(); it != names_.rend(); ++it) {
    const std::string& name = *it;
    for (std::size_t at = low.find(name); at != std::string::npos; at = low.find(name, at + 1))
      if (word_at(low, at, name.size())) {
        text.replace(at, name.size(), kNameGone);
        low.replace(at, name.size(), kNameGone);
        at += kNameGone.size() - 1;
      }
  }
}

std::string TextCleaner::cleaned(const std::string& text, bool source) const {
  std::string now = text;
  if (const auto label = labels_.find(text); label != labels_.end()) return label->second;
  replace_labelled(now, " \t\n\"'`)]>},;:=|");
  now = without_paths(now, source);
  remove_names(now);
  return now;
}

void TextCleaner::clean(std::string& text) {
  if (names_.empty() && text.find_first_of(kSuspicious) == std::string::npos) return;
  const auto [found, is_new] = seen_.try_emplace(text);
  if (is_new) found->second = cleaned(text, false);
  if (found->second != text) text = found->second;
}

void TextCleaner::clean_id(std::string& id) {
  replace_labelled(id, ",/");
  clean(id);
}

void TextCleaner::clean_source(std::string& text) {
  text = cleaned(text, true);
}

}  // namespace assay
