// SPDX-License-Identifier: Apache-2.0
// Another program, run to its end.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay {

struct ChildEnd {
  int exit_code = -1;  // -1: a signal ended it
  int signal = 0;
  bool too_long = false;  // it was ended, with all that it had started, when its time was up
  std::string said;       // stdout and stderr, as they came
};

/// It has a process group of its own, so that a Ctrl-C reaches us alone; the first one is passed on, and it
/// is waited for all the same. Where we are killed, it is asked to end. Needs catch_interrupts().
ChildEnd run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                   std::optional<std::chrono::milliseconds> at_most = {});

}  // namespace assay
