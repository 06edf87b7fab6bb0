// SPDX-License-Identifier: Apache-2.0
#include "measure/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/base64.h"
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

/// What a kernel has left may be anything: only finite numbers are shown.
void read_exhibit(Session& session, const std::string& stage, OutputPass& pass) {
  const std::optional<Exhibit>& exhibit = session.plan().exhibit;
  if (!exhibit || exhibit->stage != stage) return;
  const std::vector<double> scores = session.read(exhibit->scores), kinds = session.read(exhibit->classes);
  const std::vector<double> boxes = exhibit->boxes ? session.read(*exhibit->boxes) : std::vector<double>();
  const Shape& shape = session.plan().tensor(exhibit->scores).spec.shape;
  auto count = static_cast<std::size_t>(shape.back());  // of the first image
  if (exhibit->count) {
    const double meant = session.read(*exhibit->count).front();
    count = std::min(count, static_cast<std::size_t>(std::max(0.0, meant)));
  }
  PictureResult& picture = pass.picture.emplace();
  picture.jpeg_base64 = base64(*exhibit->jpeg);
  picture.width = exhibit->width;
  picture.height = exhibit->height;
  picture.found_in_all = static_cast<std::int64_t>(count);
  for (std::size_t i = 0; i < std::min(count, OutputPass::kShown); ++i) {
    PictureResult::Found found{.box = {}, .score = scores[i], .kind = static_cast<std::int64_t>(kinds[i])};
    for (std::size_t k = 0; k < 4 && exhibit->boxes; ++k)
      found.box.push_back(boxes[4 * i + k] / exhibit->per_pixel);
    const bool finite = std::isfinite(found.score) &&
                        std::ranges::all_of(found.box, [](double v) { return std::isfinite(v); });
    if (finite) picture.found.push_back(std::move(found));
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
      if (seconds.size() > 1) continue;
      read_outputs(session, stage.name, pass);
      read_exhibit(session, stage.name, pass);
    }
    pass.times.whole = pass.times.whole && done == turn.times;
  }
  return pass;
}

}  // namespace assay
