// SPDX-License-Identifier: Apache-2.0
#include "result/addresses.h"

#include <algorithm>

#include "result/word_tests.h"

namespace assay {
namespace {

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Reads along a text; what does not fit leaves it where it is.
class Along {
 public:
  explicit Along(std::string_view text) : text_(text) {}
  std::size_t at() const { return at_; }
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  /// How many hexadecimal digits, at most `most`.
  std::size_t hex(std::size_t most) {
    const std::size_t from = at_;
    while (at_ < text_.size() && at_ - from < most && is_hex(text_[at_])) ++at_;
    return at_ - from;
  }
  bool ends() const { return !is_word_char(next()); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::size_t uuid_length(std::string_view text) {
  Along along(text);
  bool first = true;
  for (const std::size_t digits : {8, 4, 4, 4, 12}) {
    if ((!first && !along.take('-')) || along.hex(digits) != digits) return 0;
    first = false;
  }
  return along.ends() ? along.at() : 0;
}

std::size_t device_uuid_length(std::string_view text) {
  if (!text.starts_with("GPU-") && !text.starts_with("MIG-")) return 0;
  std::size_t at = 4;
  while (at < text.size() && (is_hex(text[at]) || text[at] == '-' || text[at] == '/')) ++at;
  return at >= 8 && (at == text.size() || !is_word_char(text[at])) ? at : 0;
}

/// Six pairs or more (InfiniBand has eight and twenty) with one separator, or Cisco's three groups of four.
std::size_t mac_length(std::string_view text) {
  for (const char separator : {':', '-'}) {
    Along along(text);
    std::size_t pairs = 0, end = 0;
    while (along.hex(2) == 2) {
      ++pairs;
      end = along.at();
      if (!along.take(separator)) break;
    }
    if (pairs >= 6 && (end == text.size() || !is_word_char(text[end]))) return end;
  }
  Along along(text);
  for (int group = 0; group < 3; ++group)
    if ((group > 0 && !along.take('.')) || along.hex(4) != 4) return 0;
  const bool letters = std::ranges::any_of(text.substr(0, along.at()), is_letter);
  return along.ends() && letters ? along.at() : 0;
}

/// "0000:00:1e.0", and "00:1e.0" without the domain. A slot has five bits and a function three, which
/// "12:40.5", minutes and seconds, has not.
std::size_t pci_length(std::string_view text) {
  for (const bool domain : {true, false}) {
    Along along(text);
    if (domain && (along.hex(8) < 4 || !along.take(':'))) continue;
    if (along.hex(2) != 2 || !along.take(':')) continue;
    const char high = along.next();
    if ((high != '0' && high != '1') || along.hex(2) != 2 || !along.take('.')) continue;
    if (along.next() > '7' || along.hex(1) != 1 || !along.ends()) continue;
    return along.at();
  }
  return 0;
}

std::size_t ipv4_length(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return 0;
    const std::size_t from = at;
    int value = 0;
    while (at < text.size() && at - from < 3 && is_digit(text[at])) value = 10 * value + (text[at++] - '0');
    if (at == from || value > 255) return 0;
  }
  const bool goes_on =
      at < text.size() &&
      (is_word_char(text[at]) || (text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1])));
  return goes_on ? 0 : at;
}

/// Groups of up to four hexadecimal digits: eight, or fewer around one "::". With a zone: "fe80::1%eth0".
std::size_t ipv6_length(std::string_view text) {
  std::size_t at = 0, groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    at = 2;
  }
  for (;;) {
    std::size_t digits = 0;
    while (at + digits < text.size() && digits < 5 && is_hex(text[at + digits])) ++digits;
    if (digits > 4) return 0;
    if (digits == 0) break;
    if (const std::size_t v4 = ipv4_length(text.substr(at)); v4 > 0 && groups > 0) {
      at += v4;
      groups += 2;
      break;
    }
    at += digits;
    ++groups;
    if (text.substr(at, 2) == "::") {
      if (gap) return 0;
      gap = true;
      at += 2;
    } else if (at + 1 < text.size() && text[at] == ':' && is_hex(text[at + 1])) {
      ++at;
    } else {
      break;
    }
  }
  if (at < text.size() && text[at] == '%')
    while (++at < text.size() && is_word_char(text[at])) {
    }
  const bool ends = at >= text.size() || !is_word_char(text[at]);
  return ends && groups > 0 && (gap ? groups < 8 : groups == 8) ? at : 0;
}

}  // namespace

bool is_word_char(char c) {
  return is_digit(c) || is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t address_length(std::string_view text) {
  for (const auto length :
       {uuid_length, device_uuid_length, mac_length, pci_length, ipv4_length, ipv6_length})
    if (const std::size_t n = length(text); n > 0) return n;
  return 0;
}

std::string without_addresses(std::string_view text, std::string_view instead) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || (!is_word_char(text[at - 1]) && text[at - 1] != '.');
    const std::size_t length = begins ? address_length(text.substr(at)) : 0;
    if (length > 0)
      out += instead;
    else
      out += text[at];
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace assay
