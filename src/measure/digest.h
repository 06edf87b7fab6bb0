// SPDX-License-Identifier: Apache-2.0
// A few numbers that stand for a plan's outputs, so that two devices' results can be compared without keeping
// the outputs: of each, mean, root mean square, largest magnitude, and the elements at places drawn from the
// seed.
#pragma once

#include <string>
#include <vector>

#include "measure/session.h"

namespace assay {

struct Digest {
  static constexpr int kElements = 8;  // of each output
  std::vector<double> values;
  std::string problem;  // the first output that holds something else than finite numbers, or ""
};

/// After a pass from reset().
Digest digest_outputs(Session& session);

}  // namespace assay
