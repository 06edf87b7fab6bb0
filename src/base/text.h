// SPDX-License-Identifier: Apache-2.0
// Small text helpers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

std::string join(std::span<const std::string> parts, std::string_view separator);

/// The candidate closest to `word` by edit distance, or "" where none is near enough to be a likely typo.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace assay
