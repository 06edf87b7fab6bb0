// SPDX-License-Identifier: Apache-2.0
// What a gate asks of a candidate ("assay.limits/1"): how much slower it may be, what it must not exceed; and
// how far figures of this machine lie apart although nothing changed, as `assay gate --calibrate` found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.h"
#include "statistics/blocks.h"

namespace assay {

inline constexpr std::string_view kLimitsSchema = "assay.limits/1";

/// worse: a gain passes. either: any change beyond the limit fails, so that a baseline is renewed knowingly.
enum class Direction : std::uint8_t { worse, either };
std::span<const std::string_view> enum_names(Direction);

/// One line of the file. Of those that limit a loss, the last that fits a figure decides; limits on the
/// figure's own value all hold.
struct Limit {
  std::string metric = "*", cases = "*";  // names and ids; * stands for any text
  std::optional<Stat> statistic;          // only figures of this one
  Direction direction = Direction::worse;
  std::optional<double> loss;  // share of the baseline's figure that may be lost: 0.03
  std::optional<double>
      loss_absolute;                 // in the figure's unit; where `loss` stands too, both must be exceeded
  bool noise = false;                // no worse than what it is apart although nothing changed
  std::optional<double> must_catch;  // a loss that must not pass unseen; else what `loss` and noise allow
  std::optional<double> at_most, at_least;  // of the candidate's own figure

  bool limits_loss() const { return loss || loss_absolute || noise; }
};

/// Of results that differ in nothing: how far their figures lie apart. Logarithms of ratios throughout, which
/// for a few percent are shares.
struct Noise {
  std::string case_id, device, of;  // `of`: the series
  Stat statistic = Stat::median;
  bool turns = false;                    // of interleaved results
  std::int64_t sessions = 0, pairs = 0;  // a side, and pairs of results
  double floor = 0;                      // 95th percentile of |ratio - 1|
  double deviation = 0;                  // standard, of the logarithm of the ratio
  double largest = 0;                    // of |logarithm of the ratio| among the pairs
  double within = 0;                     // standard deviation of sessions of one result
  double between = 0;                    // of results beyond that
  std::int64_t degrees = 0;  // of freedom, of the deviation: results - 1; of turns, pairs or their blocks
};

struct Limits {
  std::string schema_file;  // "$schema", for editors
  std::string schema = std::string(kLimitsSchema);
  std::string name;
  double significance = 0.05;     // of a gate's losses together, after Holm
  double false_alarms = 0.005;    // wanted: shares of suites without a change that fail
  std::int64_t min_sessions = 8;  // a side, where there is neither calibration nor turns
  std::vector<Limit> limits;
  std::string calibrated_on;  // device and date; empty: it was not
  std::vector<Noise> noise;
};

/// Error(bad_input) names the place in the file.
Limits read_limits(const std::filesystem::path& path);
Limits limits_from_json(const Json& json, const std::string& file);
Json to_json(const Limits& limits);
Json limits_schema();

/// Whether `pattern`, in which * stands for any text, fits all of `text`.
bool fits(std::string_view pattern, std::string_view text);

/// The last limit on a loss that fits this figure; null where none does.
const Limit* loss_limit(const Limits& limits, const std::string& case_id, const std::string& metric,
                        Stat statistic);

/// The noise of a figure; nothing where it was not calibrated so.
const Noise* find_noise(const Limits& limits, const std::string& case_id, const std::string& device,
                        const std::string& of, Stat statistic, bool turns);

}  // namespace assay
