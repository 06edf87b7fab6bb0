// SPDX-License-Identifier: Apache-2.0
#include "measure/in_situ.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <set>

#include "measure/correctness.h"
#include "measure/op_data.h"
#include "plan/step_groups.h"

namespace assay {
namespace {

using Bytes = std::vector<std::byte>;

/// Weights above this are not copied to the host where the seed says what they are.
constexpr std::int64_t kMostCopiedBytes = OpDataLayout{}.most_copied_bytes;

/// One pass, step by step.
class Walk {
 public:
  Walk(Session& session, const Watch& watch) : session_(session), plan_(session.plan()), watch_(watch) {}

  InSituCheck run() {
    session_.reset();
    synchronize();
    std::set<std::size_t> met;
    for (const Turn& turn : plan_.pass)
      for (std::int64_t i = 0; i < turn.times && found_.problem.empty(); ++i) {
        if (watch_.stopped()) {
          found_.whole = false;
          return std::move(found_);
        }
        if (met.insert(turn.stage).second)
          by_step(turn.stage);
        else
          at_once(turn.stage);
      }
    synchronize();
    return std::move(found_);
  }

 private:
  struct Made {
    std::uint64_t sum;
    const Step* by;
  };

  void by_step(std::size_t stage) {
    for (const BoundStep& bound : session_.steps(stage)) {
      before(bound);
      if (!found_.problem.empty()) return;
      launch(bound, *plan_.stages()[stage]);
      after(bound, *plan_.stages()[stage]);
      if (!found_.problem.empty()) return;
    }
  }

  /// What it writes is not looked at: its first run was.
  void at_once(std::size_t stage) {
    session_.run_stage(stage);
    for (const Step& step : plan_.stages()[stage]->steps)
      for (const Value v : step.out) made_.erase(v.id);
  }

  void launch(const BoundStep& bound, const Stage& stage) {
    const Place place = session_.sites().place(stage.place);
    Lane& lane = session_.lane_of(place);
    if (place == Place::host) session_.lane().synchronize();
    bound.kernel->launch(lane.stream(), bound.in, bound.out);
  }

  void synchronize() {
    session_.lane().synchronize();
    session_.lane_of(Place::host).synchronize();
  }

  Bytes read(Value value) {
    const std::int64_t bytes = plan_.tensor(value).spec.bytes();
    Bytes host(static_cast<std::size_t>(bytes));
    session_.lane_of(value).read(host.data(), session_.buffer(value), bytes);
    return host;
  }

  /// Weights are read by the gigabyte, and each kernel was seen to leave its inputs alone.
  bool is_written(Value value) const { return plan_.tensor(value).role != Role::weight; }
  bool is_activation(Value value) const { return plan_.tensor(value).role == Role::activation; }

  std::uint64_t sum_of(Value value) { return session_.lane_of(value).checksum(session_.buffer(value)); }

  /// Inputs, as the plan names them, before the step runs.
  void before(const BoundStep& bound) {
    const Step& step = *bound.step;
    synchronize();
    judged_ = judged_ops_.insert(op_key(*step.op)).second;
    inputs_.clear();
    sums_.clear();
    const std::vector<TensorSpec> specs = step.op->inputs();
    for (std::size_t i = 0; i < step.in.size(); ++i) {
      const Value value = step.in[i];
      const bool steers = !is_floating(specs[i].dtype) && is_activation(value);
      const bool evaluated = plan_.tensor(value).spec.bytes() > kMostCopiedBytes && session_.fill_of(value);
      inputs_.push_back((judged_ && !evaluated) || steers ? read(value) : Bytes());
      sums_.push_back(is_written(value) ? std::optional(sum_of(value)) : std::nullopt);
      if (steers) found_.steering.emplace(std::pair(&step, i), inputs_.back());
      if (is_activation(value)) compare_with_made(step, value, *sums_.back());
    }
    check_inputs(step, specs);
    if (!judged_) return;
    const std::vector<TensorSpec> outputs = step.op->outputs();
    for (std::size_t o = 0; o < step.out.size(); ++o)
      if (!outputs[o].aliases_input) session_.lane_of(step.out[o]).poison(session_.buffer(step.out[o]));
    synchronize();
  }

