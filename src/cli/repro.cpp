// SPDX-License-Identifier: Apache-2.0
#include "cli/repro.h"

namespace assay {
namespace {

std::string quoted(const std::string& word) {
  if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,") ==
      std::string::npos)
    return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string exactly(const std::string& case_id) {
  std::string pattern = "^";
  for (const char c : case_id)
    pattern +=
        std::string(std::string_view(".[](){}*+?^$|\\").find(c) == std::string_view::npos ? "" : "\\") + c;
  return pattern + "$";
}

std::string repro_line(const RunJob& job, const std::string& device, const std::string& case_id) {
  std::string line = "assay run";
  for (const auto& config : job.configs) line += " " + quoted(config.string());
  line += " --device " + device;
  for (const std::string& change : job.overrides) line += " --set " + quoted(change);
  if (job.quick) line += " --quick";
  if (job.weights) line += " --weights " + quoted(job.weights->string());
  for (const auto& [op, kernel] : job.forced_kernels) line += " --kernel " + quoted(op + "=" + kernel);
  if (job.choices) line += " --choices " + quoted(job.choices->string());
  if (job.choose_missing) line += " --choose-missing";
  if (job.interleave) line += " --interleave";
  if (job.against) line += " --against " + quoted(job.against->string());
  if (job.order_seed) line += " --order-seed " + std::to_string(*job.order_seed);
  if (job.no_op_times) line += " --no-op-times";
  if (job.no_probes) line += " --no-probes";
  if (job.no_time) line += " --no-time";
  return line + " --only " + quoted(exactly(case_id));
}

}  // namespace assay
