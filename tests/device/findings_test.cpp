// SPDX-License-Identifier: Apache-2.0
#include "device/findings.h"

#include <gtest/gtest.h>

#include <functional>

namespace assay::findings_tests {
namespace {

/// A machine that has nothing to complain of.
MachineFacts quiet() {
  MachineFacts facts;
  facts.watched = {.wall_s = 1.2, .stolen_share = 0.001, .others_share = 0.015, .throttled_share = 0};
  facts.threads = facts.cores = facts.cpus = 2;
  facts.pinned = "cpus 0,1";
  facts.governor = "performance";
  facts.boost = "off";
  facts.transparent_hugepages = "madvise";
  facts.probes = {{.bytes_per_s = 40e9, .flops_per_s = {{DType::f32, 200e9}}},
                  {.bytes_per_s = 43e9, .flops_per_s = {{DType::f32, 185e9}}}};
  return facts;
}

TEST(Findings, AreNoneOnAQuietMachineAndWhereNothingIsKnownOfItsSettings) {
  EXPECT_TRUE(findings_of(quiet()).empty());
  MachineFacts unknown = quiet();
  unknown.governor = unknown.boost = unknown.transparent_hugepages = "";
  unknown.watched.throttled_share.reset();
  unknown.probes.clear();
  EXPECT_TRUE(findings_of(unknown).empty());
}

struct Spoilt {
  const char* name;
  std::function<void(MachineFacts&)> by;
  const char* cause;  // part of it
};

class EachSpoiler : public testing::TestWithParam<Spoilt> {};

TEST_P(EachSpoiler, IsFoundAloneWithARemedy) {
  MachineFacts facts = quiet();
  GetParam().by(facts);
  const auto found = findings_of(facts);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].cause.find(GetParam().cause), std::string::npos) << found[0].cause;
  EXPECT_FALSE(found[0].remedy.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Findings, EachSpoiler,
    testing::Values(
        Spoilt{"Neighbour", [](MachineFacts& f) { f.watched.others_share = 0.501; },
               "other programs used 50.0 % of the CPU time: about 1.0 of 2 cpus"},
        Spoilt{"Hypervisor", [](MachineFacts& f) { f.watched.stolen_share = f.watched.others_share = 0.05; },
               "the hypervisor took 5.0 % of the CPU time"},
        Spoilt{"Blindness",
               [](MachineFacts& f) {
                 f.watched.others_share.reset();
                 f.watched.stolen_share.reset();
               },
               "cannot be seen"},
        Spoilt{"Throttling", [](MachineFacts& f) { f.watched.throttled_share = 0.25; },
               "held its processes back for 25.0 %"},
        Spoilt{"Memory", [](MachineFacts& f) { f.probes[1].bytes_per_s = 30e9; },
               "memory bandwidth peak reached 40.0 GB/s and 30.0 GB/s"},
        Spoilt{"Arithmetic", [](MachineFacts& f) { f.probes[0].flops_per_s[DType::f32] = 100e9; },
               "f32 arithmetic peak reached 100 GFLOP/s and 185 GFLOP/s"},
        Spoilt{"Quota", [](MachineFacts& f) { f.quota_cpus = 1.5; },
               "grants 1.5 cpus' worth of time to 2 threads"},
        Spoilt{"Siblings", [](MachineFacts& f) { f.threads = 4; }, "4 threads share 2 cores"},
        Spoilt{"Unbound", [](MachineFacts& f) { f.pinned = "no: not permitted"; },
               "not bound to cores: no: not"},
        Spoilt{"Governor", [](MachineFacts& f) { f.governor = "powersave"; }, "governor is powersave"},
        Spoilt{"Boost", [](MachineFacts& f) { f.boost = "on"; }, "boost is on"},
        Spoilt{"HugePages", [](MachineFacts& f) { f.transparent_hugepages = "never"; },
               "huge pages are off"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Findings, HaveBothWhereTheHypervisorAndAProgramTakeTime) {
  MachineFacts facts = quiet();
  facts.watched.stolen_share = 0.1;
  facts.watched.others_share = 0.4;
  const auto found = findings_of(facts);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[1].cause.find("30.0 %"), std::string::npos) << found[1].cause;
}

TEST(Findings, LeaveAWholeQuotaAlone) {
  MachineFacts facts = quiet();
  facts.quota_cpus = 2;
  EXPECT_TRUE(findings_of(facts).empty());
}

}  // namespace
}  // namespace assay::findings_tests
