// SPDX-License-Identifier: Apache-2.0
// What the machine did while draws were taken: others on it, clocks, heat, and the peaks beside the blocks.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

using Value = std::optional<double>;

std::string count_of(const std::optional<std::int64_t>& count) {
  return count ? count_text(*count) : std::string(kUnknown);
}
std::string quantity(const Value& value, std::string_view unit) {
  return value ? number_text(*value) + " " + std::string(unit) : std::string(kUnknown);
}

/// One thing that telemetry tells, as text; kUnknown where it does not.
struct Told {
  const char* title;
  std::string (*text)(const TelemetryResult& seen);
  bool number = true;
};

constexpr std::array kHost = {
    Told{"Taken by others", [](const TelemetryResult& t) { return percent_text(t.others_share); }},
    Told{"Of that, stolen", [](const TelemetryResult& t) { return percent_text(t.stolen_share); }},
    Told{"Withheld by quota",
         [](const TelemetryResult& t) { return percent_text(t.cgroup_throttled_share); }},
    Told{"Forced switches", [](const TelemetryResult& t) { return count_of(t.involuntary_switches); }},
    Told{"Migrations", [](const TelemetryResult& t) { return count_of(t.migrations); }},
    Told{"Waited for quiet", [](const TelemetryResult& t) { return quantity_text(t.quiet_wait_s, "s"); }},
    Told{"Disturbed, retaken", [](const TelemetryResult& t) { return count_of(t.disturbed_blocks); }},
};
constexpr std::array kDevice = {
    Told{"Clock", [](const TelemetryResult& t) { return quantity(t.clock_mhz, "MHz"); }},
    Told{"Hottest", [](const TelemetryResult& t) { return quantity(t.temperature_max_c, "°C"); }},
    Told{"Power", [](const TelemetryResult& t) { return quantity_text(t.power_w, "W"); }},
    Told{"Energy", [](const TelemetryResult& t) { return quantity_text(t.energy_j, "J"); }},
    Told{"Blocks retaken", [](const TelemetryResult& t) { return count_of(t.throttled_blocks); }},
    Told{"Enqueued late",
         [](const TelemetryResult& t) {
           return t.late_blocks > 0 ? count_text(t.late_blocks) : std::string(kUnknown);
         }},
    Told{"Throttled by",
         [](const TelemetryResult& t) {
           return t.throttle_reasons.empty() ? std::string(kUnknown) : join(t.throttle_reasons, ", ");
         },
         false},
};

/// A row a case that tells something; of the columns those in which any case does.
void add_telemetry(Blocks& out, const ReportInput& input, const std::string& caption,
                   std::span<const Told> columns) {
  const Summary& s = input.summary;
  const auto tells = [&](const CaseSummary& c, const Told& column) {
    const auto& telemetry = input.results[c.result].cases[c.index].telemetry;
    return telemetry ? column.text(*telemetry) : std::string(kUnknown);
  };
  Table table{.caption = caption, .columns = {{"Case", false}}, .rows = {}};
  std::vector<Told> shown;
  for (const Told& column : columns)
    if (std::ranges::any_of(s.cases, [&](const auto& c) { return tells(c, column) != kUnknown; })) {
      shown.push_back(column);
      table.columns.push_back({column.title, column.number});
    }
  for (const CaseSummary& c : s.cases) {
    if (std::ranges::all_of(shown, [&](const Told& column) { return tells(c, column) == kUnknown; }))
      continue;
    std::vector<Cell> row = {Text().code(c.short_id)};
    for (const Told& column : shown) row.emplace_back(tells(c, column));
    add_row(table, s, c.device, std::move(row));
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_machine_peaks(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  Table table{.caption = "Peaks probed beside the blocks: what shares of a case are of",
              .columns = {{"Case", false},
                          {"Peak", false},
                          {"Median", true},
                          {"Lowest", true},
                          {"Highest", true},
                          {"Probes", true}},
              .rows = {}};
  for (const CaseSummary& c : s.cases)
    for (const auto& [name, peak] : input.results[c.result].cases[c.index].peaks) {
      Text label(peak_label(name));
      if (!peak.why.empty()) label.add(peak.why + ": shares of it are withheld", Span::Style::detail);
      add_row(table, s, c.device,
              {Text().code(c.short_id), label, quantity_text(peak.value, peak.unit),
               quantity_text(peak.min, peak.unit), quantity_text(peak.max, peak.unit), count_text(peak.n)});
    }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

}  // namespace

void add_machine_section(Blocks& out, const ReportInput& input) {
  Blocks blocks;
  add_telemetry(blocks, input, "The CPUs while draws were taken; shares are of their time", kHost);
  add_telemetry(blocks, input, "The device while draws were taken", kDevice);
  add_machine_peaks(blocks, input);
  if (blocks.empty()) return;
  out.push_back(Heading{2, "The machine meanwhile"});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace assay
