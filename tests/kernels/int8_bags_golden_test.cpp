// SPDX-License-Identifier: Apache-2.0
// Rows of 8 bits as FBGEMM packs them, and the sums that torch's kernel for such rows makes of them
// (tests/peers/make_recommender_golden.py): ragged and empty bags, weighted ones, bags of one row.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/json_file.h"
#include "device/backend.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "support/source_dir.h"

namespace assay::int8_bags_golden_tests {
namespace {

EmbeddingBag op_of(const Json& bags) {
  return EmbeddingBag({.table_rows = bags["table_rows"],
                       .dim = bags["dim"],
                       .batch = bags["batch"],
                       .lookups = static_cast<std::int64_t>(bags["ids"].size()),
                       .row_type = DType::u8,
                       .weighted = bags["weighted"],
                       .one_hot = bags["one_hot"]});
}

class GoldenBytes : public ::testing::TestWithParam<std::string> {
 protected:
  template <typename T>
  void add(const Json& values) {
    const auto data = values.get<std::vector<T>>();
    const auto bytes = static_cast<std::int64_t>(data.size() * sizeof(T));
    memory.push_back(device->allocate(bytes));
    in.push_back(memory.back()->buffer());
    lane->write(in.back(), data.data(), bytes);
  }

  std::unique_ptr<Device> device = cpu_backend().open(0);
  std::unique_ptr<Lane> lane = device->lane({});
  std::vector<std::unique_ptr<Memory>> memory;
  std::vector<Buffer> in;
};

TEST_P(GoldenBytes, AreSummedAsByTorch) {
  const Json bags =
      load_json(test::test_source_dir() / "tests/golden/recommender/int8-bags.json").at(GetParam());
  const EmbeddingBag op = op_of(bags);
  add<std::uint8_t>(bags["rows"]);
  add<std::int32_t>(bags["ids"]);
  if (!op.p.one_hot) add<std::int32_t>(bags["offsets"]);
  if (op.p.weighted) add<float>(bags["weights"]);
  ASSERT_EQ(in.size(), op.inputs().size());
  const auto right = bags["y"].get<std::vector<float>>();
  ASSERT_EQ(static_cast<std::int64_t>(right.size()), op.outputs()[0].elements());
  double squares = 0;
  for (const float value : right) squares += static_cast<double>(value) * static_cast<double>(value);
  const double rms = std::sqrt(squares / static_cast<double>(right.size()));
  ASSERT_GT(rms, 0.1);

  memory.push_back(device->allocate(op.outputs()[0].bytes()));
  const Buffer out = memory.back()->buffer();
  for (const KernelEntry& entry : cpu_backend().kernels) {
    if (entry.op != "embedding_bag") continue;
    lane->poison(out);
    entry.make(op, *lane)->launch(lane->stream(), in, std::span(&out, 1));
    std::vector<float> y(right.size());
    lane->read(y.data(), out, op.outputs()[0].bytes());
    for (std::size_t i = 0; i < y.size(); ++i)
      EXPECT_NEAR(y[i], right[i], 1e-5 * std::max<double>(rms, std::fabs(right[i])))
          << entry.name << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCase, GoldenBytes, ::testing::Values("ragged", "weighted", "one-hot"),
                         [](const auto& info) {
                           return info.param == "one-hot" ? std::string("one_hot") : info.param;
                         });

}  // namespace
}  // namespace assay::int8_bags_golden_tests
