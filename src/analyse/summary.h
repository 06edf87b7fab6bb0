// SPDX-License-Identifier: Apache-2.0
// The numbers that a report states beyond the fields of its results: computed here, because reports do no
// arithmetic. Results in, plain structs out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analyse/ceilings.h"
#include "analyse/comparison.h"
#include "analyse/usability.h"
#include "result/result.h"

namespace assay {

/// One device of one result. `label` tells it apart from every other device of the report.
struct DeviceSummary {
  std::string label;  // "NVIDIA H100 80GB HBM3", with its id or result's name where that is ambiguous
  std::string id, kind, name, result;
  std::int64_t memory_bytes = 0, cache_bytes = 0, units = 0;
  Peaks peaks;  // measured: the better of before and after
};

/// A metric of a case that is a measurement, in the order a reader wants: times, rates, shares.
struct Headline {
  std::string metric;   // key: "time_to_first_token_s"
  std::string of;       // the series that it is made of
  std::string peak_of;  // a share: of which peak
  std::string unit;
  Better better = Better::lower;
  Stat statistic = Stat::median;
  std::optional<double> amount;      // the value is amount / draw, of a share also / peak; nothing: the draw
  std::optional<double> value;       // nothing where it is withheld; `why` says for what
  std::optional<double> low, high;   // its 95 % interval
  std::optional<double> half_width;  // of that interval, as a share of the value
  std::optional<double> p90, p99;
  std::optional<double> ceiling;  // at the bound of its stage
  std::int64_t n = 0, blocks = 0, sessions = 1;
  std::optional<double> within_deviation, between_deviation;  // of sessions, standard, as shares of the value
  std::optional<bool> converged;
  std::string why;
};

/// A piece of the bar that shows where a stage's time goes; the last may be the rest.
struct Piece {
  std::string name;
  double share = 0;  // of the time of the stage's ops together
  std::optional<Bound> bound;
  bool rest = false;
};

struct BoundShare {
  std::optional<Bound> bound;     // nothing: not known
  double share = 0;               // of the time of the stage's ops together
  std::optional<double> of_peak;  // of those ops together: least time at the measured peaks / time
};

/// Ops of one part of the model together.
struct PartSummary {
  std::string name;
  double share = 0;               // of the time of the stage's ops together
  double time_s = 0;              // its ops, each timed alone, added up
  std::optional<Bound> bound;     // where most of its time goes
  double of_bound = 0;            // the share of its own time that goes there
  std::optional<double> of_peak;  // least time at the measured peaks / time
};

/// What reads rows where its integers say: the op, with the figures of its reads.
struct LookupSummary {
  std::size_t op = 0;  // index into StageResult::ops
  /// Of all that were asked for, this share at least came out of caches: memory could not have given more in
  /// the time.
  std::optional<double> from_cache;
  /// The share that a cache as large as the device's could serve at best, and the size that this is told of:
  /// the next that the law was asked for.
  std::optional<double> cacheable;
  std::int64_t cache_bytes = 0;
};

struct StageSummary {
  std::string name;
  std::int64_t times = 0;
  std::vector<PartSummary> parts;  // in the order of their first op; empty: the model has none
  std::vector<LookupSummary> lookups;
  std::optional<double> item_energy_j;  // of an item, at the mean power while samples were taken
  std::optional<double> time_s, ops_s;  // one iteration end to end; its ops, each timed alone, added up
  std::optional<double> covered;        // ops_s / time_s
  std::optional<double> bound_s;        // at the measured peaks: no implementation is faster
  std::optional<double> ceiling_s;      // the op-by-op estimate: an engine that fuses more may be faster
  std::optional<double> flops_per_s, bytes_per_s;  // end to end
  OfPeak of_bound, of_peak;                        // bound / time_s, op-by-op estimate / time_s
  std::string withheld;                            // why of_bound.measured is not given although it could be
  std::vector<BoundShare> bounds;                  // largest first
  std::vector<Piece> pieces;                       // largest first
  std::vector<std::size_t> near_floor;  // ops that take no longer than a few of the shortest launches
  std::vector<std::size_t> in_cache;    // ops above the peak of memory, whose data fit the last-level cache
};

/// A pass that begins on the host and goes on on a device: what each takes, one after the other.
struct WaySummary {
  struct Piece {
    std::string stage;
    Place place = Place::device;
    double time_s = 0, share = 0;  // of the pass
  };
  std::vector<Piece> pieces;  // in their order
  double host_s = 0, device_s = 0;
  std::string item;
  /// What keeps the other waiting once passes overlap: the longer one. Nothing where both are the same CPU.
  std::optional<Place> binds;
  std::int64_t cores = 0;  // of the host, that its stages had
  std::optional<double>
      cores_to_feed;  // that would decode as fast as the device goes on: cores x host_s / device_s
  std::optional<double> core_s_per_item;  // of the host's stages
};

struct CaseSummary {
  std::string id, short_id;  // short_id: what the ids of this report do not share
  std::string workload, model;
  std::string conditions;                  // that no figure of it may be shown without: "skew 1.05"
  Json settings = Json::object();          // case_settings.h: number format and load
  std::optional<std::int64_t> parameters;  // of its model
  std::size_t device = 0;                  // index into Summary::devices
  CaseStatus status = CaseStatus::ok;
  std::optional<std::string> reason;
  bool disturbed = false;             // measured, with warnings
  std::vector<Headline> headlines;    // empty where it is not a measurement
  std::vector<StageSummary> stages;   // the same
  std::optional<WaySummary> way;      // where a pass has stages of the host
  std::vector<CaseCeiling> ceilings;  // that its ops are set beside
  std::optional<double> floor_s;      // the shortest launch of its device
  std::size_t result = 0, index = 0;  // the case itself: results[result].cases[index]
};

/// The best value of a metric among cases that differ in their axes alone.
struct BestFigure {
  std::string metric;
  std::size_t case_index = 0, headline_index = 0;  // Summary::cases[case_index].headlines[headline_index]
  std::int64_t of_cases = 0;                       // that have the metric
  std::string at;                                  // the axes that vary, here: "batch=1"
};

/// The figures of one model on one device: never the best over different models.
struct ModelSummary {
  std::string label;  // the model's name, with its conditions, and its run's where one was run in several
  std::string conditions;  // "skew 1.05": figures under others stand by themselves
  std::string workload, model, run;
  std::size_t device = 0, result = 0;
  std::size_t first_case = 0;     // of it, in Summary::cases
  std::vector<std::string> over;  // axes that vary: "batch"
  std::vector<BestFigure> best;
};

/// A case on a device beside the same case on the first device that ran it.
struct CaseComparison {
  std::string id, short_id;
  std::size_t baseline = 0, device = 0;  // indices into Summary::devices
  std::size_t case_index = 0;            // Summary::cases[case_index]: the case on `device`
  Comparison of;
};

/// A peak probed before and after the cases.
struct Drift {
  std::size_t device = 0;
  std::string peak;  // a path's name, or a dtype's
  std::string unit;
  double before = 0, after = 0, change = 0;  // change: after / before - 1
};

/// An op as verified, once for every device, shape and kernel.
struct VerifiedOp {
  std::size_t device = 0;
  std::string op, shape, kernel;
  CheckStatus status = CheckStatus::passed;
  std::string reason;
  std::optional<double> error, tolerance, used;  // used: error / tolerance, 1 is the limit
  bool one_rounding = false;  // the tolerance allows hardly more than one rounding to the stored type
  std::string tolerance_factors;
  std::int64_t checked = 0;
};

/// What passed of an operation and a kernel, with the shape that came nearest to its tolerance; what failed
/// stands alone.
struct VerifiedKernel {
  VerifiedOp worst;
  std::int64_t shapes = 0;   // with that status
  std::int64_t checked = 0;  // elements of them all
};

/// A kernel that was asked and does not serve some shapes, once for every reason.
struct NotServed {
  std::size_t device = 0;
  std::string op, kernel, reason;
  std::vector<std::string> shapes;
};

struct Summary {
  std::vector<DeviceSummary> devices;
  std::vector<CaseSummary> cases;
  std::string common_id;  // what all case ids share: "llm/qwen2.5-0.5b"
  std::int64_t ok = 0, skipped = 0, failed = 0, not_a_measurement = 0;
  Usability usable;
  std::vector<Remedy> warnings;  // of cases
  std::vector<ModelSummary> models;
  std::vector<CaseComparison> comparisons;
  std::int64_t disagreements = 0;  // outputs that differ by more than their tolerance
  std::vector<Drift> drift;
  std::optional<Drift> worst_drift;
  std::vector<VerifiedOp> verified;              // that ran: failures first, then nearest to its tolerance
  std::vector<VerifiedKernel> verified_kernels;  // the same, a kernel each, in the order of their worst
  std::vector<NotServed> not_served;
  std::int64_t ops_passed = 0, ops_failed = 0, ops_skipped = 0, elements_checked = 0;
  std::int64_t in_situ_cases = 0, in_situ_ops = 0, in_situ_values = 0;  // of whole passes, step by step
  std::vector<std::string> in_situ_failures;                            // of what, and what was wrong
  std::optional<double> widest_interval;                                // largest Headline::half_width
  std::optional<std::int64_t> fewest_sessions;                          // of a headline
  std::int64_t not_converged = 0;  // headlines whose interval is wider than asked for, or not to be trusted
  std::vector<std::string> notes;  // what was not compared, and why
};

Summary summarise(std::span<const Result> results);
/// Whether outputs of one case differ between devices by more than their tolerance.
bool outputs_disagree(std::span<const Result> results);
Json to_json(const Summary& summary);

}  // namespace assay
