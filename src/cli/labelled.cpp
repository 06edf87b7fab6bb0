// SPDX-License-Identifier: Apache-2.0
#include "cli/labelled.h"

#include <set>

#include "base/error.h"

namespace assay {
namespace {

Labelled labelled(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  std::error_code none;
  if (equals == 0 || equals == std::string::npos || equals + 1 == argument.size() ||
      std::filesystem::exists(argument, none))
    return {{}, argument};
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

}  // namespace

std::vector<Labelled> labelled(std::span<const std::string> arguments) {
  std::vector<Labelled> all;
  std::set<std::string> labels;
  for (const std::string& argument : arguments) {
    all.push_back(labelled(argument));
    const std::string& label = all.back().label;
    if (!label.empty() && !labels.insert(label).second)
      throw Error(ExitCode::bad_input, "two results are called \"" + label + "\"",
                  "give each a label of its own, for example before=a.json after=b.json");
  }
  return all;
}

}  // namespace assay
