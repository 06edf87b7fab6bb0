// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <sys/types.h>  // sha2.h wants it

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include <sha2.h>

namespace assay {

std::string sha256_hex(std::string_view bytes) {
  SHA2_CTX state;
  SHA256Init(&state);
  SHA256Update(&state, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256Final(digest.data(), &state);
  std::string digits;
  for (const std::uint8_t byte : digest) digits += fmt::format("{:02x}", byte);
  return digits;
}

}  // namespace assay
