// SPDX-License-Identifier: Apache-2.0
// A result file as plain structs ("assay.result/2"), all that is needed to judge and repeat a run. The field
// declarations stand in result_fields.h; result_json.h is the one reader and writer. Unknown is nullopt, or
// NaN in a figure's value.
//
// Every raw draw stands once, in a case's `series`, grouped by the block it came from; metrics are made of
// series and say of which.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fact.h"
#include "base/json_fields.h"
#include "base/place.h"
#include "base/roofline.h"
#include "result/device_info.h"
#include "statistics/blocks.h"

namespace assay {

inline constexpr std::string_view kResultSchema = "assay.result/2";
inline constexpr double kUnknownValue = std::numeric_limits<double>::quiet_NaN();

enum class Better : std::uint8_t { lower, higher };
std::span<const std::string_view> enum_names(Better);
enum class CaseStatus : std::uint8_t { ok, skipped, failed, not_a_measurement };
std::span<const std::string_view> enum_names(CaseStatus);
enum class CheckStatus : std::uint8_t { passed, failed, skipped };
std::span<const std::string_view> enum_names(CheckStatus);
enum class RunStatus : std::uint8_t { partial, complete };
std::span<const std::string_view> enum_names(RunStatus);

std::string peak_label(std::string_view peak);  // "memory bandwidth", "bf16 arithmetic"

/// Raw draws, e.g. of "stage/decode": the seconds of each iteration, a block a pass.
struct SeriesResult : BlockedSeries {
  std::string unit;
};

struct MetricResult {
  std::string unit;  // "s", "tokens/s", "1" for a share
  Better better = Better::lower;
  Stat statistic = Stat::median;
  double value = kUnknownValue;
  std::vector<double> ci95;  // [low, high]; empty where the blocks do not support one
  std::string of;            // the series: "stage/decode"
  double amount = 0;         // 0: the draw itself; else amount / draw (and / peak)
  double min = kUnknownValue, max = kUnknownValue;
  std::optional<double> p90, p99;  // only where the draws support them
  std::int64_t n = 0, blocks = 0;  // draws, and blocks that they came in
  std::int64_t units = 0;          // blocks after those that hang together were merged
  std::optional<double> within_sessions, between_sessions;  // variances, where there are several
  std::optional<bool> converged;                            // the interval met target_ci, and may be believed
  std::string why;                                          // not converged, or withheld, because
  std::string definition;                                   // one sentence, headline metrics only
  std::optional<double> ceiling;  // its value at the bound of its stage (analyse/roofline.h)
  std::string peak_of;            // shares: of a path, or a dtype
  std::optional<double> peak;     // its value, in bytes/s or FLOP/s

