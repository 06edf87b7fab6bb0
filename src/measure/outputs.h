// SPDX-License-Identifier: Apache-2.0
// What a plan as a whole gives: its outputs, read in a pass of their own that is also the first warm-up. Of
// each, moments and the elements at places drawn from the seed are kept, so that results can be compared
// without the outputs themselves.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "measure/pass.h"
#include "result/result.h"

namespace assay {

struct OutputPass {
  static constexpr std::size_t kElements = 256;  // of each output
  static constexpr std::size_t kShown = 12;      // of what is found in a picture
  PassTimes times;
  std::map<std::string, OutputResult> outputs;
  std::optional<PictureResult> picture;
  std::string problem;  // the first output that holds something else than finite numbers, or ""
};

OutputPass run_output_pass(Session& session, const Watch& watch);

}  // namespace assay
