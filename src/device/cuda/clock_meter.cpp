// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/clock_meter.h"

#include <map>
#include <vector>

#include "device/cuda/cuda_lane.h"
#include "device/cuda/median.h"

namespace assay {
namespace {

constexpr double kLongestStep_ns = 1e6;  // of a timer that did not move while we looked
constexpr double kStepsWorth = 100;      // of both steps: then they are 1 % of the figure at most
constexpr int kBlocksPerMultiprocessor = 2;

class CudaClockMeter final : public ClockMeter {
 public:
  explicit CudaClockMeter(CudaLane& lane)
      : lane_(lane), readings_(static_cast<std::size_t>(kBlocksPerMultiprocessor * lane.info().units)) {
    for (auto& memory : memory_)
      memory = lane.allocate(static_cast<std::int64_t>(readings_ * sizeof(ClockReading)));
    begin(lane.stream());  // loads the code, which a closed gate would not let through
    end(lane.stream());
    lane.synchronize();
  }
  void begin(Stream& stream) override { read_clocks(on_device(0), stream); }
  void end(Stream& stream) override { read_clocks(on_device(1), stream); }
  std::optional<double> hz() override { return clock_hz(read(0), read(1)); }

 private:
  std::span<ClockReading> on_device(std::size_t end) const {
    return memory_[end]->buffer().as<ClockReading>();
  }
  std::vector<ClockReading> read(std::size_t end) const {
    std::vector<ClockReading> readings(readings_);
    lane_.read(readings.data(), memory_[end]->buffer(), memory_[end]->buffer().bytes);
    return readings;
  }

  CudaLane& lane_;
  const std::size_t readings_;
  std::unique_ptr<Memory> memory_[2];  // at the begin, at the end
};

double step_ns(const ClockReading& reading) {
  return reading.step_ns == 0 ? kLongestStep_ns : reading.step_ns;
}

}  // namespace

std::optional<double> clock_hz(std::span<const ClockReading> begin, std::span<const ClockReading> end) {
  std::map<unsigned, ClockReading> first;
  for (const ClockReading& reading : begin) first.emplace(reading.multiprocessor, reading);
  std::vector<double> rates;
  for (const ClockReading& last : end) {
    const auto at = first.find(last.multiprocessor);
    if (at == first.end() || last.ns <= at->second.ns) continue;
    const double ns = static_cast<double>(last.ns - at->second.ns);
    const double cycles = static_cast<double>(last.cycles - at->second.cycles);
    if (ns >= kStepsWorth * (step_ns(at->second) + step_ns(last)) && cycles > 0)
      rates.push_back(cycles / ns * 1e9);
  }
  if (rates.empty()) return std::nullopt;
  return upper_median(std::move(rates));
}

std::unique_ptr<ClockMeter> make_clock_meter(CudaLane& lane) {
  return std::make_unique<CudaClockMeter>(lane);
}

}  // namespace assay
