// SPDX-License-Identifier: Apache-2.0
#include "base/roofline.h"

#include <gtest/gtest.h>

#include "base/json_fields.h"

namespace assay::roofline_tests {
namespace {

Ceilings ceilings(std::optional<double> flops_per_s, std::optional<double> memory,
                  std::optional<double> link = {}) {
  return {.flops_per_s = flops_per_s, .bytes_per_s = {{Path::memory, memory}, {Path::host_link, link}}};
}

TEST(LeastTime, IsTheLargestOfArithmeticAndEachPath) {
  const Ceilings at = ceilings(1000, 100, 10);
  const LeastTime compute = least_time(1000, {{Path::memory, 50}}, at);
  EXPECT_EQ(compute.compute_s, 1);
  EXPECT_EQ(compute.path_s.at(Path::memory), 0.5);
  EXPECT_EQ(compute.seconds(), 1);
  EXPECT_EQ(compute.bound(), Bound::compute);
  const LeastTime memory = least_time(100, {{Path::memory, 50}, {Path::host_link, 4}}, at);
  EXPECT_EQ(memory.seconds(), 0.5);
  EXPECT_EQ(memory.bound(), Bound::memory);
  const LeastTime link = least_time(100, {{Path::memory, 50}, {Path::host_link, 6}}, at);
  EXPECT_EQ(link.seconds(), 0.6);
  EXPECT_EQ(link.bound(), Bound::host_link);
}

TEST(LeastTime, NeedsNoCeilingForNoWork) {
  EXPECT_EQ(least_time(0, {{Path::memory, 50}}, ceilings({}, 100)).seconds(), 0.5);
  EXPECT_EQ(least_time(10, {{Path::memory, 0}}, ceilings(10, {})).seconds(), 1);
  EXPECT_EQ(least_time(10, {}, {.flops_per_s = 10, .bytes_per_s = {}}).seconds(), 1);
  EXPECT_FALSE(least_time(0, {}, ceilings(10, 10)).bound());
}

TEST(LeastTime, IsUnknownWhereWorkMeetsAnUnknownCeiling) {
  const BytesByPath both = {{Path::memory, 50}, {Path::host_link, 1}};
  EXPECT_FALSE(least_time(1000, both, ceilings({}, 100, 100)).seconds());
  EXPECT_FALSE(least_time(1000, both, ceilings(0, 100, 100)).seconds());
  EXPECT_FALSE(least_time(1000, both, ceilings(10, 100)).seconds()) << "the link may bind";
  EXPECT_FALSE(least_time(1000, both, ceilings(10, 100)).bound());
  EXPECT_FALSE(least_time(1000, {{Path::network, 1}}, ceilings(10, 100)).seconds());
}

TEST(Bound, GoesByThePathsName) {
  for (std::size_t i = 0; i < kPaths; ++i) {
    const auto path = static_cast<Path>(i);
    EXPECT_EQ(name_of(bound_of(path)), name(path));
    EXPECT_EQ(path_of(bound_of(path)), path);
    EXPECT_EQ(path_from(name(path)), path);
    EXPECT_EQ(peak_unit(name(path)), "B/s");
  }
  EXPECT_EQ(name_of(Bound::compute), "compute");
  EXPECT_EQ(name_of(Bound::launch), "launch");
  EXPECT_FALSE(path_of(Bound::launch));
  EXPECT_FALSE(path_from("compute"));
  EXPECT_EQ(peak_unit("bf16"), "FLOP/s");
}

}  // namespace
}  // namespace assay::roofline_tests
