// SPDX-License-Identifier: Apache-2.0
// Where threads run. OpenMP reads its settings when a program is loaded, so most of these run in this program
// started again with the settings that the test makes: gtest's "threadsafe" death tests do that.
#include "device/cpu/threads.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <omp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "device/cpu/cpu_device.h"
#include "device/machine.h"

namespace assay::cpu_threads_tests {
namespace {

using Masks = std::vector<std::vector<int>>;

/// The affinity mask of each thread of a whole team.
Masks masks_of_team() {
  Masks masks(static_cast<std::size_t>(omp_get_max_threads()));
#pragma omp parallel
  masks[static_cast<std::size_t>(omp_get_thread_num())] = allowed_cpus();
  return masks;
}

std::set<long> ids_of_team() {
  std::set<long> ids;
#pragma omp parallel
  {
#pragma omp critical(assay_ids_of_team)
    ids.insert(syscall(SYS_gettid));
  }
  return ids;
}

std::string property(const CpuDevice& device, const std::string& key) {
  for (const auto& [name, value] : device.info().properties)
    if (name == key) return value;
  return "";
}

/// In the child: says what is wrong, and ends so that the parent sees it.
#define REQUIRE(condition)                                         \
  do {                                                             \
    if (!(condition)) {                                            \
      std::fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
      std::_Exit(1);                                               \
    }                                                              \
  } while (false)

class CpuThreads : public ::testing::Test {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    for (const char* name : kNames) unsetenv(name);
  }
  void TearDown() override {
    for (const char* name : kNames) unsetenv(name);
  }
  static void set_as_assay_does() {
    setenv("OMP_PROC_BIND", "close", 1);
    setenv("OMP_PLACES", "cores", 1);
    setenv("ASSAY_BOUND_THREADS", "1", 1);
  }
  static constexpr std::array kNames = {"OMP_PROC_BIND", "OMP_PLACES", "OMP_NUM_THREADS", "GOMP_CPU_AFFINITY",
                                        "ASSAY_BOUND_THREADS"};
};

void each_thread_has_a_core() {
  CpuDevice device;
  const Masks first = masks_of_team();
  REQUIRE(static_cast<int>(first.size()) == device.info().units);
  std::vector<int> all;
  for (const auto& mask : first) all.insert(all.end(), mask.begin(), mask.end());
  REQUIRE(std::set<int>(all.begin(), all.end()).size() == all.size());  // no two threads share a cpu
  REQUIRE(one_cpu_a_core(all).size() == first.size());                  // and none has two cores

  // Teams of other sizes make the runtime end threads and start others.
  for (const int threads : {1, static_cast<int>(first.size()) - 1, 1, static_cast<int>(first.size())}) {
#pragma omp parallel num_threads(std::max(1, threads))
    { asm volatile(""); }
  }
  REQUIRE(masks_of_team() == first);
  device.renew();
  REQUIRE(masks_of_team() == first);
}

TEST_F(CpuThreads, HaveACoreEachAndKeepItAfterTeamsOfOtherSizesAndARenewal) {
  set_as_assay_does();
  EXPECT_EXIT((each_thread_has_a_core(), std::_Exit(0)), ::testing::ExitedWithCode(0), "");
}

/// More threads than cores, so that a team can shrink on a machine of any size; on a machine with one core
/// there is one place.
void threads_started_later_are_bound() {
  bind_threads(nullptr);  // as main() does
  CpuDevice device;
  const Masks first = masks_of_team();
  REQUIRE(first.size() == 5);
#pragma omp parallel num_threads(2)
  { asm volatile(""); }
  const std::set<long> before = ids_of_team();
  const Masks again = masks_of_team();
  REQUIRE(again == first);
  for (const auto& mask : again) REQUIRE(one_cpu_a_core(mask).size() == 1);
  std::set<int> places;
  for (const auto& mask : again) places.insert(mask.front());
  REQUIRE(places.size() == std::min<std::size_t>(5, one_cpu_a_core(process_cpus()).size()));
}

TEST_F(CpuThreads, ThatAreStartedLaterDoNotAllLandOnTheCallersCpu) {
  set_as_assay_does();
  setenv("OMP_NUM_THREADS", "5", 1);
  EXPECT_EXIT((threads_started_later_are_bound(), std::_Exit(0)), ::testing::ExitedWithCode(0), "");
}

void the_caller_is_free_but_for_the_device() {
  bind_threads(nullptr);
  REQUIRE(allowed_cpus() == process_cpus());
  {
    const CpuDevice device;
    REQUIRE(one_cpu_a_core(allowed_cpus()).size() == 1);
    REQUIRE(property(device, "pinned").find("cpus ") != std::string::npos);
    REQUIRE(device.info().units == static_cast<int>(one_cpu_a_core(process_cpus()).size()) ||
            read_cpu_quota());
  }
  REQUIRE(allowed_cpus() == process_cpus());
}

TEST_F(CpuThreads, BindTheirCallerOnlyWhileTheDeviceLives) {
  set_as_assay_does();
  EXPECT_EXIT((the_caller_is_free_but_for_the_device(), std::_Exit(0)), ::testing::ExitedWithCode(0), "");
}

void settings_are_the_users(const char* said) {
  bind_threads(nullptr);  // would fail to start a program without a name, and leave no trace
  const std::vector<int> before = allowed_cpus();
  const CpuDevice device;
  std::fprintf(stderr, "pinned: %s\n", property(device, "pinned").c_str());
  REQUIRE(property(device, "pinned") == said);
  REQUIRE(allowed_cpus() == before);
  REQUIRE(device.info().units == static_cast<int>(one_cpu_a_core(process_cpus()).size()) || read_cpu_quota());
}

TEST_F(CpuThreads, AreLeftWhereTheUserPutsThemAndAllCoresAreStillSeen) {
  setenv("OMP_PROC_BIND", "true", 1);
  setenv("OMP_PLACES", "cores", 1);
  EXPECT_EXIT((settings_are_the_users("as set: OMP_PROC_BIND=true, OMP_PLACES=cores"), std::_Exit(0)),
              ::testing::ExitedWithCode(0), "");
}

TEST_F(CpuThreads, AreNotBoundWhereTheUserSaysSo) {
  setenv("OMP_PROC_BIND", "false", 1);
  EXPECT_EXIT((settings_are_the_users("no, as set: OMP_PROC_BIND=false"), std::_Exit(0)),
              ::testing::ExitedWithCode(0), "");
}

/// From now on sched_setaffinity fails with EPERM, as in some sandboxes.
void refuse_affinity() {
  std::array<sock_filter, 4> filter = {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_sched_setaffinity, 0, 1),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    std::_Exit(0);  // no filters here: nothing to show
}

void refusal_is_said() {
  refuse_affinity();
  bind_threads(nullptr);
  CpuDevice device;
  REQUIRE(property(device, "pinned") == "no: this system does not let the program set affinity masks");
  REQUIRE(static_cast<int>(masks_of_team().size()) == device.info().units);
}

TEST_F(CpuThreads, WorkUnboundWhereTheSystemRefusesAndThatIsSaid) {
  EXPECT_EXIT((refusal_is_said(), std::_Exit(0)), ::testing::ExitedWithCode(0), "");
}

/// Of `count` lanes, each on a thread of its own: the cpus that each thread of its team may use.
std::vector<Masks> masks_of_lanes(CpuDevice& device, int count) {
  std::vector<Masks> masks(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      const auto lane = device.lane({i, count});
#pragma omp parallel num_threads(1)  // threads are ended, and others started
      { asm volatile(""); }
      masks[static_cast<std::size_t>(i)] = masks_of_team();
    });
  for (std::thread& thread : threads) thread.join();
  return masks;
}

