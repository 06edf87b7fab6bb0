// SPDX-License-Identifier: Apache-2.0
// Rows that are read where integers say, beside what the memory gives such reads. A stream's peak is not
// theirs: memory is fetched in lines, and each row waits for its own.
#pragma once

#include <cstdint>
#include <optional>

#include "result/result.h"

namespace assay {

/// The better of the probes before and after all cases, so that a machine that slowed down meanwhile does not
/// flatter. Between two probed sizes of rows it is on the line between them; rows shorter than the shortest
/// cost as much each; rows longer than the longest are held against a stream. Probed rows begin at a line of
/// memory, so for rows that do not it is not quite reachable. Nothing where a device was not probed.
std::optional<double> random_read_peak(const DeviceResult& device, std::int64_t row_bytes);

/// Fills the rates and shares of an op's reads from its time. Of a link, whose random reads are not probed,
/// the peak is the link's own.
void add_random_reads(OpResult& op, const CaseResult& one, const DeviceResult& device);

}  // namespace assay
