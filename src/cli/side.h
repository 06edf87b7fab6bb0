// SPDX-License-Identifier: Apache-2.0
// One of the two sides that take turns: a build of assay with its configs, and what its turns have left so
// far.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/run_job.h"
#include "measure/merged_turns.h"

namespace assay {

/// Another build of assay may lack the newer options that make turns shorter.
struct Build {
  std::filesystem::path program;
  bool knows_short = true, knows_missing = true;
};
Build this_build();
/// Error(bad_input) where it is no assay that can take part.
Build other_build(const std::filesystem::path& program);

class Side {
 public:
  /// `job` holds the configs of this side alone, and `rule` the measuring of all its turns together.
  Side(char letter, Build build, const RunJob& job, const StopRule& rule, std::filesystem::path folder);

  /// A turn that is not counted: kernels are chosen in it, or taken from the result `like` where they can be,
  /// operations are timed and peaks probed. Error where nothing came of it.
  void choose(const std::optional<std::filesystem::path>& like);
  /// One case's part of a turn, with the kernels chosen; shortened: without what the turn that chose has
  /// found already. It never throws for what happens in it.
  void take_turn(std::int64_t number, const std::string& case_id, bool shortened);

  char letter() const { return letter_; }
  const Build& build() const { return build_; }
  std::string made_by() const;                // "assay 0.1.0 (1596b7b), config quick"
  std::filesystem::path chosen_file() const;  // the result of choose()
  const Result& chosen() const { return chosen_; }
  std::vector<std::string> to_time() const;       // ids of cases that are neither skipped nor failed
  int worst_exit() const { return worst_exit_; }  // of turns that ended by themselves
  Result result(bool interrupted) const;

 private:
  std::vector<std::string> arguments(const std::filesystem::path& folder, const std::string& only) const;
  TurnResult run(std::int64_t number, const std::filesystem::path& folder, const std::string& only,
                 std::vector<std::string> more);
  /// For a turn's part of a case: its share, and what earlier turns left of theirs.
  double quiet_wait_of(const std::string& case_id) const;

  const char letter_;
  const Build build_;
  const RunJob job_;
  const StopRule rule_;
  const std::filesystem::path folder_;  // of all turns
  Result chosen_;
  std::vector<TurnResult> turns_;
  int worst_exit_ = 0;
};

}  // namespace assay
