// SPDX-License-Identifier: Apache-2.0
// What is measured and said of a vision plan. docs/vision.md defines every figure.
#pragma once

#include "workloads/network_emitter.h"
#include "workloads/vision.h"

namespace assay {

void add_vision_metrics(Plan& plan, const VisionCase& one);
void add_vision_facts(Plan& plan, const VisionCase& one, const NetworkEmitter& network);

}  // namespace assay
