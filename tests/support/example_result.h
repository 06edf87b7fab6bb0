// SPDX-License-Identifier: Apache-2.0
// The result that the accepted reports are made of, with its roofline as a run leaves it.
#pragma once

#include <string>

#include "analyse/roofline.h"
#include "result/result_json.h"

namespace assay {

/// test-model: batch=1 on "Test device" (two sessions), batch=8 there (disturbed, its memory peak moved),
/// batch=1000 skipped there; batch=1 on "Test device 2" (two sessions, ten times as fast, other decode
/// logits), batch=8 there (no measurement). other-model: batch=1 on both, one session each.
inline Result example_result() {
  Result r = read_result(std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json");
  add_roofline(r);
  return r;
}

}  // namespace assay
