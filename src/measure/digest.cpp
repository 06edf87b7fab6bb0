// SPDX-License-Identifier: Apache-2.0
#include "measure/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace assay {

Digest digest_outputs(Session& session) {
  Digest digest;
  for (const Value output : session.plan().outputs) {
    const std::string& name = session.plan().tensor(output).spec.name;
    const std::vector<double> values = session.read(output);
    const auto bad = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
    if (bad != values.end() && digest.problem.empty())
      digest.problem =
          fmt::format("output {} of the whole plan is {} at element {}", name, *bad, bad - values.begin());

    double sum = 0, squares = 0, largest = 0;
    for (const double value : values) {
      sum += value;
      squares += value * value;
      largest = std::max(largest, std::abs(value));
    }
    const auto count = static_cast<double>(values.size());
    digest.values.insert(digest.values.end(), {sum / count, std::sqrt(squares / count), largest});
    const std::uint64_t key = random_key(session.seed(), "digest/" + name);
    for (std::uint64_t i = 0; i < Digest::kElements; ++i)
      digest.values.push_back(
          values[static_cast<std::size_t>(index_element(key, i, static_cast<std::int64_t>(values.size())))]);
  }
  return digest;
}

}  // namespace assay
