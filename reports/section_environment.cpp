// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

std::optional<std::int64_t> known(std::int64_t value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

void add_devices(Blocks& out, const ReportInput& input) {
  Table table{.caption = "Devices",
              .columns = {{"Device", false},
                          {"Id", false},
                          {"Memory", true},
                          {"Last-level cache", true},
                          {"Cores used", true}},
              .rows = {}};
  for (const DeviceSummary& d : input.summary.devices) {
    const auto units = known(d.units);
    table.rows.push_back({Text().strong(d.label), Text().code(d.id), bytes_text(known(d.memory_bytes)),
                          bytes_text(known(d.cache_bytes)),
                          units ? count_text(*units) : std::string(kUnknown)});
  }
  out.push_back(std::move(table));
}

const Drift* find_drift(const Summary& s, std::size_t device, std::string_view peak) {
  const auto found = std::find_if(s.drift.begin(), s.drift.end(),
                                  [&](const Drift& d) { return d.device == device && d.peak == peak; });
  return found == s.drift.end() ? nullptr : &*found;
}

void add_peaks(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  Table table{.caption =
                  "Peaks: as sold, and as reached by a probe on this machine (the better of before and after "
                  "the cases)",
              .columns = {{"Device", false},
                          {"Peak", false},
                          {"Datasheet", true},
                          {"Measured", true},
                          {"Change during the run", true},
                          {"Source of the datasheet figure", false}},
              .rows = {}};
  for (std::size_t i = 0; i < s.devices.size(); ++i) {
    const DeviceSummary& d = s.devices[i];
    const auto add = [&](const std::string& label, const Ceiling& c, std::string_view unit,
                         const Drift* drift) {
      if (!c.datasheet && !c.measured) return;
      table.rows.push_back({d.label, label, quantity_text(c.datasheet, unit), quantity_text(c.measured, unit),
                            drift ? change_text(drift->change) : std::string(kUnknown),
                            c.source.empty() ? std::string(kUnknown) : c.source});
    };
    const auto add_peak = [&](std::string_view peak, const Ceiling& c) {
      add(peak_label(peak), c, peak_unit(peak), find_drift(s, i, peak));
    };
    for (const auto& [path, ceiling] : d.peaks.bytes_per_s)
      if (path != Path::host_link) add_peak(name(path), ceiling);
    for (const auto& [row_bytes, ceiling] : d.peaks.random_read_bytes_per_s)
      add("random reads of " + count_text(row_bytes) + " B", ceiling, "B/s", nullptr);
    add("host to device", d.peaks.to_device_bytes_per_s, "B/s", nullptr);
    add("device to host", d.peaks.from_device_bytes_per_s, "B/s", nullptr);
    for (const auto& [dtype, ceiling] : d.peaks.flops_per_s) add_peak(name(dtype), ceiling);
    if (d.peaks.launch_s)
      table.rows.push_back({d.label, "Shortest launch", std::string(kUnknown),
                            si_text(*d.peaks.launch_s, "s"), std::string(kUnknown), std::string(kUnknown)});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_facts(Blocks& out, const Result& result, bool several) {
  const std::string title = several && !shown_name(result).empty() ? ": " + shown_name(result) : "";
  Table table{
      .caption = "Machine and program" + title, .columns = {{"Fact", false}, {"Value", false}}, .rows = {}};
  const auto add = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) table.rows.push_back({key, value});
  };
  std::string tool = "assay " + result.tool.version;
  if (!result.tool.git.empty()) tool += " (" + result.tool.git + ")";
  add("Program", result.tool.build.empty() ? tool : tool + ", " + result.tool.build);
  add("Started", result.started_at);
  add("Finished", result.finished_at);
  for (const auto& [key, value] : result.environment) {
    std::string text = key;
    if (!std::any_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
      std::replace(text.begin(), text.end(), '_', ' ');
      text = key == "os" || key == "cpu" || key == "smt" ? "" : capitalised(text);
      if (text.empty())
        for (const char c : key) text += static_cast<char>(c - 'a' + 'A');
    }
    add(text, value);
  }
  for (const DeviceResult& device : result.devices)
    for (const auto& [key, value] : device.properties) add(device.id + ": " + key, value);
  out.push_back(std::move(table));
}

}  // namespace

void add_environment_section(Blocks& out, const ReportInput& input) {
  out.push_back(Heading{2, "Environment"});
  add_devices(out, input);
  add_peaks(out, input);
  for (const Result& result : input.results) add_facts(out, result, input.results.size() > 1);
}

}  // namespace assay
