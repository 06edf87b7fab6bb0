// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says what is going on, for how long, and about how much longer; with --verbose
// also a line a phase.
#pragma once

#include <string>
#include <utility>

#include "cli/context.h"
#include "measure/runner.h"
#include "measure/sampler.h"

namespace assay {

class ProgressLine {
 public:
  ProgressLine(const Context& context, std::size_t cases, Watch watch = real_watch())
      : context_(context), shown_(context.progress()), cases_(cases), watch_(std::move(watch)) {}
  ~ProgressLine() { clear(); }

  void start_case(std::size_t index, const std::string& id);
  void show(const Progress& progress);
  void clear();

 private:
  /// With --verbose: when each phase of a case began, and which ops took long.
  void note_phase(const Progress& progress);

  const Context& context_;
  const bool shown_;
  const std::size_t cases_;
  std::size_t index_ = 0;
  std::string id_, phase_, detail_;
  const Watch watch_;
  const double started_s_ = watch_.now_s();
  double drawn_s_ = 0, detail_began_s_ = 0;
};

}  // namespace assay
