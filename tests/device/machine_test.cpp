// SPDX-License-Identifier: Apache-2.0
// Machines made of files: what /proc and /sys say on hosts, in containers and with control groups.
#include "device/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace assay::machine_tests {
namespace {

namespace fs = std::filesystem;

class Machine : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            (std::string("machine_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
    file("proc/meminfo", "MemTotal:       1000 kB\nMemFree:  5 kB\nMemAvailable:   800 kB\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void file(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  fs::path root_;
};

TEST_F(Machine, HasWhatIsAvailableWhereNoGroupLimitsIt) {
  EXPECT_EQ(read_memory(root_).total_bytes, 1000 * 1024);
  EXPECT_EQ(read_memory(root_).free_bytes, 800 * 1024);
  EXPECT_FALSE(read_cpu_quota(root_).has_value());
}

TEST_F(Machine, IsLimitedByTheTightestVersion2GroupAbove) {
  file("proc/self/cgroup", "0::/pod/app\n");
  file("sys/fs/cgroup/pod/app/memory.max", "max\n");
  file("sys/fs/cgroup/pod/app/memory.current", "1\n");
  file("sys/fs/cgroup/pod/memory.max", "500000\n");
  file("sys/fs/cgroup/pod/memory.current", "300000\n");
  file("sys/fs/cgroup/pod/memory.stat", "anon 200000\ninactive_file 100000\n");
  file("sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  file("sys/fs/cgroup/pod/app/cpu.max", "max 100000\n");
  EXPECT_EQ(read_memory(root_).total_bytes, 500000);
  EXPECT_EQ(read_memory(root_).free_bytes, 300000);  // 500000 - (300000 - 100000 droppable)
  EXPECT_DOUBLE_EQ(read_cpu_quota(root_).value(), 1.5);
}

TEST_F(Machine, IsLimitedByVersion1GroupsAndTheirHugeNumberIsNoLimit) {
  file("proc/self/cgroup", "4:memory:/a\n2:cpu,cpuacct:/a\n");
  file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "400000\n");
  file("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "100000\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  file("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
  file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "200000\n");
  file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read_memory(root_).free_bytes, 300000);
  EXPECT_DOUBLE_EQ(read_cpu_quota(root_).value(), 2);
}

TEST_F(Machine, NeverHasLessThanNothing) {
  file("proc/self/cgroup", "0::/\n");
  file("sys/fs/cgroup/memory.max", "1000\n");
  file("sys/fs/cgroup/memory.current", "5000\n");
  EXPECT_EQ(read_memory(root_).free_bytes, 0);
}

TEST_F(Machine, HasThePagesOfThisProcessThatAreInMemory) {
  EXPECT_FALSE(read_resident_bytes(root_).has_value());
  file("proc/self/statm", "9000 120 80 1 0 500 0\n");
  EXPECT_EQ(read_resident_bytes(root_).value(), 120 * sysconf(_SC_PAGESIZE));
}

TEST_F(Machine, CountsAThreadPerCoreAndEachSharedCacheOnce) {
  for (int cpu = 0; cpu < 4; ++cpu) {  // two cores of two threads; an L3 each
    const std::string folder = "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/";
    const std::string pair = cpu % 2 == 0 ? "0,2" : "1,3";
    file(folder + "topology/thread_siblings_list", pair + "\n");
    file(folder + "cache/index0/level", "1\n");
    file(folder + "cache/index0/size", "32K\n");
    file(folder + "cache/index3/level", "3\n");
    file(folder + "cache/index3/size", "16M\n");
    file(folder + "cache/index3/shared_cpu_list", pair + "\n");
  }
  EXPECT_EQ(one_cpu_a_core({0, 1, 2, 3}, root_), (std::vector<int>{0, 1}));
  EXPECT_EQ(one_cpu_a_core({2, 3}, root_), (std::vector<int>{2, 3}));
  EXPECT_EQ(read_cache_bytes({0, 1, 2, 3}, root_), 32 << 20);
  EXPECT_EQ(read_cache_bytes({0, 2}, root_), 16 << 20);
}

TEST_F(Machine, IsNamedFromCpuinfo) {
  file("proc/cpuinfo",
       "processor\t: 0\nmodel name\t: Example 9000\nphysical id\t: 0\nflags\t\t: fpu hypervisor avx2\n"
       "processor\t: 1\nmodel name\t: Example 9000\nphysical id\t: 1\nflags\t\t: fpu hypervisor avx2\n");
  file("sys/devices/system/node/online", "0-1\n");
  const CpuFacts facts = read_cpu_facts(root_);
  EXPECT_EQ(facts.model, "Example 9000");
  EXPECT_EQ(facts.sockets, 2);
  EXPECT_EQ(facts.numa_nodes, 2);
  EXPECT_TRUE(facts.virtualised);
  EXPECT_FALSE(facts.governor.has_value());
}

TEST_F(Machine, IsNamedByItsNumbersWhereItsNameHidesWhichItIs) {
  const auto name = [&](const std::string& vendor, const std::string& model, int family, int number) {
    file("proc/cpuinfo", "vendor_id\t: " + vendor + "\ncpu family\t: " + std::to_string(family) +
                             "\nmodel\t\t: " + std::to_string(number) + "\nmodel name\t: " + model +
                             "\nstepping\t: 1\n");
    return cpu_name(read_cpu_facts(root_));
  };
  EXPECT_EQ(name("AuthenticAMD", "AMD EPYC", 25, 17), "AMD EPYC (Zen 4, family 25 model 17 stepping 1)");
  EXPECT_EQ(name("AuthenticAMD", "AMD EPYC", 25, 1), "AMD EPYC (Zen 3, family 25 model 1 stepping 1)");
  EXPECT_EQ(name("AuthenticAMD", "AMD EPYC", 99, 1), "AMD EPYC (family 99 model 1 stepping 1)");
  EXPECT_EQ(name("GenuineIntel", "Intel Xeon Processor", 6, 143),
            "Intel Xeon Processor (family 6 model 143 stepping 1)");
  EXPECT_EQ(name("AuthenticAMD", "AMD EPYC 7B13", 25, 1), "AMD EPYC 7B13");
  file("proc/cpuinfo", "");
  EXPECT_EQ(cpu_name(read_cpu_facts(root_)), "x86-64 CPU");
}

TEST_F(Machine, SaysWhatCachesACpuHas) {
  const auto cache = [&](int index, const std::string& level, const std::string& type,
                         const std::string& size) {
    const std::string folder = "sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    file(folder + "/level", level);
    file(folder + "/type", type);
    file(folder + "/size", size);
  };
  cache(0, "1", "Data", "32K");
  cache(1, "1", "Instruction", "32K");
  cache(2, "2", "Unified", "1024K");
  EXPECT_EQ(read_caches({0}, root_), "L1 data 32.0 KiB, L2 1.00 MiB");
  EXPECT_EQ(read_caches({1}, root_), "");
}

TEST(CpuList, IsRangesAndNumbers) {
  EXPECT_EQ(parse_cpu_list("0-2,5,7-8"), (std::vector<int>{0, 1, 2, 5, 7, 8}));
  EXPECT_TRUE(parse_cpu_list("").empty());
}

TEST(CpuList, IsWrittenWithRangesOfThreeAndMore) {
  EXPECT_EQ(text_of_cpu_list({7, 0, 1, 2, 5, 8}), "0-2,5,7,8");
  EXPECT_EQ(text_of_cpu_list({0, 1}), "0,1");
  EXPECT_EQ(text_of_cpu_list({3}), "3");
  EXPECT_EQ(text_of_cpu_list({}), "");
}

}  // namespace
}  // namespace assay::machine_tests
