// SPDX-License-Identifier: Apache-2.0
#include "measure/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "measure/stored_weight.h"

namespace assay {

void check_weights(const Plan& plan, const SafeTensors& checkpoint) {
  std::set<const StoredTensor*> used;
  for (const PlanTensor& tensor : plan.tensors()) {
    if (tensor.role != Role::weight) continue;
    if (tensor.source.tensors.empty() && !tensor.source.folded)
      throw Error(
          ExitCode::bad_input,
          fmt::format("{}: the weight {} is one of few bits", checkpoint.path().string(), tensor.spec.name),
          "such weights are not read yet; without --weights they come from the seed");
    const StoredWeight weight(tensor, checkpoint);
    if (!weight.missing().empty())
      throw Error(ExitCode::bad_input,
                  fmt::format("{}: tensor {} is missing", checkpoint.path().string(), weight.missing()),
                  std::string(kCheckpointHint));
    weight.check();
    used.insert(weight.used().begin(), weight.used().end());
  }
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    const auto ends = [&name = name](const std::string& suffix) { return name.ends_with(suffix); };
    if (!used.contains(&tensor) && std::ranges::none_of(plan.ignored_weights, ends))
      throw Error(
          ExitCode::bad_input,
          fmt::format("{}: tensor {}: is not a part of this model", tensor.file.string(), tensor.name),
          std::string(kCheckpointHint));
  }
}

void load_weights(const Plan& plan, const SafeTensors& checkpoint, const Sites& sites,
                  std::span<const Buffer> buffers) {
  for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
    const PlanTensor& weight = plan.tensors()[t];
    if (weight.role != Role::weight) continue;
    auto* to = static_cast<std::byte*>(buffers[t].data);
    StoredWeight(weight, checkpoint).read([&](const std::byte* bytes, std::int64_t size) {
      sites.at(weight.place).lane->write({to, size}, bytes, size);
      to += size;
    });
  }
}

}  // namespace assay
