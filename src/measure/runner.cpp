// SPDX-License-Identifier: Apache-2.0
#include "measure/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "measure/digest.h"
#include "measure/kernel_choice.h"
#include "measure/metrics.h"
#include "measure/op_times.h"
#include "measure/session.h"
#include "measure/stage_times.h"
#include "measure/weights.h"

namespace assay {
namespace {

constexpr std::string_view kInterrupted = "interrupted";

class Runner {
 public:
  Runner(const Plan& plan, OpenDevice& device, const Peaks& peaks, const RunOptions& options)
      : plan_(plan),
        open_(device),
        device_(*device.device),
        peaks_(peaks),
        options_(options),
        watch_(real_watch(options.interrupted)) {
    if (options.now_s) watch_.now_s = options.now_s;
  }

  CaseResult run();

 private:
  void describe_case();
  void choose_kernels();
  bool fits();
  void check_pipeline(Session& session);
  void time(Session& session);
  void time_ops_of(Session& session, std::size_t stage);
  void add_headlines(const StageTimes& times);
  void say(std::string phase, std::string detail, std::int64_t done, std::int64_t total) const {
    if (options_.progress) options_.progress({std::move(phase), std::move(detail), done, total});
  }
  void end(std::string status, std::string reason) {
    result_.status = std::move(status);
    result_.reason = std::move(reason);
  }
  bool ended() const { return !result_.status.empty(); }

  const Plan& plan_;
  OpenDevice& open_;
  Device& device_;
  const Peaks& peaks_;
  const RunOptions& options_;
  Watch watch_;
  std::optional<SafeTensors> weights_;
  std::map<std::string, KernelChoice> choices_;  // by op_key
  std::vector<std::vector<double>> first_pass_;
  CaseResult result_;
};

void Runner::describe_case() {
  result_.device = device_.info().id;
  const ModelFacts& facts = plan_.facts;
  result_.model = {{"architecture", facts.architecture},
                   {"parameters", facts.parameters},
                   {"active_parameters", facts.active_parameters},
                   {"kv_bytes_per_token", JsonWriter::write(facts.kv_bytes_per_token)}};

  MemoryResult memory;
  memory.weight_bytes = plan_.weight_bytes();
  for (const PlanTensor& tensor : plan_.tensors())
    if (tensor.role == Role::input || tensor.role == Role::state) memory.state_bytes += tensor.spec.bytes();
  const MemoryPlan layout = plan_memory(plan_);
  memory.activation_bytes = layout.arena_bytes;
  memory.planned_peak_bytes = layout.peak_bytes();
  result_.memory = memory;

  for (const auto& stage : plan_.stages()) {
    const Cost cost = stage->cost();
    StageResult& row = result_.stages.emplace_back();
    row.name = stage->name;
    row.iterations = stage->iterations;
    row.flops = cost.flops;
    row.bytes = cost.bytes();
  }
}

bool Runner::fits() {
  const std::int64_t needed = result_.memory->planned_peak_bytes, free = device_.free_bytes();
  if (needed <= free) return true;
  end("skipped", fmt::format("needs {} bytes, {} free on {}", needed, free, device_.info().id));
  return false;
}

/// Checks every candidate of every op; a wrong one fails the case, one that is missing skips it.
void Runner::choose_kernels() {
  VerificationResult verification;
  verification.status = "passed";
  std::string wrong, missing;
  const auto ops = distinct_ops(plan_);
  double nearest = -1;  // error as a share of its tolerance
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (watch_.stopped()) return end("skipped", std::string(kInterrupted));
    say("verify", op_key(*ops[i]), static_cast<std::int64_t>(i), static_cast<std::int64_t>(ops.size()));
    KernelChoice choice = choose_kernel(ops[i], open_, options_, watch_);
    if (choice.wrong && wrong.empty()) wrong = choice.problem;
    if (!choice.wrong && choice.kernel == nullptr && missing.empty()) missing = choice.problem;
    for (const OpVerification& check : choice.checks) {
      verification.ops.push_back(check);
      if (!check.error || !check.tolerance) continue;
      const double share = *check.tolerance > 0 ? *check.error / *check.tolerance : 0;
      if (share <= nearest) continue;
      nearest = share;
      verification.max_relative_error = check.error;
      verification.tolerance = check.tolerance;
    }
    choices_.emplace(op_key(*ops[i]), std::move(choice));
  }
  if (!wrong.empty()) verification.status = "failed";
  result_.verification = std::move(verification);
  if (!wrong.empty()) return end("failed", wrong);
  if (!missing.empty()) return end("skipped", missing);
}

/// The first pass: what the plan as a whole gives, and the first warm-up.
void Runner::check_pipeline(Session& session) {
  say("run", "first pass", 0, 0);
  first_pass_ = run_pass(session, watch_);
  if (watch_.stopped()) return end("skipped", std::string(kInterrupted));
  const Digest digest = digest_outputs(session);
  result_.verification->output_digest = digest.values;
  if (digest.problem.empty()) return;
  result_.verification->status = "failed";
  end("failed", digest.problem);
}

void Runner::add_headlines(const StageTimes& times) {
  for (const MetricSpec& spec : plan_.metrics) {
    const auto stage =
        std::ranges::find_if(plan_.stages(), [&](const auto& s) { return s->name == spec.stage; });
    if (stage == plan_.stages().end()) throw std::logic_error("metric " + spec.name + " of no stage");
    const auto index = static_cast<std::size_t>(stage - plan_.stages().begin());
    if (auto metric = headline(spec, **stage, times.seconds[index], peaks_, options_.stop))
      result_.metrics.emplace(spec.name, std::move(*metric));
  }
}

void Runner::time_ops_of(Session& session, std::size_t stage) {
  const Stage& planned = *plan_.stages()[stage];
  const std::vector<OpGroup> groups = op_groups(session, stage);
  // Ops are the second thing to know: they get half the time, and may be twice as uncertain.
  StopRule rule = options_.stop;
  rule.target_ci *= 2;
  rule.min_seconds /= 2;
  rule.max_seconds /= 2;
  const double share_s = rule.max_seconds, started_s = watch_.now_s();
  const auto progress = [&](const OpGroup& group) {
    const double elapsed_s = watch_.now_s() - started_s;
    say("time ops of " + planned.name, group.label,
        static_cast<std::int64_t>(100 * std::min(1.0, elapsed_s / share_s)), 100);
  };
  std::vector<Samples> samples = time_ops(session, stage, groups, rule, watch_, progress);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Op& op = *groups[g].op;
    const Cost cost = op.cost();
    const KernelChoice& choice = choices_.at(op_key(op));
    OpResult row;
    row.name = groups[g].label;
    row.kind = op.kind();
    row.kernel = choice.name;
    row.shape = op.shape();
    row.dtype = name(op.dtype());
    row.calls = static_cast<std::int64_t>(groups[g].steps.size());
    row.flops = cost.flops;
    row.bytes = cost.bytes();
    row.rejected = choice.rejected;
    if (!samples[g].seconds.empty()) row.time_s = time_metric(std::move(samples[g].seconds), rule);
    result_.stages[stage].ops.push_back(std::move(row));
  }
}

