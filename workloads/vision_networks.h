// SPDX-License-Identifier: Apache-2.0
// The networks of vision, a file each: from images as preprocessing leaves them to what postprocessing takes.
#pragma once

#include <vector>

#include "workloads/network_emitter.h"
#include "workloads/vision_config.h"

namespace assay {

/// Of an image [batch, side, side, 3]: logits f32 [batch, labels].
Value emit_resnet(NetworkEmitter& e, const VisionModel& model, const Feature& image);

/// Of patches [batch * patches, 3 * side * side] in the order of channel, row, column: logits f32
/// [batch, labels]. `class_rows`, i32 [batch]: where an image's first token stands, i * (patches + 1).
Value emit_vit(NetworkEmitter& e, const VisionModel& model, Value patches, Value class_rows);

/// A grid of candidates: how far box, object and classes are from what a cell stands for.
struct DetectionLevel {
  Value box, object, classes;  // [batch, cells, cells, 4], [.., 1], [.., labels]
  std::int64_t cells = 0, stride = 0;
};
/// Of a focused image [batch, side / 2, side / 2, 12]: the levels, finest first.
std::vector<DetectionLevel> emit_yolox(NetworkEmitter& e, const VisionModel& model, const Feature& image);

}  // namespace assay
