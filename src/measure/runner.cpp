// SPDX-License-Identifier: Apache-2.0
#include "measure/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/units.h"
#include "measure/case_warnings.h"
#include "measure/figures.h"
#include "measure/in_situ.h"
#include "measure/kernel_choice.h"
#include "measure/lanes.h"
#include "measure/metrics.h"
#include "measure/op_times.h"
#include "measure/outputs.h"
#include "measure/session.h"
#include "measure/session_times.h"
#include "measure/weights.h"
#include "plan/compulsory_work.h"

namespace assay {
namespace {

class Runner {
 public:
  Runner(const Plan& plan, OpenDevice& device, OpenDevice& host, const Peaks& peaks,
         const RunOptions& options)
      : plan_(plan),
        device_(*device.device),
        feeds_itself_(&device == &host),
        lanes_(device, host, plan.uses_host(), static_cast<int>(plan.in_flight)),
        peaks_(peaks),
        options_(options),
        watch_(real_watch(options.interrupted)) {
    if (options.now_s) watch_.now_s = options.now_s;
  }

  CaseResult run();

 private:
  void describe_case();
  bool fits();
  void choose_kernels();
  void measure();
  void choose_kernels_of(Place place, const Sites& sites, VerificationResult& verification);
  void open_sessions();
  void check_outputs();
  void check_in_place();
  void close_sessions();
  void time_sessions();
  void time_one_session(std::int64_t number, const SessionRule& rule);
  bool waits_for_quiet() const;
  void add_telemetry();
  void add_series();
  void leave_out_saved_flops(const Sites& sites);
  void time_ops_of(std::size_t stage);
  std::vector<DType> dtypes() const;
  void say(std::string phase, std::string detail, std::int64_t done, std::int64_t total) const {
    if (options_.progress) options_.progress({std::move(phase), std::move(detail), done, total});
  }
  void end(CaseStatus status, std::string reason) {
    result_.status = status;
    result_.reason = std::move(reason);
    ended_ = true;
  }

