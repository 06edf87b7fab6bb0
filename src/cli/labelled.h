// SPDX-License-Identifier: Apache-2.0
// Results as a command line names them: PATH, or LABEL=PATH where reports are to call one by a name of the
// user's own.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace assay {

struct Labelled {
  std::string label;  // empty: none was given
  std::filesystem::path path;
};

/// A file whose own name has a '=' is that file, where it is there. Error(bad_input) where two have one
/// label.
std::vector<Labelled> labelled(std::span<const std::string> arguments);

}  // namespace assay
