// SPDX-License-Identifier: Apache-2.0
// The rate of the multiprocessors' clock over a stretch of a stream: how far their cycle counters went beside
// the GPU's timer, read by a small kernel at either end. Unlike what the driver says of clocks, that is of
// this very stretch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "device/device.h"

namespace assay {

class CudaLane;

/// Both counters at one moment, as one block saw them.
struct ClockReading {
  std::int64_t cycles;
  std::uint64_t ns;
  unsigned multiprocessor;
  unsigned step_ns;  // of the timer, which had just moved; 0: it did not while we looked
};

/// Median over the multiprocessors that are in both. Empty where the timer's steps are more than a hundredth
/// of the stretch.
std::optional<double> clock_hz(std::span<const ClockReading> begin, std::span<const ClockReading> end);

/// For the stream of that lane, which outlives it.
std::unique_ptr<ClockMeter> make_clock_meter(CudaLane& lane);

/// A reading a block.
void read_clocks(std::span<ClockReading> to, const Stream& stream);

}  // namespace assay