  bool known() const { return std::isfinite(value); }
};

struct OfPeak {
  std::optional<double> datasheet, measured;  // share, 1 = at the ceiling; of the ceiling that binds
};

/// Rows that an op reads where its integers say. A call's; rates are over the call's time.
struct RandomReadsResult {
  std::int64_t rows = 0;           // asked for, repeats included
  std::int64_t distinct_rows = 0;  // among them: what must be read
  std::int64_t row_bytes = 0;
  std::int64_t table_bytes = 0;  // of all rows there are
  Path path = Path::memory;
  /// By bytes of a cache: the share of lookups that it could serve at best, by the law of the traffic.
  std::map<std::int64_t, double> cacheable;
  std::optional<double> rows_per_s;          // asked for
  std::optional<double> bytes_per_s;         // of the different ones
  std::optional<double> served_bytes_per_s;  // of all that were asked for: above the peak, caches served some
  std::optional<double> peak_bytes_per_s;    // probed, of rows of this size at random places
  std::optional<double> of_peak;             // bytes_per_s of it
  std::optional<double> of_streaming;        // bytes_per_s of the path's peak
};

struct OpResult {
  std::string name;    // label of the steps: "qkv"
  std::string part;    // of the model: "embedding"; empty: it has none
  std::string kind;    // "matmul"
  std::string kernel;  // chosen: "onednn"
  std::string shape;
  std::string dtype;                   // Op::dtype(): the arithmetic peak that is its ceiling
  std::int64_t calls = 0;              // an iteration of the stage
  double flops = 0;                    // of one call
  BytesByPath bytes;                   // of one call
  std::optional<MetricResult> time_s;  // of one call
  std::optional<double> share;         // of the sum over the stage's ops
  std::optional<Bound> bound;
  std::optional<double> flops_per_s, bytes_per_s, intensity;  // achieved, of memory; FLOP/byte of memory
  OfPeak of_peak;
  std::optional<RandomReadsResult> random_reads;
  std::map<std::string, double> rejected;  // other kernels that verified: name -> median seconds
};

/// What every implementation of a stage must do, however it fuses ops; of one iteration.
struct CompulsoryResult {
  std::map<DType, double> flops;
  BytesByPath bytes;  // weights once, state, the plan's inputs; nothing that one op makes for another
};

struct StageResult {
  std::string name;
  Place place = Place::device;
  std::int64_t times = 0;                      // iterations in a pass
  double items = 0;                            // that one iteration produces or consumes; 0: not known
  std::string item;                            // what they are: "token"
  std::int64_t cores = 0;                      // of a CPU, that it has; 0: it runs on none
  double flops = 0;                            // of one iteration
  BytesByPath bytes;                           // of one iteration
  std::optional<CompulsoryResult> compulsory;  // empty: the result is older than the field
  std::optional<MetricResult> time_s;          // of one iteration, end to end
  std::optional<double> bound_s;    // the compulsory work at the measured peaks: no engine is faster
  std::optional<double> ceiling_s;  // the op-by-op estimate: least times of its ops, added up
  std::optional<double> covered;    // its ops' times, each alone, added up / its own
  OfPeak of_bound;                  // bound / time
  OfPeak of_peak;                   // op-by-op estimate / time
  std::vector<OpResult> ops;
};

struct OpVerification {
  std::string op, shape, kernel;
  CheckStatus status = CheckStatus::passed;
  std::optional<double> error, tolerance;
  std::optional<double> rounding;  // one rounding to the type that is stored, in the terms of both
  std::string tolerance_factors;
  std::int64_t checked = 0;  // output elements compared
  std::string reason;
};

/// Elements of an output at places drawn from the seed, with its moments first: what devices are compared by.
struct OutputResult {
  double mean = 0, rms = 0, largest = 0;
  std::vector<double> values;
  double tolerance = 0;  // of rms(a - b) / rms(a)
  std::string tolerance_factors;
};

/// One whole pass, step by step, with what was really in its buffers.
struct InSituResult {
  CheckStatus status = CheckStatus::passed;
  std::int64_t ops = 0;       // judged against their references
  std::int64_t elements = 0;  // of their outputs, compared
  std::int64_t values = 0;    // reads of activations that held what had been written
  std::string reason;         // of a failure
};

struct VerificationResult {
  CheckStatus status = CheckStatus::passed;
  std::optional<double> max_relative_error, tolerance;  // of the op nearest to its tolerance
  std::optional<InSituResult> in_situ;                  // empty: it was not got to
  std::map<std::string, OutputResult> outputs;          // by name: "prefill logits"
  std::vector<OpVerification> ops;
};

/// A kernel that was chosen for an op; `assay run --choices` uses it again.
struct ChoiceResult {
  std::string op, shape, kernel;
  Place place = Place::device;
  std::string variant;  // of a library's algorithms the one in use; empty: there is one way
};

/// What the machine did while draws were taken. Empty: it cannot be told here.
struct TelemetryResult {
  std::optional<double> power_w, energy_j, clock_mhz, temperature_max_c;
  std::vector<std::string> throttle_reasons;
  std::optional<double> quiet_wait_s;  // waited for others to rest, blocks that were taken again among it
  std::optional<double> quiet_speed;   // the best that blocks were judged by: SpeedMeter's, in bytes/s
  std::optional<double> stolen_share, others_share, cgroup_throttled_share;  // of the CPUs' time
  std::optional<std::int64_t> involuntary_switches, migrations;
  std::optional<std::int64_t> throttled_blocks;  // taken again, since the device's clock was low
  std::optional<std::int64_t> slow_blocks;       // throttled too, and kept for want of better
  std::optional<std::int64_t> disturbed_blocks;  // taken again, since others on the machine slowed the device
  std::optional<std::int64_t> unquiet_blocks;    // disturbed too, and kept because the wait was over
  std::int64_t late_blocks =
      0;  // whose work was enqueued too late for the device's clock alone to tell its time
};

/// A picture that the first pass looked at, and what was found in it.
struct PictureResult {
  struct Found {
    std::vector<double>
        box;  // left, top, right, bottom in pixels of the picture; empty: the picture as a whole
    double score = 0;
    std::int64_t kind = 0;  // its class
  };
  std::string jpeg_base64;
  double width = 0, height = 0;
  std::int64_t found_in_all = 0;  // of which `found` are the surest
  std::vector<Found> found;
};

struct MemoryResult {
  std::int64_t weight_bytes = 0, input_bytes = 0, state_bytes = 0, activation_bytes = 0;
  std::optional<std::int64_t> workspace_bytes;  // held by kernels beside them
  std::int64_t planned_peak_bytes = 0;          // of the device, without workspaces
  std::int64_t host_bytes = 0;                  // of the host that feeds it
  std::optional<std::int64_t> measured_peak_bytes;
};

struct CaseResult {
  std::string id;      // "llm/qwen2.5-0.5b/bf16/batch=1"
  std::string device;  // "cpu", "cuda:0"
  std::string workload, model;
  std::string run;  // name of its run config, whose cases differ in their axes alone
  Json axes = Json::object();
  Json load = Json::object();  // of its run config at this case's values: also what is not swept
  std::uint64_t seed = 0;
  std::int64_t in_flight = 1;  // passes at once
  std::string weights;         // "seed", or the folder's name
  CaseStatus status = CaseStatus::ok;
  std::optional<std::string> reason;
  std::vector<std::string> warnings;  // cause and remedy each: why its figures are to be read with care
  std::vector<Fact> facts;
  std::vector<std::string> notes;       // what else a reader should know of the plan: what was cut
  std::vector<std::string> conditions;  // names of facts that no figure may be shown without
  std::optional<VerificationResult> verification;
  std::map<std::string, MetricResult> metrics;
  std::map<std::string, SeriesResult> series;
  std::map<std::string, MetricResult> peaks;  // probed beside the blocks: by a path, or a dtype
  std::vector<StageResult> stages;
  std::vector<ChoiceResult> choices;
  std::optional<MemoryResult> memory;
  std::optional<TelemetryResult> telemetry;
  std::optional<PictureResult> picture;
  std::string repro;
};

struct Result;
/// What reports call it: its label where it was given one, else its name.
const std::string& shown_name(const Result& result);

/// Fresh sessions that a figure's series was taken in.
std::int64_t sessions_of(const CaseResult& one, const MetricResult& metric);

struct DeviceResult : DeviceInfo {
  Peaks peaks;        // probed before the cases
  Peaks peaks_after;  // and after them: how much the machine moved meanwhile
};

struct ToolResult {
  std::string version, git, build;
};

/// Of one of two results whose sessions were taken in turn, so that what drifts on the machine hits both
/// alike. The k-th session of a side, in every case, is the k-th of its letter in the blocks read one after
/// the other.
struct Interleaving {
  std::string id;    // both sides hold it, and no other run
  std::string side;  // "a" or "b"
  std::uint64_t seed = 0;
  std::vector<std::string> blocks;  // of four turns each: "abba" or "baab"
  std::string partner;              // how the other side was made: its program and its config
};

struct Result {
  std::int64_t count(CaseStatus status) const;

  std::string schema = std::string(kResultSchema);
  ToolResult tool;
  std::string name;   // of the run config
  std::string label;  // that was given with its file, to tell it apart by; stands in no file
  std::string title;  // of its reports, where one was asked for
  std::string started_at, finished_at;  // UTC, ISO 8601
  RunStatus status = RunStatus::partial;
  std::int64_t cases_planned = 0;    // a case on two devices is two; 0: not known
  Json config = Json::object();      // after defaults and --set: feeding it back repeats the run
  std::vector<std::string> command;  // argv
  std::map<std::string, std::string> environment;  // OS, kernel, compiler, libraries, governor ...
  std::vector<DeviceResult> devices;
  std::vector<CaseResult> cases;
  std::vector<std::string> warnings;  // cause and remedy each
  std::optional<Interleaving> interleaving;
};

}  // namespace assay
