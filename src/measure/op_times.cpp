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
  Props(Session& session, std::size_t stage, const StepGroup& group) : device_(session.device()) {
    const std::vector<TensorSpec> inputs = group.op->inputs(), outputs = group.op->outputs();
    std::set<const void*> filled, kept;
    for (const std::size_t index : group.steps)
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const BoundStep* bound = &session.steps(stage)[index];
        const auto aliases = [i](const TensorSpec& output) { return output.aliases_input == i; };
        const bool in_place = std::ranges::any_of(outputs, aliases);
        const Role role = session.plan().tensor(bound->step->in[i]).role;
        const Buffer buffer = bound->in[i];
        if (role == Role::activation && filled.insert(buffer.data).second) {
          const std::uint64_t key =
              random_key(session.seed(), fmt::format("time/{}/{}", group.label, inputs[i].name));
          fills_.push_back({buffer, inputs[i], key, in_place});
        } else if (in_place && role == Role::state && inputs[i].dtype == DType::i32 &&
                   kept.insert(buffer.data).second) {  // integers steer: positions, token history
          std::vector<std::byte> bytes(static_cast<std::size_t>(buffer.bytes));
          device_.read(bytes.data(), buffer, buffer.bytes);
          kept_.push_back({buffer, std::move(bytes)});
        }
      }
  }

  void set_up() {
    for (const Filled& fill : fills_) device_.fill(fill.buffer, fill.spec, fill.key);
  }
  void put_back() {
    for (const Filled& fill : fills_)
      if (fill.in_place) device_.fill(fill.buffer, fill.spec, fill.key);
    for (const Kept& kept : kept_) device_.write(kept.buffer, kept.bytes.data(), kept.buffer.bytes);
  }

 private:
  struct Filled {
    Buffer buffer;
    TensorSpec spec;
    std::uint64_t key;
    bool in_place;
  };
  struct Kept {
    Buffer buffer;
    std::vector<std::byte> bytes;
  };
  Device& device_;
  std::vector<Filled> fills_;
  std::vector<Kept> kept_;
};

/// As the state is half way through a stage.
void run_to_the_middle(Session& session, std::size_t stage, const Watch& watch) {
  session.reset();
  for (std::size_t s = 0; s <= stage; ++s) {
    const std::int64_t iterations = session.plan().stages()[s]->iterations;
    for (std::int64_t i = 0; i < (s == stage ? iterations / 2 : iterations) && !watch.stopped(); ++i)
      session.run_stage(s);
  }
  session.device().synchronize();
}

}  // namespace

std::vector<Samples> time_ops(Session& session, std::size_t stage, std::span<const StepGroup> groups,
                              const StopRule& rule, const Watch& watch,
                              const std::function<void(const StepGroup&)>& on_sample) {
  run_to_the_middle(session, stage, watch);
  ColdTimer timer(session.device());
  std::vector<Props> props;
  for (const StepGroup& group : groups) props.emplace_back(session, stage, group);

  // Recorded as stages are: a device that replays them does not wait for the host between short launches.
  std::vector<std::unique_ptr<Program>> programs;
  for (const StepGroup& group : groups)
    programs.push_back(session.device().record([&group, steps = session.steps(stage)](Stream& stream) {
      for (const std::size_t s : group.steps) steps[s].kernel->launch(stream, steps[s].in, steps[s].out);
    }));

  std::vector<Take> takes;
  for (std::size_t g = 0; g < groups.size(); ++g)
    takes.push_back([&, g](std::int64_t repeats) {
      if (on_sample) on_sample(groups[g]);
      props[g].set_up();  // groups share the arena
      return timer.seconds(
          repeats, [&] { props[g].put_back(); }, [&] { programs[g]->launch(session.device().stream()); });
    });
  std::vector<Samples> all = sample_together(takes, rule, timer.limits(), watch);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (double& seconds : all[g].seconds) seconds /= static_cast<double>(groups[g].steps.size());
  return all;
}

}  // namespace assay
