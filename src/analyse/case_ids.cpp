// SPDX-License-Identifier: Apache-2.0
#include "analyse/case_ids.h"

#include <algorithm>

namespace assay {

std::string common_start(std::span<const std::string_view> ids) {
  if (ids.empty()) return {};
  std::string_view shared = ids.front();
  const auto cut = [&](std::size_t at) {  // to the last slash before `at`
    const std::size_t slash = at == 0 ? std::string_view::npos : shared.rfind('/', at - 1);
    shared = shared.substr(0, slash == std::string_view::npos ? 0 : slash);
  };
  cut(shared.size());
  for (const std::string_view id : ids)
    while (!shared.empty() &&
           !(id.starts_with(shared) && id.size() > shared.size() && id[shared.size()] == '/'))
      cut(shared.size());
  return std::string(shared);
}

std::string shortened_id(std::string_view id, std::string_view start) {
  return std::string(id.substr(start.empty() ? 0 : start.size() + 1));
}

}  // namespace assay
