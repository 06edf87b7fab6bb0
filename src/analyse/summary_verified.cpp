// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <tuple>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

/// Up to here a tolerance is one rounding and what is small beside it.
constexpr double kOneRounding = 1.25;

/// A kernel that rounds its output once uses such a tolerance up nearly whole: it is right, not nearly wrong.
bool hardly_more_than_rounding(const OpVerification& op) {
  return op.rounding && op.tolerance && *op.tolerance <= kOneRounding * *op.rounding;
}

void add_not_served(Summary& summary, VerifiedOp op) {
  const auto same = [&](const NotServed& other) {
    return std::tie(other.device, other.op, other.kernel, other.reason) ==
           std::tie(op.device, op.op, op.kernel, op.reason);
  };
  auto at = std::ranges::find_if(summary.not_served, same);
  if (at == summary.not_served.end())
    at = summary.not_served.insert(at, {op.device, op.op, op.kernel, op.reason, {}});
  at->shapes.push_back(std::move(op.shape));
}

/// After `verified` is in its order: the first of a kernel is its worst.
void add_kernels(Summary& summary) {
  for (const VerifiedOp& op : summary.verified) {
    const auto same = [&](const VerifiedKernel& other) {
      return op.status == CheckStatus::passed && other.worst.status == op.status &&
             std::tie(other.worst.device, other.worst.op, other.worst.kernel) ==
                 std::tie(op.device, op.op, op.kernel);
    };
    auto at = std::ranges::find_if(summary.verified_kernels, same);
    if (at == summary.verified_kernels.end())
      at = summary.verified_kernels.insert(at, {.worst = op, .shapes = 0, .checked = 0});
    ++at->shapes;
    at->checked += op.checked;
  }
}

}  // namespace

void add_verified(Summary& summary, std::span<const Result> results) {
  std::map<std::tuple<std::size_t, std::string, std::string, std::string>, VerifiedOp> all;
  for (const CaseSummary& c : summary.cases) {
    const auto& verification = results[c.result].cases[c.index].verification;
    if (!verification) continue;
    if (const auto& in_situ = verification->in_situ) {
      ++summary.in_situ_cases;
      summary.in_situ_ops += in_situ->ops;
      summary.in_situ_values += in_situ->values;
      if (in_situ->status == CheckStatus::failed)
        summary.in_situ_failures.push_back(c.id + ": " + in_situ->reason);
    }
    for (const OpVerification& op : verification->ops) {
      summary.elements_checked += op.checked;
      VerifiedOp one{.device = c.device,
                     .op = op.op,
                     .shape = op.shape,
                     .kernel = op.kernel,
                     .status = op.status,
                     .reason = op.reason,
                     .error = op.error,
                     .tolerance = op.tolerance,
                     .used = {},
                     .one_rounding = hardly_more_than_rounding(op),
                     .tolerance_factors = op.tolerance_factors,
                     .checked = op.checked};
      if (op.error && op.tolerance && *op.tolerance > 0) one.used = *op.error / *op.tolerance;
      const auto [kept, is_new] = all.try_emplace({c.device, op.op, op.shape, op.kernel}, one);
      const bool graver = one.status == CheckStatus::failed && kept->second.status != CheckStatus::failed;
      const bool milder = one.status != CheckStatus::failed && kept->second.status == CheckStatus::failed;
      if (!is_new && !milder && (graver || one.used.value_or(-1) > kept->second.used.value_or(-1)))
        kept->second = one;
    }
  }
  for (auto& [key, op] : all) {
    ++(op.status == CheckStatus::passed   ? summary.ops_passed
       : op.status == CheckStatus::failed ? summary.ops_failed
                                          : summary.ops_skipped);
    if (op.status == CheckStatus::skipped)
      add_not_served(summary, std::move(op));
    else
      summary.verified.push_back(std::move(op));
  }
  std::stable_sort(summary.verified.begin(), summary.verified.end(),
                   [](const VerifiedOp& a, const VerifiedOp& b) {
                     return std::pair(a.status != CheckStatus::failed, -a.used.value_or(-1)) <
                            std::pair(b.status != CheckStatus::failed, -b.used.value_or(-1));
                   });
  add_kernels(summary);
}

}  // namespace assay
