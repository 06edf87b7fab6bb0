// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/telemetry_sampler.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace assay {
namespace {

// The board refreshes its power reading no faster than this; and the first sample should see it at work.
constexpr std::chrono::milliseconds kInterval{50};

void keep(std::vector<double>& values, std::optional<double> value) {
  if (value) values.push_back(*value);
}

std::optional<double> mean_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> largest_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return *std::ranges::max_element(values);
}

}  // namespace

void TelemetrySampler::start() {
  stop();
  if (!nvml_.present()) return;
  power_w_.clear();
  clock_mhz_.clear();
  temperature_c_.clear();
  limit_bits_ = 0;
  stopping_ = false;
  energy_at_start_j_ = nvml_.energy_j();
  thread_ = std::thread(&TelemetrySampler::run, this);
}

void TelemetrySampler::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) take_sample();
}

void TelemetrySampler::take_sample() {
  keep(power_w_, nvml_.power_w());
  keep(clock_mhz_, nvml_.sm_clock_mhz());
  keep(temperature_c_, nvml_.temperature_c());
  limit_bits_ |= nvml_.clock_limit_bits().value_or(0);
}

std::optional<Telemetry> TelemetrySampler::stop() {
  if (!thread_.joinable()) return std::nullopt;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (clock_mhz_.empty() && power_w_.empty()) take_sample();  // shorter than one interval
  Telemetry telemetry{.power_w = mean_of(power_w_),
                      .energy_j = {},
                      .clock_mhz = mean_of(clock_mhz_),
                      .temperature_max_c = largest_of(temperature_c_),
                      .throttle_reasons = clock_limit_names(limit_bits_)};
  if (const std::optional<double> now = nvml_.energy_j(); now && energy_at_start_j_)
    telemetry.energy_j = *now - *energy_at_start_j_;
  return telemetry;
}

}  // namespace assay
