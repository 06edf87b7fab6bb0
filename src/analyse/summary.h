// SPDX-License-Identifier: Apache-2.0
// The numbers that a report states beyond the fields of its results: computed here, because reports do no
// arithmetic. Results in, plain structs out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "result/result.h"

namespace assay {

/// One device of one result. `label` tells it apart from every other device of the report.
struct DeviceSummary {
  std::string label;  // "NVIDIA H100 80GB HBM3", with its id or result's name where that is ambiguous
  std::string id, kind, name, result;
  std::int64_t memory_bytes = 0, cache_bytes = 0, units = 0;
  PeaksResult peaks;  // measured: the better of before and after
};

/// A metric of a case in the order a reader wants: times, rates, shares.
struct Headline {
  std::string metric;  // key: "time_to_first_token_s"
  std::string stage, unit, better;
  double median = 0;
  std::optional<double> low, high;   // 95 % interval of the median
  std::optional<double> half_width;  // of that interval, as a share of the median
  std::optional<double> p90, p99, ceiling;
  std::int64_t n = 0;
  std::optional<bool> converged;
};

/// A piece of the bar that shows where a stage's time goes; the last may be "other".
struct Piece {
  std::string name;
  double share = 0;  // of the time of the stage's ops together
  std::string bound;
};

struct BoundShare {
  std::string bound;  // memory, compute, launch, transfer, unknown
  double share = 0;   // of the time of the stage's ops together
};

struct StageSummary {
  std::string name;
  std::int64_t iterations = 0;
  std::optional<double> time_s, ops_s;  // one iteration end to end; its ops, each timed alone, added up
  std::optional<double> covered;        // ops_s / time_s
  std::optional<double> ceiling_s;
  std::optional<double> flops_per_s, bytes_per_s;  // end to end
  OfPeak of_peak;
  std::vector<BoundShare> bounds;  // largest first
  std::vector<Piece> pieces;       // largest first
};

struct CaseSummary {
  std::string id, short_id;  // short_id: what the ids of this report do not share
  std::string workload;
  std::size_t device = 0;  // index into Summary::devices
  std::string status;
  std::optional<std::string> reason;
  std::vector<Headline> headlines;
  std::vector<StageSummary> stages;
  std::size_t result = 0, index = 0;  // the case itself: results[result].cases[index]
};

/// The best value of a metric among the cases that ran.
struct BestFigure {
  std::string workload, metric;
  std::size_t case_index = 0, headline_index = 0;  // Summary::cases[case_index].headlines[headline_index]
  std::int64_t of_cases = 0;                       // that have the metric
};

/// One metric of one case on two devices. `ratio` above 1: `device` is better than `baseline`.
struct DeviceComparison {
  std::string id, short_id, metric;
  std::size_t baseline = 0, device = 0;  // indices into Summary::devices
  double ratio = 0;
  std::optional<double> low, high;  // from the ends of both 95 % intervals: holds with at least 90 %
  std::string verdict;              // better, worse, no difference, unknown
};

/// How far the outputs of one case differ between two devices: the largest difference of their digests, as a
/// share of the digest's root mean square.
struct OutputAgreement {
  std::string id, short_id;
  std::size_t baseline = 0, device = 0;
  double difference = 0;
};

/// A peak probed before and after the cases.
struct Drift {
  std::size_t device = 0;
  std::string peak;  // "bytes_per_s", "flops_per_s bf16"
  std::string unit;
  double before = 0, after = 0, change = 0;  // change: after / before - 1
};

/// An op as verified, once for every device, shape and kernel.
struct VerifiedOp {
  std::size_t device = 0;
  std::string op, shape, kernel, status, reason;
  std::optional<double> error, tolerance, used;  // used: error / tolerance, 1 is the limit
  std::string tolerance_factors;
  std::int64_t checked = 0;
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
  std::int64_t ok = 0, skipped = 0, failed = 0;
  std::vector<BestFigure> best;
  std::vector<DeviceComparison> comparisons;
  std::vector<OutputAgreement> agreements;
  std::vector<Drift> drift;
  std::optional<Drift> worst_drift;
  std::vector<VerifiedOp> verified;  // that ran: failures first, then nearest to its tolerance
  std::vector<NotServed> not_served;
  std::int64_t ops_passed = 0, ops_failed = 0, ops_skipped = 0, elements_checked = 0;
  std::optional<double> widest_interval;  // largest Headline::half_width
  std::int64_t not_converged = 0;  // headlines that ran out of time before their interval was narrow enough
  std::vector<std::string> notes;  // what was not compared, and why
};

Summary summarise(std::span<const Result> results);
Json to_json(const Summary& summary);

}  // namespace assay
