// SPDX-License-Identifier: Apache-2.0
#include "result/environment.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

namespace assay::environment_tests {
namespace {

namespace fs = std::filesystem;

/// A folder that looks like "/" as far as the test needs it.
class Root {
 public:
  Root()
      : path_(fs::path(testing::TempDir()) /
              ("root-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)))) {}
  ~Root() { fs::remove_all(path_); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(Environment, ReadsWhatTheKernelTells) {
  const Root root;
  root.write("etc/os-release", "NAME=\"X\"\nPRETTY_NAME=\"Test Linux 1\"\n");
  root.write("proc/cpuinfo",
             "processor\t: 0\nvendor_id\t: Test\ncpu family\t: 6\nmodel\t\t: 7\nmodel name\t: Test CPU "
             "9\nmicrocode\t: 0x12\nflags\t\t: fpu hypervisor avx2\n");
  root.write("proc/loadavg", "0.52 0.58 0.59 1/803 12345\n");
  root.write("proc/meminfo", "MemTotal:       16384 kB\n");
  root.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  root.write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  root.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  root.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  const auto facts = read_environment(root.path());
  EXPECT_EQ(facts.at("os"), "Test Linux 1");
  EXPECT_EQ(facts.at("cpu"), "Test CPU 9");
  EXPECT_EQ(facts.at("cpu_numbers"), "Test family 6 model 7");
  EXPECT_EQ(facts.at("cpu_microcode"), "0x12");
  EXPECT_EQ(facts.at("load_average"), "0.52 0.58 0.59");
  EXPECT_EQ(facts.at("memory"), "16384 kB");
  EXPECT_EQ(facts.at("cpu_governor"), "powersave");
  EXPECT_EQ(facts.at("cpu_boost"), "off");
  EXPECT_EQ(facts.at("transparent_hugepages"), "madvise");
  EXPECT_EQ(facts.at("cpu_quota"), "1.5 CPUs");
  EXPECT_EQ(facts.at("virtualisation"), "virtual machine");
}

TEST(Environment, LeavesOutWhatItCannotFind) {
  const Root root;
  const auto facts = read_environment(root.path());
  for (const char* key : {"os", "cpu", "cpu_governor", "virtualisation", "load_average", "cpu_quota"})
    EXPECT_FALSE(facts.contains(key)) << key;
  EXPECT_TRUE(facts.contains("compiler"));
}

TEST(Environment, NamesNeitherHostNorUser) {
  for (const auto& [key, value] : read_environment()) {
    EXPECT_EQ(key.find("host"), std::string::npos) << key;
    EXPECT_EQ(key.find("user"), std::string::npos) << key;
  }
}

TEST(Environment, WritesTimeAsIso8601) {
  EXPECT_TRUE(std::regex_match(utc_now(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"))) << utc_now();
}

TEST(Environment, ListsThePlacesOfThreadsThatTheUserSetAndNotThoseThatWeSet) {
  setenv("OMP_PLACES", "sockets", 1);
  setenv("OMP_PROC_BIND", "spread", 1);
  EXPECT_EQ(read_environment().at("OMP_PLACES"), "sockets");
  setenv("ASSAY_BOUND_THREADS", "1", 1);
  EXPECT_FALSE(read_environment().contains("OMP_PLACES"));
  EXPECT_FALSE(read_environment().contains("OMP_PROC_BIND"));
  for (const char* name : {"OMP_PLACES", "OMP_PROC_BIND", "ASSAY_BOUND_THREADS"}) unsetenv(name);
}

}  // namespace
}  // namespace assay::environment_tests
