// SPDX-License-Identifier: Apache-2.0
#include "measure/kernel_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/text.h"
#include "measure/candidates.h"
#include "measure/op_data.h"
#include "measure/session.h"
#include "plan/step_groups.h"

namespace assay {
namespace {

constexpr std::string_view kChooseAnew = "run without --choices, which chooses by measurement";

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
    row.status = CheckStatus::skipped;
    return row;
  }
  row.status = check.status == KernelCheck::Status::passed ? CheckStatus::passed : CheckStatus::failed;
  row.error = if_finite(check.error);
  row.tolerance = check.tolerance;
  row.rounding = op.tolerance().rounding();
  row.tolerance_factors = check.tolerance_factors;
  row.checked = check.checked;
  return row;
}

std::string variant_name(const Kernel& kernel, std::size_t variant) {
  const std::vector<std::string> names = kernel.variants();
  return names.empty() ? "" : names.at(variant);
}

class Chooser {
 public:
  Chooser(std::shared_ptr<const Op> op, const Site& site, const RunOptions& options, const Watch& watch,
          std::span<const std::size_t> weights)
      : op_(*op),
        kernels_(site.kernels),
        lane_(*site.lane),
        options_(options),
        watch_(watch),
        weights_(weights) {
    choice_.op = std::move(op);
  }
  KernelChoice by_measurement();
  KernelChoice as_chosen(const ChosenKernel& chosen);

 private:
  /// A kernel whose variants so far verified are right.
  struct Right {
    const KernelEntry* entry;
    std::shared_ptr<Kernel> kernel;
    std::size_t row;  // of choice_.checks
  };
  OpData& data() {
    if (!data_) data_.emplace(choice_.op, lane_, options_.seed);
    return *data_;
  }
  /// Throws Unsupported with the reason.
  std::shared_ptr<Kernel> make(const KernelEntry& entry) {
    std::shared_ptr<Kernel> kernel = entry.make(op_, lane_);
    const std::string objection = packing_objection(*kernel, op_, weights_);
    if (!objection.empty()) throw Unsupported(objection);
    return kernel;
  }
  void verify(const KernelEntry& entry, std::shared_ptr<Kernel> kernel, std::size_t variant);
  void verify_again(const Right& right, std::size_t variant);
  void say_wrong(const KernelEntry& entry, const Kernel& kernel, std::size_t variant,
                 const KernelCheck& check);
  void take_fastest();
  void take(const Right& right, std::size_t variant);

  const Op& op_;
  const KernelTable kernels_;
  Lane& lane_;
  const RunOptions& options_;
  const Watch& watch_;
  const std::span<const std::size_t> weights_;
  std::optional<OpData> data_;
  std::vector<Right> right_;
  KernelChoice choice_;
};

void Chooser::say_wrong(const KernelEntry& entry, const Kernel& kernel, std::size_t variant,
                        const KernelCheck& check) {
  if (choice_.wrong) return;
  choice_.wrong = true;
  const std::string name = variant_name(kernel, variant);
  choice_.problem = fmt::format("{}, kernel {}{}: {}", op_key(op_), entry.name,
                                name.empty() ? "" : fmt::format(" ({})", name), check.reason);
}

void Chooser::verify(const KernelEntry& entry, std::shared_ptr<Kernel> kernel, std::size_t variant) {
  kernel->use(variant);
  const KernelCheck check = data().verify(*kernel);
  choice_.checks.push_back(record(op_, entry, check));
  if (check.status == KernelCheck::Status::passed)
    right_.push_back({&entry, std::move(kernel), choice_.checks.size() - 1});
  else
    say_wrong(entry, *kernel, variant, check);
}

/// In another variant than the first. The row of the kernel is that of its larger error.
void Chooser::verify_again(const Right& right, std::size_t variant) {
  right.kernel->use(variant);
  const KernelCheck check = data().verify(*right.kernel);
  OpVerification& row = choice_.checks[right.row];
  const bool passed = check.status == KernelCheck::Status::passed;
  if (!passed || check.error > row.error.value_or(INFINITY)) row = record(op_, *right.entry, check);
  if (!passed) say_wrong(*right.entry, *right.kernel, variant, check);
}

void Chooser::take(const Right& right, std::size_t variant) {
  choice_.chosen = {right.entry, variant_name(*right.kernel, variant)};
  choice_.workspace_bytes = right.kernel->workspace_bytes();
  choice_.flops_saved = right.kernel->flops_saved();
  choice_.packs = right.kernel->packs();
}

