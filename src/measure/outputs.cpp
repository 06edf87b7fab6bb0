// SPDX-License-Identifier: Apache-2.0
#include "measure/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace assay {
namespace {

OutputResult digest(const std::vector<double>& values, const Output& output, std::uint64_t seed) {
  OutputResult result;
  double sum = 0, squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
    result.largest = std::max(result.largest, std::abs(value));
  }
  const auto count = static_cast<double>(values.size());
  result.mean = sum / count;
  result.rms = std::sqrt(squares / count);
  const std::uint64_t key = random_key(seed, "digest/" + output.name);
  for (std::uint64_t i = 0; i < OutputPass::kElements; ++i)
    result.values.push_back(
        values[static_cast<std::size_t>(index_element(key, i, static_cast<std::int64_t>(values.size())))]);
  result.tolerance = output.tolerance.value();
  result.tolerance_factors = output.tolerance.text();
  return result;
}

void pin(Session& session, const std::string& stage) {
  for (const Output& output : session.plan().outputs)
    if (output.stage == stage)
      for (const Output::Pin& pin : output.pins) {
        TensorSpec spec = session.plan().tensor(pin.value).spec;
        spec.fill = pin.fill;
        session.lane_of(pin.value).fill(session.buffer(pin.value), spec,
                                        random_key(session.seed(), "pin/" + spec.name));
      }
}

void read_outputs(Session& session, const std::string& stage, OutputPass& pass) {
  for (const Output& output : session.plan().outputs) {
    if (output.stage != stage) continue;
    const std::vector<double> values = session.read(output.value);
    const auto bad = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
    if (bad != values.end() && pass.problem.empty())
      pass.problem = fmt::format("output {} of the whole plan is {} at element {}", output.name, *bad,
                                 bad - values.begin());
    pass.outputs.emplace(output.name, digest(values, output, session.seed()));
  }
}

}  // namespace

OutputPass run_output_pass(Session& session, const Watch& watch) {
  OutputPass pass;
  pass.times.whole = true;
  pass.times.seconds.resize(session.plan().stages().size());
  session.reset();
  for (const Turn& turn : session.plan().pass) {
    const Stage& stage = *session.plan().stages()[turn.stage];
    Lane& lane = session.lane_of(session.sites().place(stage.place));
    std::vector<double>& seconds = pass.times.seconds[turn.stage];
    if (seconds.empty()) pin(session, stage.name);
    session.lane().synchronize();
    const auto marks = lane.marks(2);
    std::int64_t done = 0;
    for (; done < turn.times && !watch.stopped(); ++done) {
      marks->record(0, lane.stream());
      session.run_stage(turn.stage);
      marks->record(1, lane.stream());
      lane.synchronize();
      seconds.push_back(marks->seconds(0, 1));
      if (seconds.size() == 1) read_outputs(session, stage.name, pass);
    }
    pass.times.whole = pass.times.whole && done == turn.times;
  }
  return pass;
}

}  // namespace assay
