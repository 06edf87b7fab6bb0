// SPDX-License-Identifier: Apache-2.0
#include "analyse/random_reads.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "analyse/ceilings.h"

namespace assay {
namespace {

std::map<std::int64_t, double> probed(const DeviceResult& device) {
  std::map<std::int64_t, double> rates;
  for (const Peaks* peaks : {&device.peaks, &device.peaks_after})
    for (const auto& [row_bytes, ceiling] : peaks->random_read_bytes_per_s)
      if (ceiling.measured && *ceiling.measured > 0)
        rates[row_bytes] = std::max(rates[row_bytes], *ceiling.measured);
  return rates;
}

}  // namespace

std::optional<double> random_read_peak(const DeviceResult& device, std::int64_t row_bytes) {
  const std::map<std::int64_t, double> rates = probed(device);
  if (rates.empty() || row_bytes <= 0) return std::nullopt;
  const auto above = rates.lower_bound(row_bytes);
  if (above == rates.end()) {
    const Ceiling before = device.peaks.of(Path::memory), after = device.peaks_after.of(Path::memory);
    return std::max(before.measured, after.measured);  // nothing is less than any figure
  }
  const auto bytes = static_cast<double>(row_bytes);
  if (above == rates.begin()) return above->second * bytes / static_cast<double>(above->first);
  const auto below = std::prev(above);
  const auto low = static_cast<double>(below->first), high = static_cast<double>(above->first);
  return below->second + (above->second - below->second) * (bytes - low) / (high - low);
}

void add_random_reads(OpResult& op, const CaseResult& one, const DeviceResult& device) {
  if (!op.random_reads) return;
  RandomReadsResult& reads = *op.random_reads;
  reads = {.rows = reads.rows,
           .distinct_rows = reads.distinct_rows,
           .row_bytes = reads.row_bytes,
           .table_bytes = reads.table_bytes,
           .path = reads.path,
           .cacheable = reads.cacheable};
  const CaseCeiling stream = ceiling_of(one, device, name(reads.path));
  reads.peak_bytes_per_s = reads.path == Path::memory ? random_read_peak(device, reads.row_bytes)
                           : stream.why.empty()       ? stream.measured
                                                      : std::nullopt;
  if (!op.time_s || !op.time_s->known() || !(op.time_s->value > 0)) return;
  const auto per_s = [&](std::int64_t rows) { return static_cast<double>(rows) / op.time_s->value; };
  const auto row_bytes = static_cast<double>(reads.row_bytes);
  reads.rows_per_s = per_s(reads.rows);
  reads.bytes_per_s = per_s(reads.distinct_rows) * row_bytes;
  reads.served_bytes_per_s = per_s(reads.rows) * row_bytes;
  if (reads.peak_bytes_per_s) reads.of_peak = *reads.bytes_per_s / *reads.peak_bytes_per_s;
  if (stream.measured && stream.why.empty()) reads.of_streaming = *reads.bytes_per_s / *stream.measured;
}

}  // namespace assay
