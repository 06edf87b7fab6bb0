// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says what is going on, for how long, and about how much longer; with --verbose
// also a line a phase.
#pragma once

#include <chrono>
#include <string>

#include "cli/context.h"
#include "measure/runner.h"

namespace assay {

class ProgressLine {
 public:
  ProgressLine(const Context& context, std::size_t cases)
      : context_(context), shown_(context.progress()), cases_(cases) {}
  ~ProgressLine() { clear(); }

  void start_case(std::size_t index, const std::string& id);
  void show(const Progress& progress);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  /// With --verbose: when each phase of a case began, and which ops took long.
  void note_phase(const Progress& progress);

  const Context& context_;
  const bool shown_;
  const std::size_t cases_;
  std::size_t index_ = 0;
  std::string id_, phase_, detail_;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point drawn_ = {}, detail_began_ = {};
};

}  // namespace assay
