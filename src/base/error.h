// SPDX-License-Identifier: Apache-2.0
// Failures that people act on. Our own mistakes are std::logic_error and never meant to be read by users.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace assay {

enum class ExitCode {
  ok = 0,
  gate_failed = 1,
  bad_input = 2,
  device_failed = 3,
  wrong_result = 4,
  inconclusive = 5,
  interrupted = 130,
};

/// A failure a person must act on: what is wrong (with the value found), and what would be right.
struct Error : std::runtime_error {
  Error(ExitCode exit_code, const std::string& what, std::string what_would_be_right = {})
      : std::runtime_error(what), code(exit_code), hint(std::move(what_would_be_right)) {}
  ExitCode code;
  std::string hint;
};

/// A kernel (or a whole case) that cannot serve what it is asked for, with the reason: it becomes
/// `skipped: reason` in the result and the run goes on.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace assay
