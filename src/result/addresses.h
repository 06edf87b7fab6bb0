// SPDX-License-Identifier: Apache-2.0
// Addresses of machines, networks and devices, by their form alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

/// Letters, digits, and any part of a character that is not ASCII: what may continue a word.
bool is_word_char(char c);

/// Characters of the address at the start of `text`, 0 where none is: IPv4 and IPv6, MAC, PCI, UUID, and the
/// short forms "GPU-8f2a1b" that the CUDA driver takes. Four numbers with dots are taken for an address,
/// which a version of four parts is not: no library that results name has one.
std::size_t address_length(std::string_view text);

/// The text with `instead` for each address that begins a word in it.
std::string without_addresses(std::string_view text, std::string_view instead);

}  // namespace assay
