// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "device/machine.h"

namespace assay {
namespace {

/// Models of AMD's families by microarchitecture, as Linux tells them apart: arch/x86/kernel/cpu/amd.c,
/// bsp_init_amd() (6.12). What is in no row is named by its numbers alone.
struct Models {
  int family, first, last;
  std::string_view name;
};
constexpr std::array kAmd = {
    Models{0x17, 0x00, 0x2f, "Zen 1"}, Models{0x17, 0x50, 0x5f, "Zen 1"}, Models{0x17, 0x30, 0x4f, "Zen 2"},
    Models{0x17, 0x60, 0x7f, "Zen 2"}, Models{0x17, 0x90, 0x91, "Zen 2"}, Models{0x17, 0xa0, 0xaf, "Zen 2"},
    Models{0x19, 0x00, 0x0f, "Zen 3"}, Models{0x19, 0x20, 0x2f, "Zen 3"}, Models{0x19, 0x40, 0x4f, "Zen 3"},
    Models{0x19, 0x50, 0x5f, "Zen 3"}, Models{0x19, 0x10, 0x1f, "Zen 4"}, Models{0x19, 0x60, 0x6f, "Zen 4"},
    Models{0x19, 0x70, 0x7f, "Zen 4"}, Models{0x19, 0xa0, 0xaf, "Zen 4"}, Models{0x1a, 0x00, 0x2f, "Zen 5"},
    Models{0x1a, 0x40, 0x4f, "Zen 5"}, Models{0x1a, 0x60, 0x7f, "Zen 5"}};

std::string microarchitecture(const CpuFacts& facts) {
  if (facts.vendor != "AuthenticAMD") return "";
  for (const Models& models : kAmd)
    if (facts.family == models.family && *facts.number >= models.first && *facts.number <= models.last)
      return std::string(models.name) + ", ";
  return "";
}

}  // namespace

std::string cpu_name(const CpuFacts& facts) {
  const std::string name = facts.model.empty() ? "x86-64 CPU" : facts.model;
  const bool says_which = std::ranges::any_of(name, [](char c) { return c >= '0' && c <= '9'; });
  if ((says_which && !facts.model.empty()) || !facts.family || !facts.number) return name;
  return name + " (" + microarchitecture(facts) + "family " + std::to_string(*facts.family) + " model " +
         std::to_string(*facts.number) +
         (facts.stepping ? " stepping " + std::to_string(*facts.stepping) : "") + ")";
}

}  // namespace assay
