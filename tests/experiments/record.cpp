// SPDX-License-Identifier: Apache-2.0
#include "experiments/record.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "base/json_file.h"
#include "base/units.h"

namespace assay::experiments {
namespace {

constexpr std::chrono::seconds kBetweenSaves{1};  // a save waits for the disk, and the GPU for us

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{:.0f}", *value) : std::string(kUnknown);
}

}  // namespace

Record::Record(std::filesystem::path json, Json header) : path_(std::move(json)), file_(std::move(header)) {
  file_["rows"] = Json::array();
}

void Record::begin(const std::string& experiment, const std::string& question) {
  experiment_ = experiment;
  fmt::print("\n== {}: {}\n{:<15}{:<46}{:>10} {:<9}{:>10} {:>10}{:>5}{:>6}{:>6}  {}\n", experiment, question,
             "experiment", "case", "value", "unit", "p10", "p90", "n", "MHz", "W", "throttle, note");
  std::fflush(stdout);
}

void Record::add(const Figure& f) {
  const Conditions& c = f.conditions;
  fmt::print("{:<15}{:<46}{:>10.4g} {:<9}{:>10.4g} {:>10.4g}{:>5}{:>6}{:>6}  {}{}{}\n", experiment_,
             f.case_name, f.value, f.unit, f.low, f.high, f.n, text_of(c.sm_clock_mhz), text_of(c.power_w),
             c.throttle.empty() ? "-" : c.throttle, f.note.empty() ? "" : "; ", f.note);
  add_row({{"experiment", experiment_},
           {"case", f.case_name},
           {"value", f.value},
           {"unit", f.unit},
           {"low", f.low},
           {"high", f.high},
           {"n", f.n},
           {"sm_clock_mhz", or_null(c.sm_clock_mhz)},
           {"power_w", or_null(c.power_w)},
           {"throttle", c.throttle},
           {"note", f.note}});
}

void Record::missing(const std::string& case_name, const std::string& reason) {
  fmt::print("{:<15}{:<46}{:>10} {}\n", experiment_, case_name, kUnknown, reason);
  add_row({{"experiment", experiment_},
           {"case", case_name},
           {"value", nullptr},
           {"unit", ""},
           {"low", nullptr},
           {"high", nullptr},
           {"n", 0},
           {"sm_clock_mhz", nullptr},
           {"power_w", nullptr},
           {"throttle", ""},
           {"note", reason}});
}

void Record::add_row(Json row) {
  std::fflush(stdout);
  file_["rows"].push_back(std::move(row));
  if (std::chrono::steady_clock::now() - saved_ >= kBetweenSaves) save();
}

void Record::end() {
  std::fflush(stdout);
  save();
}

void Record::save() {
  if (!path_.empty()) save_json(path_, file_);
  saved_ = std::chrono::steady_clock::now();
}

}  // namespace assay::experiments
