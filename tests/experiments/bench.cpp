// SPDX-License-Identifier: Apache-2.0
#include "experiments/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/random.h"
#include "base/text.h"
#include "statistics/statistics.h"

namespace assay::experiments {
namespace {

constexpr std::int64_t kBatch = 16;  // replays between two waits of the host
constexpr int kLead = 4;  // flushes of the cache before a batch: some 200 us in which the host gets ahead

std::vector<double> scaled(const std::vector<double>& values, double by) {
  std::vector<double> all;
  for (const double value : values) all.push_back(value * by);
  return all;
}

}  // namespace

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Bench::Bench(OpenDevice gpu, Record& record)
    : gpu_(std::move(gpu)),
      record_(record),
      lane_(gpu_.device->lane({})),
      marks_(lane_->marks(2 * kBatch)),
      meter_(lane_->clock_meter()) {}

Bench::~Bench() = default;

const KernelEntry& Bench::kernel(std::string_view op, std::string_view name) const {
  for (const KernelEntry& entry : gpu_.kernels)
    if (entry.op == op && entry.name == name) return entry;
  throw Unsupported(fmt::format("the backend has no kernel {}/{}", op, name));
}

std::vector<KernelEntry> Bench::kernels_of(std::string_view op) const {
  std::vector<KernelEntry> found;
  for (const KernelEntry& entry : gpu_.kernels)
    if (entry.op == op) found.push_back(entry);
  return found;
}

std::unique_ptr<Memory> Bench::random_bytes(std::int64_t bytes) {
  auto memory = device().allocate(bytes);
  const TensorSpec spec{.name = "data", .shape = {bytes / 2}, .dtype = DType::bf16, .fill = Fill::normal()};
  lane().fill(memory->buffer(), spec, random_key(1, "experiments/data"));
  lane().synchronize();
  return memory;
}

void Bench::begin_experiment(double limit_s) {
  deadline_s_ = now_s() + limit_s;
}

double Bench::left_s() const {
  return deadline_s_ - now_s();
}

void Bench::attempt(const std::string& case_name, const std::function<void()>& work) {
  try {
    if (left_s() <= 0) throw OutOfTime("the experiment's time was up");
    work();
  } catch (const std::exception& problem) {
    record_.missing(case_name, problem.what());
  }
}

Timing Bench::time(const std::function<void(Stream&)>& work, const Replays& how) {
  if (left_s() <= 0) throw OutOfTime("the experiment's time was up");
  std::vector<double> seconds;
  const auto batch = [&](std::int64_t count) {
    Stream& stream = lane().stream();
    for (int i = 0; i < kLead; ++i) lane().flush_cache();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto mark = static_cast<std::size_t>(2 * i);
      if (how.before) how.before(stream);
      marks_->record(mark, stream);
      work(stream);
      marks_->record(mark + 1, stream);
    }
    lane().synchronize();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto mark = static_cast<std::size_t>(2 * i);
      seconds.push_back(marks_->seconds(mark, mark + 1));
    }
  };

  if (how.before) how.before(lane().stream());
  work(lane().stream());
  lane().synchronize();
  batch(2);  // thrown away: they say how long it takes
  const double once_s = std::max(seconds.back(), 1e-7);
  seconds.clear();
  const double affordable = std::min(how.most_s, std::max(0.0, left_s())) / once_s;
  const std::int64_t count = affordable >= static_cast<double>(how.most)
                                 ? how.most
                                 : std::max(how.fewest, static_cast<std::int64_t>(affordable));
  const auto all = [&] {
    for (std::int64_t left = count; left > 0; left -= kBatch) batch(std::min(left, kBatch));
  };
  Timing timing;
  if (how.watched)
    timing.conditions = watch(all);
  else
    all();
  timing.seconds = std::move(seconds);
  return timing;
}

Conditions Bench::watch(const std::function<void()>& work) {
  device().start_telemetry();
  if (meter_) meter_->begin(lane().stream());
  work();
  if (meter_) meter_->end(lane().stream());
  lane().synchronize();
  const std::optional<Telemetry> telemetry = device().stop_telemetry();
  Conditions conditions;
  if (telemetry) {
    conditions.sm_clock_mhz = telemetry->clock_mhz;
    conditions.power_w = telemetry->power_w;
    conditions.throttle = join(telemetry->throttle_reasons, ", ");
  }
  if (const auto hz = meter_ ? meter_->hz() : std::nullopt) conditions.sm_clock_mhz = *hz * 1e-6;
  return conditions;
}

void Bench::add_us(const std::string& case_name, const Timing& timing, double parts,
                   const std::string& note) {
  const std::vector<double> us = scaled(timing.seconds, 1e6 / parts);
  record_.add({.case_name = case_name,
               .value = median(us),
               .unit = "us",
               .low = quantile(us, 0.1),
               .high = quantile(us, 0.9),
               .n = static_cast<std::int64_t>(us.size()),
               .conditions = timing.conditions,
               .note = note});
}

void Bench::add_rate(const std::string& case_name, const Timing& timing, double amount,
                     const std::string& unit, double scale, const std::string& note) {
  std::vector<double> rates;
  for (const double seconds : timing.seconds) rates.push_back(amount * scale / seconds);
  record_.add({.case_name = case_name,
               .value = median(rates),
               .unit = unit,
               .low = quantile(rates, 0.1),
               .high = quantile(rates, 0.9),
               .n = static_cast<std::int64_t>(rates.size()),
               .conditions = timing.conditions,
               .note = note});
}

}  // namespace assay::experiments
