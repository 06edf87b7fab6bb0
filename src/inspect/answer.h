// SPDX-License-Identifier: Apache-2.0
// What an architect asks of a case and a device: does it fit, how much more would, how fast at best, and what
// binds. Needs no device: memory is the plan's, rates are the datasheet's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json_fields.h"
#include "inspect/at_best.h"
#include "inspect/plan_sizes.h"

namespace assay {

/// Kept free of every device: a driver's context and the kernels that are loaded into it take 300 to 600 MB,
/// a library's workspaces 134 to 440 MB where they were measured (reports/examples/h100-80gb-hbm3), and an
/// allocator rounds up.
inline constexpr std::int64_t kReserveBytes = std::int64_t{1} << 30;

/// What stands in the way of more.
enum class LimitOfSize : std::uint8_t {
  memory,  // of the device
  model,   // positions that it is made for
  assay,   // what a run config may ask for
};
inline std::span<const std::string_view> enum_names(LimitOfSize) {
  static constexpr std::array<std::string_view, 3> kNames = {"memory", "model", "assay"};
  return kNames;
}

struct Largest {
  std::int64_t value = 0;  // 0: not even one fits
  LimitOfSize limit = LimitOfSize::memory;
};
template <class Visitor>
void describe(Visitor& v, Largest& l) {
  v.field("value", l.value);
  v.field("limit", l.limit);
}

/// Of a case; on a device where one is named. Nothing is known of speed where it does not fit.
struct Answer {
  std::string case_id, workload, model, architecture;
  Json settings = Json::object();  // dtype and every field of /load
  std::int64_t parameters = 0, active_parameters = 0;
  MemoryParts memory;
  std::int64_t memory_bytes = 0;  // all of it
  std::optional<std::int64_t> kv_bytes_per_token;
  std::map<std::int64_t, std::int64_t> kv_bytes_by_context;  // tokens of one sequence -> bytes

  std::optional<std::string> device;
  std::optional<std::int64_t> device_bytes, reserve_bytes;
  std::optional<std::int64_t> free_bytes;  // below 0: so much is missing
  std::optional<bool> fits;
  std::optional<Largest> largest_batch;        // of the case as it is otherwise
  std::optional<Largest> longest_context;      // the prompt grown, in one pass; generated tokens are in it
  std::optional<std::int64_t> devices_needed;  // by memory alone, split evenly
  std::optional<std::map<std::string, double>> bound_seconds, roofline_seconds;  // of a run of each stage
  Json binds = Json::object();  // a stage of the device: what its bound is made of, or null
  std::vector<MetricAtBest> metrics;
  std::vector<std::string> notes;  // the plan's
};

template <class Visitor>
void describe(Visitor& v, Answer& a) {
  v.field("case", a.case_id);
  v.field("workload", a.workload);
  v.field("model", a.model);
  v.field("architecture", a.architecture);
  v.field("settings", a.settings);
  v.field("parameters", a.parameters);
  v.field("active_parameters", a.active_parameters);
  v.field("memory", a.memory);
  v.field("memory_bytes", a.memory_bytes);
  v.field("kv_bytes_per_token", a.kv_bytes_per_token);
  v.field("kv_bytes_by_context", a.kv_bytes_by_context);
  v.field("device", a.device);
  v.field("device_bytes", a.device_bytes);
  v.field("reserve_bytes", a.reserve_bytes);
  v.field("free_bytes", a.free_bytes);
  v.field("fits", a.fits);
  v.field("largest_batch", a.largest_batch);
  v.field("longest_context", a.longest_context);
  v.field("devices_needed", a.devices_needed);
  v.field("bound_seconds", a.bound_seconds);
  v.field("roofline_seconds", a.roofline_seconds);
  v.field("binds", a.binds);
  v.field("metrics", a.metrics);
  v.field("notes", a.notes);
}

using CatalogueDevices = std::span<const CatalogueDevice* const>;

/// An answer a device, or one without any. `plan` is the case's; `sizes` may serve many cases.
std::vector<Answer> answers_of(const Case& one, const Plan& plan, CatalogueDevices devices, PlanSizes& sizes);

/// The smallest number of devices whose memory holds it all, each a part and the reserve; nothing where the
/// reserve alone is too much.
std::optional<std::int64_t> devices_needed(std::int64_t bytes, std::int64_t device_bytes);

}  // namespace assay
