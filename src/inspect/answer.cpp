// SPDX-License-Identifier: Apache-2.0
#include "inspect/answer.h"

#include "inspect/growth.h"
#include "inspect/notes.h"

namespace assay {
namespace {

template <typename T>
std::optional<T> fact(const Plan& plan, std::string_view name) {
  const Fact* found = plan.find_fact(name);
  return found != nullptr ? std::optional(found->value.get<T>()) : std::nullopt;
}

Answer answer_without_device(const Case& one, const Plan& plan, const MemoryParts& memory, Growth& growth) {
  Answer answer{.case_id = one.id,
                .workload = one.workload,
                .model = one.model_name,
                .architecture = fact<std::string>(plan, "architecture").value_or(""),
                .parameters = fact<std::int64_t>(plan, "parameters").value_or(0),
                .active_parameters = fact<std::int64_t>(plan, "active_parameters").value_or(0),
                .memory = memory,
                .memory_bytes = memory.total_bytes(),
                .kv_bytes_per_token = fact<std::int64_t>(plan, "kv_bytes_per_token"),
                .kv_bytes_by_context = growth.kv_bytes_by_context(),
                .notes = notes_of(plan)};
  answer.settings = {{"dtype", one.document.at("dtype")}};
  answer.settings.update(one.document.at("load"));
  return answer;
}

void add_speed(const Plan& plan, const std::vector<StageWork>& work, const CatalogueDevice& device,
               Answer& answer) {
  std::vector<StageAtBest> stages;
  std::map<std::string, double> bound, op_by_op;
  bool bounds_known = true, sums_known = true;
  for (const StageWork& stage : work) {
    const StageAtBest& best = stages.emplace_back(at_best(stage, device));
    if (stage.place == Place::host) continue;
    answer.binds[stage.name] = JsonWriter::write(best.binds);
    bounds_known = bounds_known && best.bound_s;
    sums_known = sums_known && best.op_by_op_s;
    bound.emplace(stage.name, best.bound_s.value_or(0));
    op_by_op.emplace(stage.name, best.op_by_op_s.value_or(0));
  }
  if (bounds_known) answer.bound_seconds = std::move(bound);
  if (sums_known) answer.roofline_seconds = std::move(op_by_op);
  answer.metrics = metrics_at_best(plan, stages);
}

}  // namespace

std::optional<std::int64_t> devices_needed(std::int64_t bytes, std::int64_t device_bytes) {
  const std::int64_t room = device_bytes - kReserveBytes;
  if (room <= 0) return std::nullopt;
  return bytes / room + (bytes % room > 0 ? 1 : 0);
}

std::vector<Answer> answers_of(const Case& one, const Plan& plan, CatalogueDevices devices,
                               PlanSizes& sizes) {
  sizes.add(one, plan);
  const MemoryParts memory = sizes.at(one, Json::object())->memory;
  Growth growth(one, sizes);
  const Answer common = answer_without_device(one, plan, memory, growth);
  if (devices.empty()) return {common};
  const std::vector<StageWork> work = work_of(plan);
  std::vector<Answer> answers;
  for (const CatalogueDevice* device : devices) {
    Answer& answer = answers.emplace_back(common);
    const std::int64_t room = device->memory_bytes() - kReserveBytes;
    answer.device = std::string(device->name);
    answer.device_bytes = device->memory_bytes();
    answer.reserve_bytes = kReserveBytes;
    answer.free_bytes = room - memory.total_bytes();
    answer.fits = *answer.free_bytes >= 0;
    answer.largest_batch = growth.batch(room);
    answer.longest_context = growth.context(room);
    answer.devices_needed = devices_needed(memory.total_bytes(), device->memory_bytes());
    if (*answer.fits) add_speed(plan, work, *device, answer);
  }
  return answers;
}

}  // namespace assay
