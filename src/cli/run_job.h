// SPDX-License-Identifier: Apache-2.0
// One `assay run`: configs and devices in, a folder with result.json and reports out. What is to be run
// (agenda.h), how it is kept (record.h) and what a person sees meanwhile (progress.h) are things of their
// own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace assay {

struct Result;

/// The command line.
struct RunJob {
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> devices = {"auto"};
  std::filesystem::path out;  // empty: out/<name>
  bool replace = false;       // results that are there already
  std::string title;          // of the reports; empty: the config's name
  std::vector<std::string> overrides;
  bool quick = false;
  std::optional<std::filesystem::path> weights;
  std::map<std::string, std::string> forced_kernels;
  std::optional<std::filesystem::path> choices;  // a result whose kernels are used again
  bool choose_missing = false;                   // what they do not serve is chosen anew
  bool interleave = false;                       // interleaved.h
  std::optional<std::filesystem::path> against;  // another build, whose turns are side a; implies interleave
  std::optional<std::uint64_t> order_seed;       // of the turns; else the config's
  std::optional<double> budget_s;
  std::string only;
  bool no_time = false;
  bool no_op_times = false;
  bool no_probes = false;  // of peaks, before and after the cases
  bool allow_skips = false;
  bool tells_results = true;  // where they lie, on standard output
  std::vector<std::string> formats;
  std::shared_ptr<const Result> resumes;  // in `out`: what is kept of a run that was cut short (resume.h)
};

/// Sets context.exit_code.
void run_job(const RunJob& job, Context& context);

}  // namespace assay
