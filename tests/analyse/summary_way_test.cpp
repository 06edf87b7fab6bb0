// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "analyse/summary.h"

namespace assay::summary_way_tests {
namespace {

StageResult stage(const std::string& name, Place place, double time_s, std::int64_t times = 1) {
  StageResult s;
  s.name = name;
  s.place = place;
  s.times = times;
  s.items = 8;
  s.item = "image";
  s.cores = place == Place::host ? 4 : 0;
  s.time_s.emplace();
  s.time_s->unit = "s";
  s.time_s->value = time_s;
  return s;
}

/// 8 images: 6 s on four of the host's cores, then 1 s and twice 1 s on a device.
Result images(const std::string& kind) {
  Result r;
  DeviceResult d;
  d.id = d.kind = kind;
  r.devices.push_back(d);
  CaseResult c;
  c.id = "vision/resnet";
  c.device = kind;
  c.stages = {stage("decode", Place::host, 6), stage("upload", Place::device, 1),
              stage("network", Place::device, 1, 2)};
  r.cases.push_back(c);
  return r;
}

std::optional<WaySummary> way_of(const Result& r) {
  return summarise(std::span(&r, 1)).cases[0].way;
}

TEST(Way, HoldsTheStagesOfAPassInTheirOrder) {
  const auto way = way_of(images("cuda"));
  ASSERT_TRUE(way);
  ASSERT_EQ(way->pieces.size(), 3u);
  EXPECT_EQ(way->pieces[0].stage, "decode");
  EXPECT_NEAR(way->pieces[0].share, 6.0 / 9, 1e-12);
  EXPECT_EQ(way->pieces[2].time_s, 2);
  EXPECT_EQ(way->host_s, 6);
  EXPECT_EQ(way->device_s, 3);
}

TEST(Way, SaysWhichKeepsTheOtherWaitingAndHowManyCoresWouldFeedIt) {
  const auto way = way_of(images("cuda"));
  EXPECT_EQ(way->binds, Place::host);
  EXPECT_EQ(way->cores_to_feed, 8);  // 4 cores take 6 s, 3 s are allowed
  EXPECT_EQ(way->core_s_per_item, 4 * 6 / 8.0);
  Result quick = images("cuda");
  quick.cases[0].stages[0].time_s->value = 0.75;
  EXPECT_EQ(way_of(quick)->binds, Place::device);
  EXPECT_EQ(way_of(quick)->cores_to_feed, 1);
}

TEST(Way, FeedsNothingWhereHostAndDeviceAreOneCpu) {
  const auto way = way_of(images("cpu"));
  ASSERT_TRUE(way);
  EXPECT_FALSE(way->binds || way->cores_to_feed);
  EXPECT_EQ(way->core_s_per_item, 3);
}

TEST(Way, IsNoneOfAPassThatStaysOnTheDeviceOrHasNoTime) {
  Result r = images("cuda");
  r.cases[0].stages.erase(r.cases[0].stages.begin());
  EXPECT_FALSE(way_of(r));
  r = images("cuda");
  r.cases[0].stages[1].time_s.reset();
  EXPECT_FALSE(way_of(r));
}

TEST(Way, LeavesOutWhatIsNotOfThePass) {
  Result r = images("cuda");
  r.cases[0].stages.push_back(stage("other", Place::device, 100, 0));
  EXPECT_EQ(way_of(r)->device_s, 3);
}

}  // namespace
}  // namespace assay::summary_way_tests
