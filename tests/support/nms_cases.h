// SPDX-License-Identifier: Apache-2.0
// Every suppression kernel of a backend on boxes by hand: what torchvision.ops.batched_nms keeps
// (tests/peers/make_nms_golden.py).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/json_file.h"
#include "device/device.h"
#include "kernels/nms/nms.h"
#include "plan/kernel.h"
#include "support/source_dir.h"

namespace assay {

struct Suppressed {
  std::int32_t count;
  std::vector<float> boxes, scores;
  std::vector<std::int32_t> classes;
};

/// One image; `rows` are x1, y1, x2, y2, score, class.
inline Suppressed suppress_with(const KernelEntry& entry, Lane& lane, const Nms& op,
                                const std::vector<std::vector<float>>& rows) {
  std::vector<float> boxes, scores;
  std::vector<std::int32_t> classes;
  for (const std::vector<float>& row : rows) {
    boxes.insert(boxes.end(), row.begin(), row.begin() + 4);
    scores.push_back(row[4]);
    classes.push_back(static_cast<std::int32_t>(row[5]));
  }
  std::vector<std::unique_ptr<Memory>> memory;
  const auto buffers_of = [&](const std::vector<TensorSpec>& specs) {
    std::vector<Buffer> buffers;
    for (const TensorSpec& spec : specs) {
      memory.push_back(lane.device().allocate(spec.bytes()));
      buffers.push_back(memory.back()->buffer());
      lane.poison(buffers.back());
    }
    return buffers;
  };
  const std::vector<Buffer> in = buffers_of(op.inputs()), out = buffers_of(op.outputs());
  lane.write(in[0], boxes.data(), in[0].bytes);
  lane.write(in[1], scores.data(), in[1].bytes);
  lane.write(in[2], classes.data(), in[2].bytes);
  entry.make(op, lane)->launch(lane.stream(), in, out);
  lane.synchronize();

  const auto most = static_cast<std::size_t>(op.p.most);
  Suppressed y{0, std::vector<float>(4 * most), std::vector<float>(most), std::vector<std::int32_t>(most)};
  lane.read(&y.count, out[0], out[0].bytes);
  lane.read(y.boxes.data(), out[1], out[1].bytes);
  lane.read(y.scores.data(), out[2], out[2].bytes);
  lane.read(y.classes.data(), out[3], out[3].bytes);
  return y;
}

/// All that is kept, and again where only half of it may be.
inline void expect_what_torchvision_keeps(Lane& lane, KernelTable kernels) {
  int checked = 0;
  for (const Json& one : load_json(test::test_source_dir() / "tests/golden/nms.json"))
    for (const KernelEntry& entry : kernels) {
      if (entry.op != "nms") continue;
      const auto rows = one["boxes"].get<std::vector<std::vector<float>>>();
      const auto kept = one["kept"].get<std::vector<std::size_t>>();
      for (const std::size_t most : {rows.size(), std::max<std::size_t>(1, kept.size() / 2)}) {
        SCOPED_TRACE(std::string(entry.name) + ": " + one["name"].get<std::string>() + ", at most " +
                     std::to_string(most));
        const Nms op({.images = 1,
                      .boxes = static_cast<std::int64_t>(rows.size()),
                      .most = static_cast<std::int64_t>(most),
                      .score_threshold = one["score_threshold"].get<float>(),
                      .iou_threshold = one["iou_threshold"].get<float>()});
        const Suppressed y = suppress_with(entry, lane, op, rows);
        ASSERT_EQ(static_cast<std::size_t>(y.count), std::min(most, kept.size()));
        for (std::size_t i = 0; i < static_cast<std::size_t>(y.count); ++i) {
          const std::vector<float>& right = rows[kept[i]];
          std::vector<float> row(y.boxes.begin() + static_cast<std::ptrdiff_t>(4 * i),
                                 y.boxes.begin() + static_cast<std::ptrdiff_t>(4 * i + 4));
          row.insert(row.end(), {y.scores[i], static_cast<float>(y.classes[i])});
          EXPECT_EQ(row, right) << "row " << i;
        }
        ++checked;
      }
    }
  EXPECT_GE(checked, 26);  // 13 cases
}

}  // namespace assay
