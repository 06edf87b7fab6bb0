// SPDX-License-Identifier: Apache-2.0
// What the experiments found: a line a figure, at once, and a JSON file that is written anew after each
// experiment and every second or so, so that whoever ends the program keeps what was measured.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/json_fields.h"

namespace assay::experiments {

/// How the device was while a figure was taken. Empty: not known.
struct Conditions {
  std::optional<double> sm_clock_mhz, power_w;
  std::string throttle;  // reasons, joined
};

struct Figure {
  std::string case_name;
  double value = 0;
  std::string unit;
  double low = 0, high = 0;  // p10 and p90
  std::int64_t n = 0;        // replays
  Conditions conditions = {};
  std::string note = {};
};

class Record {
 public:
  /// `header` stands in the file before the rows. No file where `json` is empty.
  Record(std::filesystem::path json, Json header);

  void begin(const std::string& experiment, const std::string& question);
  void end();
  void add(const Figure& figure);
  /// What gave no figure, and why.
  void missing(const std::string& case_name, const std::string& reason);

 private:
  void add_row(Json row);
  void save();

  const std::filesystem::path path_;
  Json file_;
  std::string experiment_;
  std::chrono::steady_clock::time_point saved_ = {};
};

}  // namespace assay::experiments
