// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: three significant digits, SI or binary prefixes. The only place that rounds;
// what is unknown or not finite prints as kUnknown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

inline constexpr std::string_view kUnknown = "-";

/// "0.0123", "1,230", "3.9e-05": no prefix, thousands separated.
std::string number_text(double value, int digits = 3);
/// "8,030,261,248": every digit.
std::string count_text(std::int64_t value);
/// "12.3 ms", "1.24 GB/s": a decimal prefix before `unit`. Seconds take none above 1.
std::string si_text(double value, std::string_view unit);
/// "15.0 GiB", "640 B"
std::string bytes_text(double bytes);
/// "71.3 %" of a share of 1; "<0.1 %" for what is not quite nothing.
/// "0:09", "2:30": minutes and seconds, for what takes long.
std::string duration_text(double seconds);
std::string percent_text(double share);
/// "+1.2 %", "-0.4 %": a relative change.
std::string change_text(double change);
/// "2.31x"
std::string ratio_text(double ratio);

/// By the unit of a result: "s", "B", "B/s", "FLOP", "FLOP/s", "W", "J", "Hz" with SI prefixes, "1" as a
/// percentage, others ("tokens/s") as a plain number before the unit.
std::string quantity_text(double value, std::string_view unit);

/// The same of a number that may be unknown.
std::string quantity_text(const std::optional<double>& value, std::string_view unit);
std::string percent_text(const std::optional<double>& share);
std::string bytes_text(const std::optional<std::int64_t>& bytes);

}  // namespace assay
