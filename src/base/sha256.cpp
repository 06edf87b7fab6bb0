// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <sys/types.h>  // sha2.h wants it

#include <array>
#include <cstdint>

#include <sha2.h>

namespace assay {

std::string sha256_hex(std::string_view bytes) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> digits{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), digits.data());
  return digits.data();
}

}  // namespace assay
