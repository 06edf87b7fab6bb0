// SPDX-License-Identifier: Apache-2.0
// Element i is the same bits on every device: the CUDA fill, the CPU's, and the definition.
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "base/checksum.h"
#include "cuda_host.h"
#include "plan/fill_function.h"
#include "support/every_fill.h"

namespace assay::fills_tests {
namespace {

constexpr std::int64_t kElements = 3001;

std::vector<std::byte> filled(Lane& lane, const TensorSpec& spec) {
  const auto memory = lane.device().allocate(spec.bytes());
  lane.poison(memory->buffer());
  lane.fill(memory->buffer(), spec, random_key(7, "w"));
  std::vector<std::byte> bytes(static_cast<std::size_t>(spec.bytes()));
  lane.read(bytes.data(), memory->buffer(), spec.bytes());
  return bytes;
}

TEST(CudaFill, MakesTheBitsOfTheCpuAndOfTheDefinitionInEveryDtype) {
  const CudaHost host;
  const auto cpu = cpu_backend().open(0);
  const std::vector<Fill> fills = every_fill(kElements);
  for (const DType dtype : all_dtypes())
    for (std::size_t f = 0; f < fills.size(); ++f) {
      const TensorSpec spec{.name = "w", .shape = {kElements}, .dtype = dtype, .fill = fills[f]};
      const FillFunction element(spec.fill, kElements, random_key(7, "w"));
      std::vector<std::byte> defined(static_cast<std::size_t>(spec.bytes()));
      for (std::int64_t i = 0; i < kElements; ++i) store_element(dtype, defined.data(), i, element(i));
      EXPECT_EQ(filled(*host.lane, spec), defined) << name(dtype) << " fill " << f;
      EXPECT_EQ(filled(*cpu->lane({}), spec), defined) << name(dtype) << " fill " << f;
    }
}

TEST(CudaChecksum, IsThatOfTheDefinition) {
  const CudaHost host;
  for (const std::int64_t bytes : {1, 7, 8, 4099, 3'000'011}) {
    const TensorSpec spec{.name = "x", .shape = {bytes}, .dtype = DType::u8, .fill = Fill::index(256)};
    const auto memory = host.open.device->allocate(bytes);
    host.lane->fill(memory->buffer(), spec, 5);
    std::vector<std::byte> copy(static_cast<std::size_t>(bytes));
    host.lane->read(copy.data(), memory->buffer(), bytes);
    EXPECT_EQ(host.lane->checksum({memory->buffer().data, bytes}), checksum(copy)) << bytes;
  }
}

TEST(CudaFill, TakesMoreElementsThanItHasThreads) {
  const CudaHost host;
  const TensorSpec spec{
      .name = "ids", .shape = {(1 << 24) + 77}, .dtype = DType::u8, .fill = Fill::cycle(251)};
  const auto bytes = filled(*host.lane, spec);
  for (std::size_t i = 0; i < bytes.size(); i += i + 1000 < bytes.size() ? 997 : 1)
    ASSERT_EQ(bytes[i], static_cast<std::byte>(i % 251)) << i;
}

}  // namespace
}  // namespace assay::fills_tests