  const Plan& plan_;
  Device& device_;
  const bool feeds_itself_;  // so that what a host holds is in its memory too
  Lanes lanes_;
  const Peaks& peaks_;
  const RunOptions& options_;
  Watch watch_;
  std::map<std::string, KernelChoice> choices_;  // by placed_key()
  std::vector<MetricSpec> metrics_;              // the plan's, of the FLOPs that the chosen kernels do
  std::string wrong_, missing_;                  // the first kernel that is, the first op that has none
  std::shared_ptr<const WeightBlock> weights_;
  Steering steering_;
  PassTimes first_pass_;  // of the sessions at hand
  StageTimes times_;
  CaseResult result_;
  double nearest_ = -1;  // error of an op as a share of its tolerance
  bool ended_ = false;
};

void Runner::describe_case() {
  result_.device = device_.info().id;
  result_.seed = options_.seed;
  result_.weights = options_.weights ? options_.weights->path().filename().string() : "seed";
  result_.facts = plan_.facts;
  result_.notes = plan_.notes;
  result_.conditions = plan_.conditions;
  if (waits_for_quiet()) {
    result_.facts.push_back({.name = "neighbours",
                             .value = "waited out",
                             .unit = "",
                             .definition =
                                 "no block counts beside which others on the machine slowed it: figures are "
                                 "of the machine while they rest"});
    result_.conditions.emplace_back("neighbours");
  }

  MemoryResult memory;
  for (const PlanTensor& tensor : plan_.tensors()) switch (tensor.role) {
      case Role::weight: memory.weight_bytes += tensor.spec.bytes(); break;
      case Role::input: memory.input_bytes += plan_.in_flight * tensor.spec.bytes(); break;
      case Role::state: memory.state_bytes += plan_.in_flight * tensor.spec.bytes(); break;
      case Role::activation: break;
    }
  const MemoryPlan layout = plan_memory(plan_);
  memory.activation_bytes = plan_.in_flight * (layout.device.arena_bytes + layout.host.arena_bytes);
  memory.planned_peak_bytes = layout.peak_bytes();
  memory.host_bytes = layout.host_bytes();
  result_.memory = memory;
  result_.in_flight = plan_.in_flight;

  for (std::size_t s = 0; s < plan_.stages().size(); ++s) {
    const Stage& stage = *plan_.stages()[s];
    const Cost cost = stage.cost();
    StageResult& row = result_.stages.emplace_back();
    row.name = stage.name;
    row.place = stage.place;
    row.times = plan_.times(s);
    row.items = stage.items;
    row.item = stage.item;
    row.flops = cost.flops;
    row.bytes = cost.moved();
    const CompulsoryWork least = compulsory_work(plan_, stage);
    row.compulsory = CompulsoryResult{.flops = least.flops, .bytes = least.bytes};
  }
}

bool Runner::fits() {
  std::int64_t needed = result_.memory->planned_peak_bytes;
  if (feeds_itself_) needed += result_.memory->host_bytes;
  for (const auto& [key, choice] : choices_)
    needed += plan_.in_flight * choice.workspace_bytes * input_sets(plan_, *choice.op, choice.packs);
  const std::int64_t free = device_.free_bytes();
  if (needed <= free) return true;
  end(CaseStatus::skipped, fmt::format("needs {} bytes, {} free on {}", needed, free, device_.info().id));
  return false;
}

/// Checks every candidate of every op; a wrong one fails the case, one that is missing skips it.
void Runner::choose_kernels() {
  VerificationResult verification;
  lanes_.first([&](OneLane& lane) {
    for (const Place place : {Place::device, Place::host})
      if (!ended_) choose_kernels_of(place, lane.sites, verification);
  });
  if (ended_) return;
  if (!wrong_.empty()) verification.status = CheckStatus::failed;
  result_.verification = std::move(verification);
  if (!wrong_.empty()) return end(CaseStatus::failed, wrong_);
  if (!missing_.empty()) return end(CaseStatus::skipped, missing_);
}

void Runner::choose_kernels_of(Place place, const Sites& sites, VerificationResult& verification) {
  const Place at = sites.place(place);
  std::vector<std::shared_ptr<const Op>> ops;
  for (const auto& op : distinct_ops(plan_, place))
    if (!choices_.contains(placed_key(*op, at))) ops.push_back(op);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (watch_.stopped()) return end(CaseStatus::skipped, std::string(kInterrupted));
    say("verify", op_key(*ops[i]), static_cast<std::int64_t>(i), static_cast<std::int64_t>(ops.size()));
    KernelChoice choice =
        choose_kernel(ops[i], at, sites.at(at), options_, watch_, weight_inputs(plan_, *ops[i]));
    if (choice.wrong && wrong_.empty()) wrong_ = choice.problem;
    if (!choice.wrong && choice.chosen.entry == nullptr && missing_.empty()) missing_ = choice.problem;
    for (const OpVerification& check : choice.checks) {
      verification.ops.push_back(check);
      if (!check.error || !check.tolerance) continue;
      const double share = *check.tolerance > 0 ? *check.error / *check.tolerance : 0;
      if (share <= nearest_) continue;
      nearest_ = share;
      verification.max_relative_error = check.error;
      verification.tolerance = check.tolerance;
    }
    if (choice.chosen.entry != nullptr)
      result_.choices.push_back(
          {std::string(ops[i]->kind()), ops[i]->shape(), choice.name(), at, choice.chosen.variant});
    choices_.emplace(placed_key(*ops[i], at), std::move(choice));
  }
}

/// On every lane one, each with kernels of its own; weights once.
void Runner::open_sessions() {
  say("load", options_.weights ? "weights" : "seeded weights", 0, 0);
  const MemoryPlan memory = plan_memory(plan_);
  Choices choices;
  for (const auto& [key, choice] : choices_) choices[key] = choice.chosen;
  lanes_.first([&](OneLane& lane) {
    weights_ =
        std::make_shared<const WeightBlock>(plan_, memory, lane.sites, options_.seed, options_.weights.get());
  });
  lanes_.each([&](OneLane& lane) {
    lane.session = std::make_unique<Session>(plan_, lane.sites, choices, options_.seed, weights_, memory);
  });
}

/// The first pass: what the plan as a whole gives, and the first warm-up.
void Runner::check_outputs() {
  say("run", "first pass", 0, 0);
  OutputPass pass;
  lanes_.first([&](OneLane& lane) { pass = run_output_pass(*lane.session, watch_); });
  if (!pass.times.whole) return end(CaseStatus::skipped, std::string(kInterrupted));
  first_pass_ = std::move(pass.times);
  result_.verification->outputs = std::move(pass.outputs);
  result_.picture = std::move(pass.picture);
  if (pass.problem.empty()) return;
  result_.verification->status = CheckStatus::failed;
  end(CaseStatus::failed, pass.problem);
}

void Runner::check_in_place() {
  say("verify", "one whole pass", 0, 0);
  InSituCheck check;
  lanes_.first([&](OneLane& lane) { check = check_in_situ(*lane.session, watch_); });
  if (!check.whole) return end(CaseStatus::skipped, std::string(kInterrupted));
  InSituResult& result = result_.verification->in_situ.emplace();
  result.status = check.problem.empty() ? CheckStatus::passed : CheckStatus::failed;
  result.ops = check.ops;
  result.elements = check.elements;
  result.values = check.values;
  result.reason = check.problem;
  steering_ = std::move(check.steering);
  if (check.problem.empty()) return;
  result_.verification->status = CheckStatus::failed;
  end(CaseStatus::failed, check.problem);
}

std::vector<DType> Runner::dtypes() const {
  std::set<DType> all;
  for (const auto& op : distinct_ops(plan_))
    if (is_floating(op->dtype())) all.insert(op->dtype());
  return {all.begin(), all.end()};
}

void Runner::time_sessions() {
  constexpr std::int64_t kMostTries = 4;  // a session, where neighbours do not rest
  const std::int64_t wanted = options_.stop.sessions;
  const SessionRule rule = rule_of_a_session(options_.stop);
  if (waits_for_quiet()) device_.speed_meter()->get_to_know(options_.quiet_speed);
  device_.start_telemetry();
  device_.pause_telemetry();
  std::int64_t begun = 0;
  for (std::int64_t left = wanted; left > 0 && !watch_.stopped();) {
    for (; left > 0 && !watch_.stopped(); --left) time_one_session(begun++, rule);
    if (!waits_for_quiet()) break;
    const bool again = times_.disturbed_s < options_.stop.quiet_wait_seconds && begun < kMostTries * wanted &&
                       !watch_.stopped();
    // A block or two are better than none, and not better than another try.
    left = drop_unquiet(times_, device_.speed_meter()->best(), again ? kMinBlocks : rule.min_blocks, again);
  }
  add_telemetry();
}

void Runner::time_one_session(std::int64_t number, const SessionRule& rule) {
  if (number > 0) {
    close_sessions();
    lanes_.renew();
    open_sessions();
    lanes_.first([&](OneLane& lane) { first_pass_ = run_pass(*lane.session, watch_); });
  }
  const auto probe = device_.peak_probe(dtypes());
  const Surroundings beside{
      .probe = probe.get(),
      .counters = options_.counters ? options_.counters : [] { return read_host_counters(); },
      .speed = device_.speed_meter()};
  time_session(lanes_, plan_, device_, first_pass_, rule, watch_, beside, times_,
               [&](std::int64_t blocks, double spent_s) {
                 const std::string session =
                     options_.stop.sessions > 1 ? fmt::format("session {}, ", number + 1) : std::string();
                 say("time", fmt::format("{}pass {}", session, blocks),
                     static_cast<std::int64_t>(100 * std::min(1.0, spent_s / rule.stop.max_seconds)), 100);
               });
}

bool Runner::waits_for_quiet() const {
  return options_.stop.quiet_wait_seconds > 0 && device_.speed_meter() != nullptr;
}

void Runner::add_telemetry() {
  const HostActivity others = times_.machine.total();
  TelemetryResult seen;
  if (const auto device = device_.stop_telemetry()) {
    seen.power_w = device->power_w;
    seen.energy_j = device->energy_j;
    seen.clock_mhz = device->clock_mhz;
    seen.temperature_max_c = device->temperature_max_c;
    seen.throttle_reasons = device->throttle_reasons;
  }
  seen.stolen_share = others.stolen_share;
  seen.others_share = others.others_share;
  seen.cgroup_throttled_share = others.throttled_share;
  seen.involuntary_switches = others.involuntary_switches;
  seen.migrations = others.migrations;
  if (times_.clocked) {
    seen.throttled_blocks = times_.throttled_blocks;
    seen.slow_blocks = times_.slow_blocks;
  }
  if (waits_for_quiet()) {
    seen.disturbed_blocks = times_.disturbed_blocks;
    seen.unquiet_blocks = times_.unquiet_blocks;
    seen.quiet_wait_s = times_.disturbed_s;
    seen.quiet_speed = device_.speed_meter()->best();
  }
  seen.late_blocks = times_.late_blocks;
  result_.telemetry = std::move(seen);
}

SeriesResult seconds_of(BlockedSeries draws) {
  SeriesResult series;
  static_cast<BlockedSeries&>(series) = std::move(draws);
  if (series.sessions.size() < 2) series.sessions.clear();
  series.unit = "s";
  return series;
}

void Runner::add_series() {
  for (auto& [peak, draws] : times_.peaks) {
    SeriesResult series = seconds_of(std::move(draws));
    series.unit = peak_unit(peak);
    result_.series.emplace(peak_series(peak), std::move(series));
  }
  if (!times_.machine.others().blocks.empty()) {
    SeriesResult series = seconds_of(times_.machine.others());
    series.unit = "1";
    result_.series.emplace("machine/others", std::move(series));
  }
  for (auto& [name, draws] : times_.series)
    if (!draws.blocks.empty()) result_.series.emplace(name, seconds_of(std::move(draws)));
}

void Runner::time_ops_of(std::size_t stage) {
  const Stage& planned = *plan_.stages()[stage];
  const std::vector<StepGroup> groups = step_groups(planned);
  // Ops are the second thing to know: they get half the time, and may be twice as uncertain.
  StopRule rule = options_.stop;
  rule.target_ci *= 2;
  rule.min_seconds /= 2;
  rule.max_seconds /= 2;
  rule.give_up_seconds /= 2;
  rule.sessions = 1;
  const double share_s = rule.max_seconds, started_s = watch_.now_s();
  const auto progress = [&](const StepGroup& group) {
    const double elapsed_s = watch_.now_s() - started_s;
    say("time ops of " + planned.name, group.label,
        static_cast<std::int64_t>(100 * std::min(1.0, elapsed_s / share_s)), 100);
  };
  std::vector<Samples> samples;
  Place place = planned.place;
  lanes_.first([&](OneLane& lane) {
    place = lane.sites.place(place);
    samples = time_ops(*lane.session, stage, groups, steering_, rule, watch_, progress);
  });
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Op& op = *groups[g].op;
    const Cost cost = op.cost();
    const KernelChoice& choice = choices_.at(placed_key(op, place));
    OpResult row;
    row.name = groups[g].name;
    row.part = groups[g].part;
    row.kind = op.kind();
    row.kernel = choice.name();
    row.shape = op.shape();
    row.dtype = name(op.dtype());
    row.calls = static_cast<std::int64_t>(groups[g].steps.size());
    row.flops = cost.flops - choice.flops_saved;
    row.bytes = cost.moved();
    row.rejected = choice.rejected;
    if (const auto reads = op.random_reads())
      row.random_reads = {.rows = reads->rows,
                          .distinct_rows = reads->distinct_rows,
                          .row_bytes = reads->row_bytes,
                          .table_bytes = reads->table_bytes,
                          .path = reads->path,
                          .cacheable = reads->cacheable};
    if (!samples[g].seconds.empty()) {
      SeriesResult series;
      series.unit = "s";
      for (const double draw : samples[g].seconds) series.blocks.push_back({draw});
      const std::string name = "op/" + planned.name + "/" + row.name;
      const auto at = result_.series.emplace(name, std::move(series)).first;
      row.time_s = metric_of(name, at->second, Stat::median, 0, rule);
    }
    result_.stages[stage].ops.push_back(std::move(row));
  }
}

