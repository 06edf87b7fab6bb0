// SPDX-License-Identifier: Apache-2.0
// Columns of a spreadsheet for what cases were asked to do: number format and load, a column a field.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json_fields.h"

namespace assay {

class SettingColumns {
 public:
  /// `settings` of all cases; a field that has the name of a column in `taken` is called "load.<name>".
  SettingColumns(std::span<const Json> settings, std::span<const std::string_view> taken);
  std::vector<std::string> titles() const;
  /// Of one case, one for each title; empty where it has no such field.
  std::vector<std::string> cells(const Json& settings) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::string> titles_;
};

}  // namespace assay
