// SPDX-License-Identifier: Apache-2.0
#include "measure/kernel_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "measure/cold_timer.h"
#include "measure/op_data.h"
#include "measure/session.h"
#include "statistics/statistics.h"

namespace assay {
namespace {

// To tell kernels apart, not to report them: the winner is timed again in its place.
constexpr StopRule kBrief{.target_ci = 0.03, .min_seconds = 0, .max_seconds = 0.25};

std::optional<double> if_finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

OpVerification record(const Op& op, const KernelEntry& entry, const KernelCheck& check) {
  OpVerification row;
  row.op = op.kind();
  row.shape = op.shape();
  row.kernel = entry.name;
  row.reason = check.reason;
  if (check.status == KernelCheck::Status::skipped) {
    row.status = "skipped";
    return row;
  }
  row.status = check.status == KernelCheck::Status::passed ? "passed" : "failed";
  row.error = if_finite(check.error);
  row.tolerance = check.tolerance;
  row.tolerance_factors = check.tolerance_factors;
  row.checked = check.checked;
  return row;
}

struct Candidate {
  std::string name;
  std::shared_ptr<Kernel> kernel;
};

/// Median seconds of each, sampled in rounds.
std::vector<double> time_candidates(std::span<const Candidate> candidates, OpData& data, Device& device,
                                    const Watch& watch) {
  ColdTimer timer(device);
  std::vector<std::unique_ptr<Program>> programs;
  for (const Candidate& candidate : candidates)
    programs.push_back(
        device.record([&](Stream& stream) { candidate.kernel->launch(stream, data.in(), data.out()); }));
  std::vector<Take> takes;
  for (const auto& program : programs)
    takes.push_back([&](std::int64_t repeats) {
      return timer.seconds(
          repeats, [&] { data.reset_in_place(); }, [&] { program->launch(device.stream()); });
    });
  std::vector<double> medians;
  for (const Samples& samples : sample_together(takes, kBrief, timer.limits(), watch))
    medians.push_back(samples.seconds.empty() ? INFINITY : median(samples.seconds));
  return medians;
}

void take_fastest(KernelChoice& choice, std::span<const Candidate> right, std::span<const double> seconds) {
  const auto fastest = static_cast<std::size_t>(std::ranges::min_element(seconds) - seconds.begin());
  choice.name = right[fastest].name;
  choice.kernel = right[fastest].kernel;
  for (std::size_t i = 0; i < right.size(); ++i)
    if (i != fastest && std::isfinite(seconds[i])) choice.rejected[right[i].name] = seconds[i];
}

}  // namespace

std::vector<std::shared_ptr<const Op>> distinct_ops(const Plan& plan) {
  std::vector<std::shared_ptr<const Op>> ops;
  std::set<std::string> seen;
  for (const auto& stage : plan.stages())
    for (const Step& step : stage->steps)
      if (seen.insert(op_key(*step.op)).second) ops.push_back(step.op);
  return ops;
}

void check_forced_kernels(const std::map<std::string, std::string>& forced, const KernelTable& kernels) {
  for (const auto& [op, name] : forced) {
    std::vector<std::string> ops, names;
    for (const KernelEntry& entry : kernels) {
      if (std::ranges::count(ops, entry.op) == 0) ops.emplace_back(entry.op);
      if (entry.op == op) names.emplace_back(entry.name);
    }
    if (names.empty())
      throw Error(ExitCode::bad_input, fmt::format("--kernel: this device has no kernel for op \"{}\"", op),
                  "ops: " + join(ops, ", "));
    if (std::ranges::count(names, name) == 0)
      throw Error(ExitCode::bad_input,
                  fmt::format("--kernel: {} has no kernel \"{}\" on this device", op, name),
                  fmt::format("{}: {}", op, join(names, ", ")));
  }
}

KernelChoice choose_kernel(std::shared_ptr<const Op> op, OpenDevice& device, const RunOptions& options,
                           const Watch& watch) {
  KernelChoice choice;
  choice.op = op;
  const auto forced = options.forced_kernels.find(std::string(op->kind()));
  std::optional<OpData> data;
  std::vector<Candidate> right;
  std::string refusals;
  for (const KernelEntry& entry : device.kernels) {
    if (entry.op != op->kind()) continue;
    if (forced != options.forced_kernels.end() && forced->second != entry.name) continue;
    std::shared_ptr<Kernel> kernel;
    try {
      kernel = entry.make(*op, *device.device);
    } catch (const Unsupported& refusal) {
      choice.checks.push_back(
          record(*op, entry, {.status = KernelCheck::Status::skipped, .reason = refusal.what()}));
      refusals += fmt::format("; {}: {}", entry.name, refusal.what());
      continue;
    }
    if (!data) data.emplace(op, *device.device, options.seed);
    const KernelCheck check = data->verify(*kernel);
    choice.checks.push_back(record(*op, entry, check));
    if (check.status == KernelCheck::Status::passed) {
      right.push_back({std::string(entry.name), std::move(kernel)});
    } else if (!choice.wrong) {
      choice.wrong = true;
      choice.problem = fmt::format("{}, kernel {}: {}", op_key(*op), entry.name, check.reason);
    }
  }
  if (choice.wrong) return choice;
  if (right.empty()) {
    choice.problem = fmt::format("no kernel serves {}{}", op_key(*op), refusals);
  } else if (right.size() == 1 || !options.time) {
    choice.name = right.front().name;
    choice.kernel = right.front().kernel;
  } else {
    take_fastest(choice, right, time_candidates(right, *data, *device.device, watch));
  }
  return choice;
}

}  // namespace assay
