// SPDX-License-Identifier: Apache-2.0
#include "reports/setting_columns.h"

#include <algorithm>

namespace assay {

SettingColumns::SettingColumns(std::span<const Json> settings, std::span<const std::string_view> taken) {
  for (const Json& one : settings)
    for (const auto& [name, value] : one.items())
      if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  for (const std::string& name : names_)
    titles_.push_back(std::ranges::find(taken, name) == taken.end() ? name : "load." + name);
}

std::vector<std::string> SettingColumns::titles() const {
  return titles_;
}

std::vector<std::string> SettingColumns::cells(const Json& settings) const {
  std::vector<std::string> cells;
  for (const std::string& name : names_) {
    const auto found = settings.find(name);
    cells.push_back(found == settings.end() ? ""
                    : found->is_string()    ? found->get<std::string>()
                                            : found->dump());
  }
  return cells;
}

}  // namespace assay
