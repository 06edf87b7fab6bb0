// SPDX-License-Identifier: Apache-2.0
// Blocks of draws, as passes give them: with one lane a block is a pass; with several it is a stretch in
// which each lane runs one pass after another while the others run theirs.
//
// In such a stretch a lane's pass is timed by the host's clock, from its inputs in place to its end: what
// waits for the other lanes is in it, as it is for whoever waits for the answer. Throughput is what windows
// say: the time in which as many passes end as there are lanes, one window after the other, while every lane
// is at work; making the next inputs is in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "measure/lanes.h"
#include "measure/pass.h"

namespace assay {

struct BlockOfDraws {
  std::vector<std::string> series;         // names, of each
  std::vector<std::vector<double>> draws;  // seconds
  bool whole = false;                      // not interrupted within
  bool late = false;                       // the device began before all was enqueued
  std::optional<double> clock_hz;          // of the device
};

/// A window ends with each `lanes`-th of the times at which passes end, from the first on.
std::vector<double> windows_of(std::vector<double> ends_s, std::size_t lanes);

/// Takes blocks, one after the other; each pass has inputs of its own.
class BlocksOfPasses {
 public:
  static constexpr std::int64_t kWindows = 4;  // at least, of a block

  /// Sessions are open on all lanes. `next_pass` is the number of the next pass, and is moved on.
  BlocksOfPasses(Lanes& lanes, const Plan& plan, const Watch& watch, std::uint64_t& next_pass);
  ~BlocksOfPasses();

  /// The series that a block has draws of: stages of the pass, "pass", and "window" where lanes are several.
  const std::vector<std::string>& series() const { return series_; }
  BlockOfDraws take();
  bool clocked() const { return clock_ != nullptr; }

 private:
  BlockOfDraws one_pass();
  BlockOfDraws a_stretch();
  Lanes& lanes_;
  const Plan& plan_;
  const Watch& watch_;
  std::uint64_t& next_pass_;
  std::vector<std::string> series_;
  std::vector<std::size_t> stages_;  // of the pass, in the order of series_
  std::unique_ptr<ClockMeter> clock_;
};

}  // namespace assay
