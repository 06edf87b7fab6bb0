// SPDX-License-Identifier: Apache-2.0
// Ids of cases as people want to read them: without what they all share.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace assay {

/// What all ids share up to a slash, without it: "llm/qwen2.5-0.5b". At least their last parts are left out
/// of it; empty where they share nothing.
std::string common_start(std::span<const std::string_view> ids);

/// `id` without `start` and the slash behind it.
std::string shortened_id(std::string_view id, std::string_view start);

}  // namespace assay