void Runner::close_sessions() {
  lanes_.each([](OneLane& lane) { lane.session.reset(); });
  weights_.reset();
}

/// What a chosen kernel does without is not compulsory, and no share of a peak.
void Runner::leave_out_saved_flops(const Sites& sites) {
  metrics_ = plan_.metrics;
  for (std::size_t s = 0; s < plan_.stages().size(); ++s) {
    const Stage& stage = *plan_.stages()[s];
    for (const Step& step : stage.steps) {
      const double saved = choices_.at(placed_key(*step.op, sites.place(stage.place))).flops_saved;
      if (saved == 0) continue;
      result_.stages[s].compulsory->flops.at(step.op->dtype()) -= saved;
      for (MetricSpec& metric : metrics_)
        if (metric.of == stage_series(stage.name) && metric.share == MetricSpec::Share(step.op->dtype()))
          metric.amount -= saved;
    }
  }
}

void Runner::measure() {
  const std::optional<std::int64_t> before = device_.used_bytes();
  open_sessions();
  check_outputs();
  lanes_.first([&](OneLane& lane) {
    leave_out_saved_flops(lane.sites);
    for (StageResult& stage : result_.stages) {
      const DeviceInfo& at = lane.sites.at(lane.sites.place(stage.place)).lane->device().info();
      if (at.kind == "cpu") stage.cores = std::max<std::int64_t>(1, at.units / plan_.in_flight);
    }
    result_.memory->workspace_bytes = plan_.in_flight * lane.session->workspace_bytes();
  });
  if (const auto after = device_.used_bytes(); before && after)
    result_.memory->measured_peak_bytes = std::max<std::int64_t>(0, *after - *before);
  if (!ended_) check_in_place();
  if (ended_ || !options_.time) return;
  time_sessions();
  add_series();
  add_figures(result_, metrics_, peaks_, options_.stop);
  for (std::size_t s = 0; s < plan_.stages().size() && options_.time_ops && !watch_.stopped(); ++s)
    if (plan_.times(s) > 0) time_ops_of(s);
  add_case_warnings(result_, times_.slow_blocks);
  judge_figures(result_, options_.stop, watch_.stopped());
}

CaseResult Runner::run() {
  if (options_.weights) check_weights(plan_, *options_.weights);
  describe_case();
  if (fits()) choose_kernels();
  if (!ended_ && fits()) measure();  // again: what the kernels hold is known now
  close_sessions();
  if (result_.reason == "") result_.reason.reset();
  return std::move(result_);
}

}  // namespace

CaseResult run_plan(const Plan& plan, OpenDevice& device, OpenDevice& host, const Peaks& peaks,
                    const RunOptions& options) {
  return Runner(plan, device, host, peaks, options).run();
}

}  // namespace assay