// Until here nothing but the first variant of each kernel is known to be right. Times only tell which others
// to look at: those that are used, or that a figure is given of, are verified before they count.
void Chooser::take_fastest() {
  std::vector<Candidate> all;
  std::vector<std::size_t> owner;  // of a candidate: index into right_
  for (std::size_t k = 0; k < right_.size(); ++k)
    for (const Candidate& candidate : candidates_of(*right_[k].kernel)) {
      all.push_back(candidate);
      owner.push_back(k);
    }
  if (all.size() == 1) return take(right_.front(), 0);
  // Copies of weights are of no use to a kernel that has packed them: then all are timed alone.
  const bool packed =
      std::ranges::any_of(right_, [](const Right& right) { return !right.kernel->packs().empty(); });
  const InputSets sets = packed ? InputSets(data()) : InputSets(data(), lane_, weights_);
  const std::vector<double> seconds = time_candidates(all, data(), lane_, watch_, sets);
  const std::size_t taken = first_as_fast(seconds);
  std::vector<std::size_t> best(right_.size(), all.size());  // of a kernel: its candidate
  best[owner[taken]] = taken;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (std::size_t& b = best[owner[i]];
        owner[i] != owner[taken] && (b == all.size() || seconds[i] < seconds[b]))
      b = i;
  for (std::size_t k = 0; k < right_.size(); ++k) {
    if (all[best[k]].variant != 0) verify_again(right_[k], all[best[k]].variant);
    if (best[k] != taken && std::isfinite(seconds[best[k]]))
      choice_.rejected[std::string(right_[k].entry->name)] = seconds[best[k]];
  }
  if (!choice_.wrong) take(right_[owner[taken]], all[taken].variant);
}

KernelChoice Chooser::by_measurement() {
  auto forced = options_.forced_kernels.find(std::string(op_.kind()));
  const auto is_forced = [&](const KernelEntry& entry) {
    return entry.op == op_.kind() && entry.name == forced->second;
  };
  // One of the device is none of the host that feeds it.
  if (forced != options_.forced_kernels.end() && std::ranges::none_of(kernels_, is_forced))
    forced = options_.forced_kernels.end();
  std::string refusals;
  for (const KernelEntry& entry : kernels_) {
    if (entry.op != op_.kind()) continue;
    if (forced != options_.forced_kernels.end() && forced->second != entry.name) continue;
    try {
      verify(entry, make(entry), 0);
    } catch (const Unsupported& refusal) {
      choice_.checks.push_back(
          record(op_, entry, {.status = KernelCheck::Status::skipped, .reason = refusal.what()}));
      refusals += fmt::format("; {}: {}", entry.name, refusal.what());
    }
  }
  if (choice_.wrong) return std::move(choice_);
  if (right_.empty())
    choice_.problem =
        fmt::format("no kernel serves {}{}{}", op_key(op_), op_.unserved().empty() ? "" : " yet", refusals);
  else if (options_.time)
    take_fastest();
  else
    take(right_.front(), 0);
  return std::move(choice_);
}

KernelChoice Chooser::as_chosen(const ChosenKernel& chosen) {
  const auto entry = std::ranges::find_if(kernels_, [&](const KernelEntry& candidate) {
    return candidate.op == op_.kind() && candidate.name == chosen.kernel;
  });
  const auto refuse = [&](const std::string& why) {
    throw Error(ExitCode::bad_input,
                fmt::format("--choices: {} used kernel \"{}\"{}, {}", op_key(op_), chosen.kernel,
                            chosen.variant.empty() ? "" : fmt::format(" ({})", chosen.variant), why),
                std::string(kChooseAnew));
  };
  if (entry == kernels_.end()) refuse("which this build has not on " + lane_.device().info().id);
  std::shared_ptr<Kernel> kernel;
  try {
    kernel = make(*entry);
  } catch (const Unsupported& refusal) {
    refuse(fmt::format("which does not serve it on {}: {}", lane_.device().info().id, refusal.what()));
  }
  const std::vector<std::string> names = kernel->variants();
  const auto variant = static_cast<std::size_t>(std::ranges::find(names, chosen.variant) - names.begin());
  if (names.empty() ? !chosen.variant.empty() : variant == names.size())
    refuse(fmt::format("which has no such variant on {}", lane_.device().info().id));
  verify(*entry, kernel, variant);
  if (!choice_.wrong) take(right_.front(), variant);
  return std::move(choice_);
}

}  // namespace

void check_forced_kernels(const std::map<std::string, std::string>& forced,
                          std::span<const OpenDevice> devices) {
  for (const auto& [op, name] : forced)
    for (const OpenDevice& open : devices) {
      const std::string& id = open.device->info().id;
      std::vector<std::string> ops, names;
      for (const KernelEntry& entry : open.kernels) {
        if (std::ranges::count(ops, entry.op) == 0) ops.emplace_back(entry.op);
        if (entry.op == op) names.emplace_back(entry.name);
      }
      if (names.empty())
        throw Error(ExitCode::bad_input, fmt::format("--kernel: {} has no kernel for op \"{}\"", id, op),
                    "ops: " + join(ops, ", "));
      if (std::ranges::count(names, name) == 0)
        throw Error(ExitCode::bad_input,
                    fmt::format("--kernel: {} has no kernel \"{}\" for {}", id, name, op),
                    fmt::format("{}: {}", op, join(names, ", ")));
    }
}

KernelChoice choose_kernel(std::shared_ptr<const Op> op, Place place, const Site& site,
                           const RunOptions& options, const Watch& watch,
                           std::span<const std::size_t> weights) {
  const auto chosen = options.choices.find(placed_key(*op, place));
  const bool forced = options.forced_kernels.contains(std::string(op->kind()));
  if (chosen != options.choices.end() && !forced) {
    try {
      return Chooser(op, site, options, watch, weights).as_chosen(chosen->second);
    } catch (const Error& refusal) {
      if (!options.choose_missing || refusal.code != ExitCode::bad_input) throw;
    }
  }
  return Chooser(std::move(op), site, options, watch, weights).by_measurement();
}

}  // namespace assay
