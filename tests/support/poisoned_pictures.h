// SPDX-License-Identifier: Apache-2.0
// Sizes that no picture has: a kernel takes them for none. Where AddressSanitizer watches the device's memory
// it shows what is read besides.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "device/device.h"
#include "kernels/resize_normalise/resize_normalise.h"
#include "plan/kernel.h"

namespace assay {

inline void expect_poisoned_pictures_are_padding(Lane& lane, KernelTable kernels) {
  const std::vector<std::int32_t> sizes = {-4, -4, 0, 0x7fffffff, 0x7fffffff, 0, 5, 4, 0,
                                           4,  0,  0, 65501,      1,          0, 4, 4, 0};
  for (const KernelEntry& entry : kernels) {
    if (entry.op != "resize_normalise") continue;
    for (const Fit fit : {Fit::crop, Fit::stretch, Fit::letterbox}) {
      const ResizeNormalise op({.sizes = std::vector<PictureSize>(6, {4, 4}),
                                .capacity = 48,
                                .fit = fit,
                                .resize = 7,
                                .out_h = 6,
                                .out_w = 6,
                                .scale = 1,
                                .padding = 300});
      const std::vector<TensorSpec> specs = op.inputs();
      const auto pixels = lane.device().allocate(specs[0].bytes()),
                 numbers = lane.device().allocate(specs[1].bytes()),
                 y = lane.device().allocate(op.outputs()[0].bytes());
      lane.fill(pixels->buffer(), specs[0], 1);
      lane.write(numbers->buffer(), sizes.data(), specs[1].bytes());
      lane.poison(y->buffer());
      const std::vector<Buffer> in = {pixels->buffer(), numbers->buffer()}, out = {y->buffer()};
      entry.make(op, lane)->launch(lane.stream(), in, out);
      lane.synchronize();
      std::vector<float> values(6 * 6 * 6 * 3);
      lane.read(values.data(), y->buffer(), y->buffer().bytes);
      for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(values[i] == 300, i < values.size() * 5 / 6)
            << entry.name << " value " << i << ": " << values[i];
    }
  }
}

}  // namespace assay
