// SPDX-License-Identifier: Apache-2.0
#include "measure/op_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "measure/cold_timer.h"

namespace assay {
namespace {

/// What a group needs put in place before it can run alone.
class Props {
 public:
  Props(Session& session, std::size_t stage, const StepGroup& group, const Steering& steering) {
    const std::vector<TensorSpec> inputs = group.op->inputs(), outputs = group.op->outputs();
    std::set<const void*> filled, kept;
    for (const std::size_t index : group.steps)
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const BoundStep* bound = &session.steps(stage)[index];
        const auto aliases = [i](const TensorSpec& output) { return output.aliases_input == i; };
        const bool in_place = std::ranges::any_of(outputs, aliases);
        const Value value = bound->step->in[i];
        const Role role = session.plan().tensor(value).role;
        Lane& lane = session.lane_of(value);
        const Buffer buffer = bound->in[i];
        const auto seen = steering.find({bound->step, i});
        if (seen != steering.end() && filled.insert(buffer.data).second) {
          kept_.push_back({&lane, buffer, seen->second, in_place});
        } else if (role == Role::activation && filled.insert(buffer.data).second) {
          const std::uint64_t key =
              random_key(session.seed(), fmt::format("time/{}/{}", group.label, inputs[i].name));
          fills_.push_back({&lane, buffer, inputs[i], key, in_place});
        } else if (in_place && role == Role::state && inputs[i].dtype == DType::i32 &&
                   kept.insert(buffer.data).second) {  // integers steer: positions, token history
          std::vector<std::byte> bytes(static_cast<std::size_t>(buffer.bytes));
          lane.read(bytes.data(), buffer, buffer.bytes);
          kept_.push_back({&lane, buffer, std::move(bytes), true});
        }
      }
  }

  void set_up() {
    for (const Filled& fill : fills_) fill.lane->fill(fill.buffer, fill.spec, fill.key);
    for (const Kept& kept : kept_) kept.put_back();
  }
  void put_back() {
    for (const Filled& fill : fills_)
      if (fill.in_place) fill.lane->fill(fill.buffer, fill.spec, fill.key);
    for (const Kept& kept : kept_)
      if (kept.in_place) kept.put_back();
  }

 private:
  struct Filled {
    Lane* lane;
    Buffer buffer;
    TensorSpec spec;
    std::uint64_t key;
    bool in_place;
  };
  struct Kept {
    Lane* lane;
    Buffer buffer;
    std::vector<std::byte> bytes;
    bool in_place;
    void put_back() const { lane->write(buffer, bytes.data(), buffer.bytes); }
  };
  std::vector<Filled> fills_;
  std::vector<Kept> kept_;
};

/// As the state is half way through the stage's first turn.
void run_to_the_middle(Session& session, std::size_t stage, const Watch& watch) {
  session.reset();
  for (const Turn& turn : session.plan().pass) {
    const std::int64_t runs = turn.stage == stage ? turn.times / 2 : turn.times;
    for (std::int64_t i = 0; i < runs && !watch.stopped(); ++i) session.run_stage(turn.stage);
    if (turn.stage == stage) break;
  }
  session.lane().synchronize();
}

}  // namespace

std::vector<Samples> time_ops(Session& session, std::size_t stage, std::span<const StepGroup> groups,
                              const Steering& steering, const StopRule& rule, const Watch& watch,
                              const std::function<void(const StepGroup&)>& on_sample) {
  run_to_the_middle(session, stage, watch);
  Lane& lane = session.lane_of(session.sites().place(session.plan().stages()[stage]->place));
  ColdTimer timer(lane);
  std::vector<Props> props;
  for (const StepGroup& group : groups) props.emplace_back(session, stage, group, steering);

  // Recorded as stages are: a device that replays them does not wait for the host between short launches.
  std::vector<std::unique_ptr<Program>> programs;
  for (const StepGroup& group : groups)
    programs.push_back(lane.record([&group, steps = session.steps(stage)](Stream& stream) {
      for (const std::size_t s : group.steps) steps[s].kernel->launch(stream, steps[s].in, steps[s].out);
    }));

  std::vector<Take> takes;
  for (std::size_t g = 0; g < groups.size(); ++g)
    takes.push_back([&, g](std::int64_t repeats) {
      if (on_sample) on_sample(groups[g]);
      props[g].set_up();  // groups share the arena
      return timer.seconds(
          repeats, [&] { props[g].put_back(); }, [&] { programs[g]->launch(lane.stream()); });
    });
  std::vector<Samples> all = sample_together(takes, rule, timer.limits(), watch);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (double& seconds : all[g].seconds) seconds /= static_cast<double>(groups[g].steps.size());
  return all;
}

}  // namespace assay
