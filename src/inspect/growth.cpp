// SPDX-License-Identifier: Apache-2.0
#include "inspect/growth.h"

#include <algorithm>

#include "inspect/largest.h"

namespace assay {

Growth::Growth(const Case& one, PlanSizes& sizes) : one_(one), sizes_(sizes), grows_(one.entry->grows) {}

std::int64_t Growth::load(std::string_view field) const {
  return one_.document.at("load").at(std::string(field)).get<std::int64_t>();
}

Largest Growth::largest(std::string_view field, const Largest& most, std::int64_t room) {
  const auto at = [&](std::int64_t value) { return sizes_.at(one_, {{std::string(field), value}}); };
  const auto bytes_at = [&](std::int64_t value) -> std::optional<std::int64_t> {
    const PlanSize* size = at(value);
    return size != nullptr ? std::optional(size->memory.total_bytes()) : std::nullopt;
  };
  const PlanSize* now = sizes_.at(one_, Json::object());
  if (now == nullptr) return {};
  const std::int64_t value = largest_that_fits(
      bytes_at, {.least = 1, .most = most.value, .start = load(field)}, now->memory.weight_bytes, room);
  if (value == most.value) return most;
  const bool refused = value > 0 && at(value + 1) == nullptr;
  return {.value = value, .limit = refused ? LimitOfSize::assay : LimitOfSize::memory};
}

std::optional<Largest> Growth::batch(std::int64_t room) {
  if (grows_.batch.empty()) return std::nullopt;
  return largest(grows_.batch,
                 {.value = largest_allowed(*one_.entry, grows_.batch), .limit = LimitOfSize::assay}, room);
}

std::optional<Largest> Growth::context(std::int64_t room) {
  if (grows_.prompt.empty()) return std::nullopt;
  const std::int64_t generated = load(grows_.generated);
  Largest most = longest_accepted();
  most.value -= generated;
  Largest found = largest(grows_.prompt, most, room);
  if (found.value > 0) found.value += generated;
  return found;
}

const PlanSize* Growth::alone(std::int64_t context) {
  return sizes_.at(one_, {{std::string(grows_.batch), 1},
                          {std::string(grows_.prompt), context - 1},
                          {std::string(grows_.generated), 1}});
}

Largest Growth::longest_accepted() {
  const std::int64_t allowed = largest_allowed(*one_.entry, grows_.prompt) + 1;
  const std::int64_t longest = largest_accepted(
      [&](std::int64_t context) { return context < 2 || alone(context) != nullptr; }, allowed);
  return {.value = longest, .limit = longest == allowed ? LimitOfSize::assay : LimitOfSize::model};
}

std::map<std::int64_t, std::int64_t> Growth::kv_bytes_by_context() {
  constexpr std::int64_t kFirst = 1024, kStep = 4;
  std::map<std::int64_t, std::int64_t> bytes;
  const PlanSize* now = grows_.prompt.empty() ? nullptr : sizes_.at(one_, Json::object());
  if (now == nullptr || now->cache_bytes == 0) return bytes;
  const Largest longest = longest_accepted();
  for (std::int64_t context = kFirst; context < longest.value; context *= kStep)
    if (const PlanSize* size = alone(context)) bytes.emplace(context, size->cache_bytes);
  if (longest.limit == LimitOfSize::model)
    if (const PlanSize* size = alone(longest.value)) bytes.emplace(longest.value, size->cache_bytes);
  bytes.emplace(load(grows_.prompt) + load(grows_.generated), now->cache_bytes / load(grows_.batch));
  return bytes;
}

}  // namespace assay
