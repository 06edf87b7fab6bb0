// SPDX-License-Identifier: Apache-2.0
#include "device/speed_meter.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace assay::speed_meter_tests {
namespace {

class Scripted final : public SpeedMeter {
 public:
  explicit Scripted(std::vector<double> speeds) : speeds_(std::move(speeds)) {}

 private:
  double measure() override { return speeds_[next_++ % speeds_.size()]; }
  std::vector<double> speeds_;
  std::size_t next_ = 0;
};

TEST(SpeedMeter, KnowsNoBestBeforeItsFirstTake) {
  Scripted meter({5});
  EXPECT_EQ(meter.best(), 0);
  EXPECT_EQ(meter.take(), 5);
  EXPECT_EQ(meter.best(), 5);
}

TEST(SpeedMeter, KnowsItsBestOfAMachineThatSeldomRests) {
  std::vector<double> speeds(1000, 50);
  for (std::size_t i = 900; i < 950; ++i) speeds[i] = 100;
  Scripted meter(speeds);
  meter.get_to_know();
  EXPECT_EQ(meter.best(), 100);
}

TEST(SpeedMeter, TakesTheBestOfAnEarlierRunAndNoTimeForItsOwn) {
  Scripted meter(std::vector<double>(1000, 50));
  meter.get_to_know(100);
  EXPECT_EQ(meter.best(), 100);
  EXPECT_EQ(meter.take(), 50);
  EXPECT_EQ(meter.best(), 100) << "a neighbour that is busy from the beginning on is seen";
}

TEST(SpeedMeter, IsFasterThanAnEarlierRunKnewWhereItIs) {
  Scripted meter({110});
  meter.get_to_know(100);
  for (std::size_t i = 0; i < SpeedMeter::kOften; ++i) meter.take();
  EXPECT_EQ(meter.best(), 110);
}

TEST(SpeedMeter, ItsBestIsNoRareOutlier) {
  std::vector<double> speeds(1000, 50);
  for (std::size_t i = 0; i < 100; ++i) speeds[10 * i] = 100;
  speeds[7] = 900;  // one in a thousand
  Scripted meter(speeds);
  for (int i = 0; i < 5000; ++i) {
    meter.take();
    if (i < 1000) continue;
    EXPECT_EQ(meter.best(), 100) << i;
  }
}

TEST(SpeedMeter, DoesNotForgetItsBestBesideANeighbourThatStays) {
  std::vector<double> speeds(100000, 50);
  for (std::size_t i = 0; i < 100; ++i) speeds[i] = 100;
  Scripted meter(speeds);
  for (int i = 0; i < 90000; ++i) meter.take();
  EXPECT_EQ(meter.best(), 100);
}

}  // namespace
}  // namespace assay::speed_meter_tests