  /// Of every call, not of the first of its op alone: what steers it may be another tensor.
  void check_inputs(const Step& step, const std::vector<TensorSpec>& specs) {
    std::vector<Bytes> integers(step.in.size());
    std::vector<TensorView> views;
    for (std::size_t i = 0; i < step.in.size(); ++i) {
      if (inputs_[i].empty() && specs[i].dtype == DType::i32) integers[i] = read(step.in[i]);
      const Bytes& bytes = inputs_[i].empty() ? integers[i] : inputs_[i];
      views.push_back({bytes.empty() ? nullptr : bytes.data(), specs[i].dtype, specs[i].elements()});
    }
    const std::string wrong = step.op->check_inputs(views);
    if (!wrong.empty()) complain(step, wrong);
  }

  void compare_with_made(const Step& step, Value value, std::uint64_t now) {
    const auto made = made_.find(value.id);
    if (made == made_.end()) return;
    if (made->second.sum == now) {
      ++found_.values;
    } else {
      complain(step, fmt::format("{} no longer holds what {} wrote: something else wrote there",
                                 plan_.tensor(value).spec.name, made->second.by->name));
    }
  }

  void after(const BoundStep& bound, const Stage& stage) {
    const Step& step = *bound.step;
    synchronize();
    const std::vector<TensorSpec> outputs = step.op->outputs();
    if (judged_) judge(step, stage, outputs);
    for (const Value value : step.out)
      if (is_activation(value)) made_[value.id] = {sum_of(value), &step};
    check_inputs_kept(step, outputs);
  }

  void judge(const Step& step, const Stage& stage, const std::vector<TensorSpec>& outputs) {
    std::vector<Bytes> written;
    for (const Value value : step.out) written.push_back(read(value));
    const std::vector<TensorSpec> inputs = step.op->inputs();
    std::vector<TensorView> in, out;
    std::deque<FillFunction> evaluated;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      TensorView view{inputs_[i].data(), inputs[i].dtype, inputs[i].elements()};
      if (const auto fill = session_.fill_of(step.in[i]); inputs_[i].empty() && fill) {
        evaluated.push_back(*fill);
        view = {nullptr, plan_.tensor(step.in[i]).spec.dtype, inputs[i].elements(), &evaluated.back()};
      }
      in.push_back(view);
    }
    for (std::size_t o = 0; o < outputs.size(); ++o)
      out.push_back({written[o].data(), outputs[o].dtype, outputs[o].elements()});
    const Reference reference(*step.op, in, session_.seed());
    const KernelCheck check = reference.compare(out, Proof::of_a_pass);
    ++found_.ops;
    found_.elements += check.checked;
    if (check.tolerance > 0) found_.share = std::max(found_.share, check.error / check.tolerance);
    if (check.status == KernelCheck::Status::failed)
      complain(step, fmt::format("{}, with what stage {} has in its buffers: {}", op_key(*step.op),
                                 stage.name, check.reason));
  }

  /// A step that changes what it only reads is wrong, whatever it writes.
  void check_inputs_kept(const Step& step, const std::vector<TensorSpec>& outputs) {
    for (std::size_t i = 0; i < step.in.size(); ++i) {
      const auto aliases = [i](const TensorSpec& output) { return output.aliases_input == i; };
      const bool written = std::ranges::any_of(outputs, aliases) ||
                           std::ranges::any_of(step.out, [&](Value v) { return v.id == step.in[i].id; });
      if (!written && sums_[i] && *sums_[i] != sum_of(step.in[i]))
        complain(step, fmt::format("it changed its input {}", plan_.tensor(step.in[i]).spec.name));
    }
  }

  void complain(const Step& step, const std::string& what) {
    if (found_.problem.empty())
      found_.problem = fmt::format("in one whole pass, step {}: {}", step.name, what);
  }

  Session& session_;
  const Plan& plan_;
  const Watch& watch_;
  InSituCheck found_;
  std::map<std::size_t, Made> made_;  // an activation, by Value::id
  std::set<std::string> judged_ops_;
  std::vector<Bytes> inputs_;                       // of the step at hand; empty: not read
  std::vector<std::optional<std::uint64_t>> sums_;  // of the same, before it ran
  bool judged_ = false;                             // the step at hand is
};

}  // namespace

InSituCheck check_in_situ(Session& session, const Watch& watch) {
  return Walk(session, watch).run();
}

}  // namespace assay
