// SPDX-License-Identifier: Apache-2.0
// The exit code of a run in which several things went wrong.
#pragma once

#include "base/error.h"

namespace assay {

/// Keeps the worst: wrong numbers before failed devices before bad input before nothing measured.
class ExitOutcome {
 public:
  void add(ExitCode code) {
    if (rank(code) > rank(worst_)) worst_ = code;
  }
  ExitCode worst() const { return worst_; }

 private:
  static int rank(ExitCode code) {
    switch (code) {
      case ExitCode::wrong_result: return 4;
      case ExitCode::device_failed: return 3;
      case ExitCode::bad_input: return 2;
      case ExitCode::inconclusive: return 1;
      default: return 0;
    }
  }
  ExitCode worst_ = ExitCode::ok;
};

}  // namespace assay
