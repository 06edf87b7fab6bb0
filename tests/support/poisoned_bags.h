// SPDX-License-Identifier: Apache-2.0
// Ids that no table has and offsets that lie outside ids or fall: a kernel leaves them out. Where
// AddressSanitizer watches the device's memory it shows what is read besides.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "device/device.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "plan/kernel.h"

namespace assay {

inline void expect_poisoned_bags_are_zero(Lane& lane, KernelTable kernels) {
  // Two tables of 3 and 2 rows, two samples; the 1 among the offsets: a bag that ends before it begins.
  const std::vector<std::int32_t> ids = {-1, 3, 2, 0x7fffffff, -5, 2}, offsets = {-7, 2, 1, 3, 0x7fffffff};
  for (const KernelEntry& entry : kernels)
    for (const DType type : {DType::f32, DType::u8})
      for (const bool one_hot : {false, true}) {
        if (entry.op != "embedding_bag") continue;
        const EmbeddingBag op({.table_rows = {3, 2},
                               .dim = 16,
                               .batch = 2,
                               .lookups = one_hot ? 4 : 6,
                               .row_type = type,
                               .one_hot = one_hot});
        const std::vector<TensorSpec> specs = op.inputs();
        std::vector<std::unique_ptr<Memory>> memory;
        std::vector<Buffer> in;
        for (const TensorSpec& spec : specs) {
          memory.push_back(lane.device().allocate(spec.bytes()));
          in.push_back(memory.back()->buffer());
          lane.fill(in.back(), spec, 1);
        }
        lane.write(in[EmbeddingBag::kIds], ids.data(), specs[EmbeddingBag::kIds].bytes());
        if (!one_hot)
          lane.write(in[EmbeddingBag::kOffsets], offsets.data(), specs[EmbeddingBag::kOffsets].bytes());
        const std::int64_t bytes = op.outputs()[0].bytes();
        memory.push_back(lane.device().allocate(bytes));
        const Buffer out = memory.back()->buffer();
        lane.poison(out);
        entry.make(op, lane)->launch(lane.stream(), in, std::span(&out, 1));
        lane.synchronize();
        std::vector<float> y(static_cast<std::size_t>(bytes) / sizeof(float));
        lane.read(y.data(), out, bytes);
        EXPECT_EQ(y, std::vector<float>(y.size(), 0))
            << entry.name << " " << name(type) << (one_hot ? " one-hot" : "");
      }
}

}  // namespace assay
