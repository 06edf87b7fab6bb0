// SPDX-License-Identifier: Apache-2.0
// Results of the same work beside one baseline: what differs between them besides their figures, the figures,
// and what they come to. The numbers of `assay compare`, in its file ("assay.comparison/1") and its reports.
// Results in, plain structs out; no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyse/ceilings.h"
#include "analyse/comparison.h"
#include "analyse/prices.h"
#include "result/result.h"

namespace assay {

inline constexpr std::string_view kComparisonSchema = "assay.comparison/1";

/// `label` tells it apart from every other result of the comparison.
struct ComparedResult {
  std::string label, name, started_at;
  RunStatus status = RunStatus::partial;
  std::vector<std::string> devices;  // names
  ToolResult tool;
};

enum class About : std::uint8_t { machine, device, tool, config, cases };
std::span<const std::string_view> enum_names(About);

/// What is not the same in two results. Nothing: the result does not say.
struct Difference {
  About about = About::machine;
  std::string key;  // of a config a JSON pointer
  std::optional<std::string> base, other;
  std::int64_t cases = 0;  // of what cases say: how many differ so
};

/// A choice that fell on another kernel.
struct KernelDifference {
  std::string op, shape;
  Place place = Place::device;
  std::optional<std::string> base, other;  // with its variant
  std::vector<std::string> cases;          // short ids
};

/// A stage on both sides: what binds most of its time, and how near it comes to the measured peaks: its bound
/// and its op-by-op estimate, as shares of its time.
struct StagePair {
  std::string stage;
  std::optional<double> base_s, other_s;  // one iteration
  std::optional<Bound> base_bound, other_bound;
  std::optional<double> base_of_bound, other_of_bound;
  std::optional<double> base_of_peak, other_of_peak;
};

/// Figures that are made of one series by one statistic are one question: a time, and the rate made of it.
/// One that neither result knows is none.
struct Question {
  std::size_t metric = 0;         // into Comparison::metrics: the first of them that has a ratio
  std::vector<std::string> also;  // the other figures' names
};

/// What the other gives for a watt of what the baseline gives.
struct PerWatt {
  std::string metric;
  double base_w = 0, other_w = 0;  // mean while samples were taken
  double ratio = 1;                // the figure's ratio x base_w / other_w: above 1 the other is better
};

struct PerMoney {
  std::string metric;
  std::string work;                                     // that the costs are of: "1,000 tokens"
  std::optional<double> base_per_hour, other_per_hour;  // device, and power where with_power
  bool with_power = false;                              // its price is in, since it is known on both sides
  std::optional<double> base_cost, other_cost;
  std::optional<double> ratio;  // base_cost / other_cost: above 1 the other gives more for its money
  std::string why;              // they are not known
};

/// A case that both have.
struct ComparedCase {
  std::string id, short_id, workload;
  std::string base_device, other_device;
  std::size_t base_index = 0, other_index = 0;  // into the results' cases
  Comparison of;
  std::vector<Question> questions;         // with a ratio or without
  std::optional<double> ratio, low, high;  // geometric mean over its questions
  std::optional<PerWatt> per_watt;
  std::optional<PerMoney> per_money;  // where there are prices
  std::vector<StagePair> stages;
};

struct MissingCase {
  std::string id, device;
};

/// Geometric mean of its cases' ratios. Its interval has the means of theirs as ends, on the scale of
/// logarithms: it holds wherever theirs do, however they hang together, and is wide where they do not.
struct WorkloadMean {
  std::string workload;
  std::int64_t cases = 0, figures = 0;
  std::int64_t without_interval = 0;  // figures; where there are any the mean has none
  double ratio = 1;
  std::optional<double> low, high;
};

struct Counts {
  std::int64_t cases = 0, compared = 0;  // that both have; of which figures stand beside each other
  std::int64_t faster = 0, slower = 0, same = 0, cannot_tell = 0;  // questions
  std::int64_t agree = 0, disagree = 0, outputs_cannot_tell = 0;   // outputs
};

/// A case whose operations are drawn under the roofs of both.
struct RooflinePair {
  std::size_t index = 0;  // into Against::cases
  std::vector<CaseCeiling> base, other;
};

/// One result beside the baseline.
struct Against {
  std::size_t result = 0;  // into ResultsComparison::results
  bool other_machine = false;
  std::vector<Difference> differences;
  std::int64_t same_keys = 0;  // what was looked at and is the same in both
  std::vector<KernelDifference> kernels;
  std::int64_t same_kernels = 0;  // choices that fell alike
  std::vector<ComparedCase> cases;
  std::vector<MissingCase> only_in_base, only_in_other;
  std::vector<WorkloadMean> means;
  Counts counts;
  std::vector<RooflinePair> rooflines;  // of the first cases that can be drawn
  std::vector<std::string> notes;       // what to keep in mind
};

struct ResultsComparison {
  std::string schema = std::string(kComparisonSchema);
  std::vector<ComparedResult> results;  // the baseline first
  std::string common_id;                // what the ids of all compared cases share
  std::int64_t questions = 0;           // over which p values were adjusted
  std::optional<Prices> prices;
  std::vector<Against> others;
};

/// The first is the baseline; at least two. Their roofline shares should be there (roofline.h).
ResultsComparison compare_results(std::span<const Result> results, std::optional<Prices> prices = {},
                                  Alike alike = Alike::work);

bool outputs_disagree(const ResultsComparison& comparison);
/// Labels of the results that share no figure with the baseline.
std::vector<std::string> incomparable(const ResultsComparison& comparison);

Json to_json(const ResultsComparison& comparison);
Json comparison_schema();

}  // namespace assay
