// SPDX-License-Identifier: Apache-2.0
#include "result/result.h"

#include <algorithm>
#include <array>

namespace assay {

using Name = std::string_view;

std::span<const Name> enum_names(Better) {
  static constexpr std::array<Name, 2> kNames = {"lower", "higher"};
  return kNames;
}
std::span<const Name> enum_names(CaseStatus) {
  static constexpr std::array<Name, 4> kNames = {"ok", "skipped", "failed", "not_a_measurement"};
  return kNames;
}
std::span<const Name> enum_names(CheckStatus) {
  static constexpr std::array<Name, 3> kNames = {"passed", "failed", "skipped"};
  return kNames;
}
std::span<const Name> enum_names(RunStatus) {
  static constexpr std::array<Name, 2> kNames = {"partial", "complete"};
  return kNames;
}

std::int64_t Result::count(CaseStatus of) const {
  return std::ranges::count(cases, of, &CaseResult::status);
}

const std::string& shown_name(const Result& result) {
  return result.label.empty() ? result.name : result.label;
}

std::int64_t sessions_of(const CaseResult& one, const MetricResult& metric) {
  const auto series = one.series.find(metric.of);
  const auto sessions = series == one.series.end() ? 0 : std::ssize(series->second.sessions);
  return std::max<std::int64_t>(1, sessions);
}

std::string peak_label(std::string_view peak) {
  static constexpr std::array<Name, kPaths> kOfPaths = {"memory", "host link", "peer link", "storage",
                                                        "network"};
  if (const auto path = path_from(peak))
    return std::string(kOfPaths[static_cast<std::size_t>(*path)]) + " bandwidth";
  return std::string(peak) + " arithmetic";
}

}  // namespace assay