void Runner::time(Session& session) {
  device_.start_telemetry();
  const double started_s = watch_.now_s();
  const StageTimes times =
      time_stages(session, first_pass_, options_.stop, watch_, [&](const StageTimes& so_far) {
        const double share = (watch_.now_s() - started_s) / options_.stop.max_seconds;
        say("time", fmt::format("pass {}", so_far.passes),
            static_cast<std::int64_t>(100 * std::min(1.0, share)), 100);
      });
  if (const auto seen = device_.stop_telemetry())
    result_.telemetry = {.power_w = seen->power_w,
                         .energy_j = seen->energy_j,
                         .sm_clock_mhz = seen->clock_mhz,
                         .temperature_c = seen->temperature_max_c,
                         .throttle_reasons = seen->throttle_reasons};
  for (std::size_t s = 0; s < times.seconds.size(); ++s)
    if (!times.seconds[s].empty()) result_.stages[s].time_s = time_metric(times.seconds[s], options_.stop);
  add_headlines(times);
  for (std::size_t s = 0; s < times.seconds.size(); ++s) time_ops_of(session, s);

  if (!watch_.stopped()) return end("ok", "");
  const bool any = std::ranges::any_of(times.seconds, [](const auto& seconds) { return !seconds.empty(); });
  end(any ? "ok" : "skipped", std::string(kInterrupted));
}

CaseResult Runner::run() {
  check_forced_kernels(options_.forced_kernels, open_.kernels);
  if (options_.weights) weights_ = SafeTensors::open(*options_.weights);
  if (weights_) check_weights(plan_, *weights_);
  describe_case();
  if (fits()) choose_kernels();
  if (!ended() && fits()) {  // again: the kernels hold their workspaces now
    KernelMap kernels;
    for (const auto& [key, choice] : choices_) kernels[key] = choice.kernel;
    say("load", weights_ ? "weights" : "seeded weights", 0, 0);
    Session session(plan_, device_, std::move(kernels), options_.seed, weights_ ? &*weights_ : nullptr);
    result_.memory->measured_peak_bytes = session.allocated_bytes();
    check_pipeline(session);
    if (!ended() && options_.time) time(session);
  }
  if (!ended()) end("ok", "");
  if (result_.reason == "") result_.reason.reset();
  return std::move(result_);
}

}  // namespace

CaseResult run_plan(const Plan& plan, OpenDevice& device, const Peaks& peaks, const RunOptions& options) {
  return Runner(plan, device, peaks, options).run();
}

}  // namespace assay