void lanes_have_cores_of_their_own() {
  bind_threads(nullptr);
  CpuDevice device;
  const int cores = static_cast<int>(device.info().units);
  const int count = std::max(1, cores);
  std::set<int> used;
  for (const Masks& lane : masks_of_lanes(device, count)) {
    REQUIRE(lane.size() == 1);  // a core each
    for (const int cpu : lane.front()) REQUIRE(count == 1 || used.insert(cpu).second);
  }
  REQUIRE(masks_of_team().size() == static_cast<std::size_t>(cores));  // the device has all of them again
}

TEST_F(CpuThreads, OfLanesHaveCoresOfTheirOwn) {
  set_as_assay_does();
  EXPECT_EXIT((lanes_have_cores_of_their_own(), std::_Exit(0)), ::testing::ExitedWithCode(0), "");
}

void teams_of_lanes_stay_within_their_share() {
  CpuDevice device;
  REQUIRE(property(device, "pinned").starts_with("lanes to their shares of cpus"));
  const std::vector<int> cores = one_cpu_a_core(process_cpus());
  for (const Masks& lane : masks_of_lanes(device, 2)) {
    REQUIRE(lane.size() == 2);
    for (const auto& mask : lane) {
      REQUIRE(mask == lane.front());
      for (const int cpu : mask) REQUIRE(std::ranges::count(cores, cpu) == 1);
    }
  }
}

// Four threads on whatever there is, so that a lane's team has two.
TEST_F(CpuThreads, OfATeamOfALaneStayWithinItsShare) {
  setenv("ASSAY_BOUND_THREADS", "lanes", 1);
  setenv("OMP_NUM_THREADS", "4", 1);
  EXPECT_EXIT((teams_of_lanes_stay_within_their_share(), std::_Exit(0)), ::testing::ExitedWithCode(0), "");
}

TEST_F(CpuThreads, AreOthersAfterARenewalAndAsMany) {
  if (!kThreadsAreRenewed) GTEST_SKIP() << "LLVM's OpenMP keeps its threads";
  CpuDevice device;
  const std::set<long> before = ids_of_team();
  device.renew();
  const std::set<long> after = ids_of_team();
  EXPECT_EQ(after.size(), before.size());
  std::vector<long> both;
  std::ranges::set_intersection(before, after, std::back_inserter(both));
  EXPECT_EQ(both, std::vector<long>{syscall(SYS_gettid)});  // the caller alone
}

}  // namespace
}  // namespace assay::cpu_threads_tests
