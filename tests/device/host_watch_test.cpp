// SPDX-License-Identifier: Apache-2.0
// What others did, from files of /proc and /sys that tests write and a clock that they set.
#include "device/host_watch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/temporary_folder.h"

namespace assay::host_watch_tests {
namespace {

using assay::test::TemporaryFolder;

/// Two cpus are watched, 4 and 6, of a machine whose other cpus are busy.
class HostWatch : public ::testing::Test {
 protected:
  struct Ticks {
    std::int64_t user = 0, idle = 0, steal = 0;
  };
  /// Counters at `at_s`; this process has used `own_s` of CPU time by then.
  HostCounters counters(double at_s, double own_s, Ticks cpu4, Ticks cpu6) {
    const auto line = [](const char* name, Ticks t) {
      return std::string(name) + " " + std::to_string(1000 + t.user) + " 0 0 " +
             std::to_string(5000 + t.idle) + " 3 0 0 " + std::to_string(t.steal) + " 0 0\n";
    };
    root_.write("proc/stat", "cpu  999999 0 0 999999 0 0 0 0 0 0\ncpu3 77 0 0 0 0 0 0 0 0 0\n" +
                                 line("cpu4", cpu4) + "cpu5 99999 0 0 0 0 0 0 0 0 0\n" + line("cpu6", cpu6) +
                                 "cpu46 5 0 0 0 0 0 0 0 0 0\nintr 5 4 3\n");
    return read(at_s, own_s);
  }
  HostCounters read(double at_s, double own_s) {
    HostCounters counters = read_host_counters(root_.path(), {4, 6});
    counters.at_s = at_s;
    counters.own_cpu_s = own_s;
    return counters;
  }
  void thread(int id, const std::string& schedstat, const std::string& migrations) {
    const std::string folder = "proc/self/task/" + std::to_string(id) + "/";
    root_.write(folder + "schedstat", schedstat + "\n");
    root_.write(folder + "sched",
                "assay (7, #threads: 2)\n-----\nse.exec_start      :    12.5\n"
                "se.nr_migrations                             :                  " +
                    migrations + "\nnr_switches   :   9\n");
  }
  TemporaryFolder root_;
};

TEST_F(HostWatch, SeesNobodyWhereOnlyWeRan) {
  const auto before = counters(100, 5, {}, {});
  const auto after = counters(110, 5 + 14.98, {.user = 1000}, {.user = 498, .idle = 502});
  const HostActivity seen = activity_between(before, after);
  EXPECT_DOUBLE_EQ(seen.wall_s, 10);
  EXPECT_DOUBLE_EQ(seen.stolen_share.value(), 0);
  EXPECT_NEAR(seen.others_share.value(), 0, 1e-12);
}

TEST_F(HostWatch, SeesANeighbourThatTakesOneOfTwoCores) {
  const auto before = counters(100, 5, {}, {});
  const auto after = counters(110, 15, {.user = 1000}, {.user = 1000});
  EXPECT_DOUBLE_EQ(activity_between(before, after).others_share.value(), 0.5);
  EXPECT_DOUBLE_EQ(activity_between(before, after).stolen_share.value(), 0);
}

TEST_F(HostWatch, CountsStolenTimeAsTakenByOthersWhetherOrNotTheKernelChargesItToUs) {
  const auto before = counters(100, 5, {}, {});
  const auto after = counters(110, 5 + 19, {.user = 950, .steal = 50}, {.user = 950, .steal = 50});
  EXPECT_DOUBLE_EQ(activity_between(before, after).stolen_share.value(), 0.05);
  EXPECT_NEAR(activity_between(before, after).others_share.value(), 0.05, 1e-12);
  HostCounters charged = after;
  charged.own_cpu_s += 1;
  EXPECT_NEAR(activity_between(before, charged).others_share.value(), 0.05, 1e-12);
}

TEST_F(HostWatch, SaysNothingOfSharesOverSoShortAnIntervalThatTicksDecide) {
  const auto before = counters(100, 5, {}, {});
  const auto soon = counters(100.1, 5.2, {.user = 10}, {.user = 10});
  EXPECT_FALSE(activity_between(before, soon).others_share.has_value());
  EXPECT_FALSE(activity_between(before, soon).stolen_share.has_value());
  const auto later = counters(101, 7, {.user = 100}, {.user = 100});
  EXPECT_TRUE(activity_between(before, later).others_share.has_value());
}

TEST_F(HostWatch, AddsIntervalsUpWithTheirGapsLeftOutAndKnowsWhenTheyAreEnough) {
  HostTally tally;
  std::int64_t ticks = 0;
  double at_s = 100, own_s = 0;
  for (int block = 0; block < 40; ++block) {
    const auto before = counters(at_s, own_s, {.user = ticks}, {.user = ticks});
    const std::int64_t odd = block % 2 == 0 ? 9 : 11;  // 0.1 s each, as ticks show them
    const auto after = counters(at_s + 0.1, own_s + 0.1, {.user = ticks + odd}, {.user = ticks + odd});
    tally.add(before, after);
    if (block == 0) {
      EXPECT_FALSE(tally.activity().others_share.has_value());
    }
    ticks += 1000;  // the gap: another's alone
    at_s += 10;
    own_s += 0.1;
  }
  EXPECT_NEAR(tally.activity().wall_s, 4, 1e-9);
  EXPECT_FALSE(tally.activity().others_share.has_value()) << "80 roundings a cpu in 4 s";
  const auto before = counters(1000, 0, {}, {});
  tally.add(before, counters(1004, 4, {.user = 400}, {.user = 400}));
  EXPECT_NEAR(tally.activity().others_share.value(), 0.5, 1e-9);
}

TEST_F(HostWatch, KnowsNothingWhereCountersGoBackwards) {
  const auto before = counters(100, 5, {.idle = 50}, {});
  const auto after = counters(110, 15, {.user = 1000, .idle = 49}, {.user = 1000});
  EXPECT_FALSE(activity_between(before, after).others_share.has_value());
  EXPECT_FALSE(activity_between(before, after).stolen_share.has_value());
}

TEST_F(HostWatch, KnowsNothingWhereCountersStandStill) {
  const auto before = counters(100, 5, {}, {}), after = counters(110, 5, {}, {});
  EXPECT_FALSE(activity_between(before, after).others_share.has_value());
}

TEST_F(HostWatch, KnowsNothingWhereAWatchedCpuIsNotCounted) {
  root_.write("proc/stat", "cpu  1 0 0 1 0 0 0 0 0 0\ncpu4 1 0 0 1 0 0 0 0 0 0\ncpu46 1 0 0 1 0 0 0 0 0 0\n");
  EXPECT_TRUE(read(100, 0).cpus.empty());
  EXPECT_FALSE(activity_between(read(100, 0), read(110, 0)).others_share.has_value());
}

TEST_F(HostWatch, KnowsNothingInAContainerWithoutTheFiles) {
  const HostActivity seen = activity_between(read(100, 0), read(110, 1));
  EXPECT_DOUBLE_EQ(seen.wall_s, 10);
  EXPECT_FALSE(seen.stolen_share.has_value());
  EXPECT_FALSE(seen.others_share.has_value());
  EXPECT_FALSE(seen.throttled_share.has_value());
  EXPECT_FALSE(seen.waited_share.has_value());
  EXPECT_FALSE(seen.migrations.has_value());
  EXPECT_TRUE(seen.involuntary_switches.has_value());  // from the process itself
}

TEST_F(HostWatch, ReadsNonsenseAsNothing) {
  root_.write("proc/stat", "cpu4 x y\ncpu6\ncpu");
  root_.write("proc/self/task/7/schedstat", "");
  root_.write("proc/self/task/7/sched", "nr_migrations");
  const HostActivity seen = activity_between(read(100, 0), read(110, 1));
  EXPECT_FALSE(seen.others_share.has_value());
  EXPECT_FALSE(seen.waited_share.has_value());
  EXPECT_FALSE(seen.migrations.has_value());
}

TEST_F(HostWatch, TellsHowLongTheSlowestThreadHadNoCpuAndHowOftenThreadsMoved) {
  thread(7, "1000 500000000 9", "3");
  thread(8, "1000 0 9", "10");
  const auto before = read(100, 0);
  thread(7, "1000 700000000 9", "4");
  thread(8, "1000 500000000 9", "10");
  thread(9, "1000 100000000 9", "2");  // new since
  const HostActivity seen = activity_between(before, read(100.5, 1));
  EXPECT_DOUBLE_EQ(seen.waited_share.value(), 1);  // 0.5 of 0.5 s
  EXPECT_EQ(seen.migrations.value(), 1 + 2);
}

TEST_F(HostWatch, TellsForWhatShareAGroupWasHeldBackOfAllItsCpus) {
  root_.write("proc/self/cgroup", "0::/pod/app\n");
  root_.write("sys/fs/cgroup/pod/app/cpu.stat", "usage_usec 5\nnr_throttled 1\nthrottled_usec 1000000\n");
  root_.write("sys/fs/cgroup/pod/app/cpu.max", "150000 100000\n");  // two cpus' worth, begun
  root_.write("sys/fs/cgroup/pod/cpu.stat", "usage_usec 5\nnr_throttled 0\nthrottled_usec 0\n");
  const auto before = read(100, 0);
  root_.write("sys/fs/cgroup/pod/app/cpu.stat", "usage_usec 5\nnr_throttled 9\nthrottled_usec 3000000\n");
  EXPECT_DOUBLE_EQ(activity_between(before, read(104, 0)).throttled_share.value(), 0.25);
}

TEST_F(HostWatch, KnowsThrottlingOfVersion1GroupsInNanoseconds) {
  root_.write("proc/self/cgroup", "2:cpu,cpuacct:/a\n");
  root_.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.stat", "nr_periods 9\nnr_throttled 0\nthrottled_time 0\n");
  root_.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "50000\n");
  root_.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  const auto before = read(100, 0);
  EXPECT_DOUBLE_EQ(activity_between(before, read(104, 0)).throttled_share.value(), 0);
  root_.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.stat", "nr_throttled 9\nthrottled_time 1000000000\n");
  EXPECT_DOUBLE_EQ(activity_between(before, read(104, 0)).throttled_share.value(), 0.25);
}

TEST(HostWatchHere, CountsTimeThatThisProcessUses) {
  const auto before = read_host_counters();
  volatile double sink = 1;
  for (int i = 0; i < 200000; ++i) sink = std::sqrt(sink + i);
  const auto after = read_host_counters();
  EXPECT_GT(after.own_cpu_s, before.own_cpu_s);
  EXPECT_GT(after.at_s, before.at_s);
  EXPECT_GE(activity_between(before, after).involuntary_switches.value(), 0);
}

}  // namespace
}  // namespace assay::host_watch_tests
