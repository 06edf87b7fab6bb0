// SPDX-License-Identifier: Apache-2.0
#include "measure/weight_block.h"

#include "base/random.h"
#include "measure/weights.h"

namespace assay {

std::unique_ptr<Memory> allocate_at(const Sites& sites, Place place, std::int64_t bytes) {
  if (bytes == 0) return nullptr;
  Device& device = sites.device.lane->device();
  return sites.place(place) == Place::host ? device.allocate_host(bytes) : device.allocate(bytes);
}

WeightBlock::WeightBlock(const Plan& plan, const MemoryPlan& memory, const Sites& sites, std::uint64_t seed,
                         const SafeTensors* checkpoint)
    : buffers_(plan.tensors().size()), seeded_(plan.tensors().size()) {
  if (checkpoint != nullptr) check_weights(plan, *checkpoint);  // before anything slow
  for (const Place place : {Place::device, Place::host}) {
    auto block = allocate_at(sites, place, memory.at(place).weight_bytes);
    if (block == nullptr) continue;
    Lane& lane = *sites.at(place).lane;
    for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
      const PlanTensor& tensor = plan.tensors()[t];
      if (tensor.role != Role::weight || tensor.place != place) continue;
      buffers_[t] = {static_cast<std::byte*>(block->buffer().data) + memory.offsets[t], tensor.spec.bytes()};
      seeded_[t] = checkpoint == nullptr || tensor.source.tensors.empty();
      if (seeded_[t]) lane.fill(buffers_[t], tensor.spec, random_key(seed, tensor.spec.name));
    }
    lane.synchronize();
    memory_.push_back(std::move(block));
  }
  if (checkpoint != nullptr) load_weights(plan, *checkpoint, sites, buffers_);
}

}  // namespace assay
