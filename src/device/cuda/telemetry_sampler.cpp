// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/telemetry_sampler.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace assay {
namespace {

// The board refreshes its power reading no faster than this; and the first sample should see it at work.
constexpr std::chrono::milliseconds kInterval{50};
// Boards count energy in steps of up to 100 ms (Yang et al., "Part-time Power Measurements", 2023): ten of
// them, and a step more or less is no longer most of the figure.
constexpr double kWorthEnergy_s = 1;

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

double steady_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

TelemetrySampler::TelemetrySampler(const Nvml& nvml, std::function<double()> now_s)
    : nvml_(nvml), now_s_(now_s ? std::move(now_s) : steady_s) {}

void TelemetrySampler::start() {
  stop();
  if (!nvml_.present()) return;
  power_w_.clear();
  clock_mhz_.clear();
  temperature_c_.clear();
  limit_bits_ = 0;
  timed_s_ = energy_j_ = 0;
  energy_known_ = true;
  stopping_ = paused_ = false;
  begin_stretch();
  thread_ = std::thread(&TelemetrySampler::run, this);
}

void TelemetrySampler::pause() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable() && !paused_) end_stretch();
  paused_ = true;
}

void TelemetrySampler::resume() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable() && paused_) begin_stretch();
  paused_ = false;
}

void TelemetrySampler::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void TelemetrySampler::look() {
  const std::lock_guard lock(mutex_);
  if (!paused_) take_sample();
}

void TelemetrySampler::take_sample() {
  keep(power_w_, nvml_.power_w());
  keep(clock_mhz_, nvml_.sm_clock_mhz());
  keep(temperature_c_, nvml_.temperature_c());
  limit_bits_ |= nvml_.clock_limit_bits().value_or(0);
  ++samples_;
}

void TelemetrySampler::begin_stretch() {
  samples_ = 0;
  began_j_ = nvml_.energy_j();
  began_s_ = now_s_();
}

void TelemetrySampler::end_stretch() {
  timed_s_ += now_s_() - began_s_;
  if (samples_ == 0) take_sample();  // shorter than one interval
  const std::optional<double> now_j = nvml_.energy_j();
  energy_known_ = energy_known_ && now_j && began_j_;
  if (energy_known_) energy_j_ += *now_j - *began_j_;
}

std::optional<Telemetry> TelemetrySampler::stop() {
  if (!thread_.joinable()) return std::nullopt;
  pause();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  Telemetry telemetry{.power_w = mean_of(power_w_),
                      .energy_j = {},
                      .clock_mhz = mean_of(clock_mhz_),
                      .temperature_max_c = largest_of(temperature_c_),
                      .throttle_reasons = clock_limit_names(limit_bits_)};
  if (energy_known_ && timed_s_ >= kWorthEnergy_s) {
    telemetry.energy_j = energy_j_;
    telemetry.power_w = energy_j_ / timed_s_;
  }
  return telemetry;
}

}  // namespace assay
