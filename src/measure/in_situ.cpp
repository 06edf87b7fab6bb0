// SPDX-License-Identifier: Apache-2.0
#include "measure/in_situ.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <set>

#include "base/random.h"
#include "measure/correctness.h"
#include "plan/fill_function.h"
#include "plan/step_groups.h"

namespace assay {
namespace {

using Bytes = std::vector<std::byte>;

/// A weight of more bytes that the seed made is not copied to the host: it is evaluated, as OpData does.
constexpr std::int64_t kMostCopiedBytes = std::int64_t{256} << 20;

/// Tells contents apart; not made to resist anybody.
std::uint64_t checksum(const Bytes& bytes) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ull;
  std::uint64_t sum = bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += sizeof sum) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    sum = (sum ^ word) * kOdd;
    sum ^= sum >> 29;
  }
  return sum;
}

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

  bool is_activation(Value value) const { return plan_.tensor(value).role == Role::activation; }
  bool is_evaluated(Value value) const {
    const PlanTensor& tensor = plan_.tensor(value);
    return tensor.role == Role::weight && tensor.source.tensors.empty() &&
           tensor.spec.bytes() > kMostCopiedBytes;
  }

  /// Inputs, as the plan names them, before the step runs.
  void before(const BoundStep& bound) {
    const Step& step = *bound.step;
    synchronize();
    judged_ = judged_ops_.insert(op_key(*step.op)).second;
    inputs_.clear();
    const std::vector<TensorSpec> specs = step.op->inputs();
    for (std::size_t i = 0; i < step.in.size(); ++i) {
      const Value value = step.in[i];
      const bool steers = !is_floating(specs[i].dtype) && is_activation(value);
      if ((!judged_ && !is_activation(value)) || is_evaluated(value)) {
        inputs_.emplace_back();
        continue;
      }
      inputs_.push_back(read(value));
      if (steers) found_.steering.emplace(std::pair(&step, i), inputs_.back());
      if (is_activation(value)) compare_with_made(step, value, inputs_.back());
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

  void compare_with_made(const Step& step, Value value, const Bytes& now) {
    const auto made = made_.find(value.id);
    if (made == made_.end()) return;
    if (made->second.sum == checksum(now)) {
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
    std::vector<Bytes> written;
    for (const Value value : step.out)
      written.push_back(judged_ || is_activation(value) ? read(value) : Bytes());
    if (judged_) judge(step, stage, outputs, written);
    for (std::size_t o = 0; o < step.out.size(); ++o)
      if (is_activation(step.out[o])) made_[step.out[o].id] = {checksum(written[o]), &step};
    check_inputs_kept(step, outputs);
  }

  void judge(const Step& step, const Stage& stage, const std::vector<TensorSpec>& outputs,
             const std::vector<Bytes>& written) {
    const std::vector<TensorSpec> inputs = step.op->inputs();
    std::vector<TensorView> in, out;
    std::deque<FillFunction> fills;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const TensorSpec& held = plan_.tensor(step.in[i]).spec;
      if (is_evaluated(step.in[i])) {
        fills.emplace_back(held.fill, held.elements(), random_key(session_.seed(), held.name));
        in.push_back({nullptr, held.dtype, held.elements(), &fills.back()});
      } else {
        in.push_back({inputs_[i].data(), inputs[i].dtype, inputs[i].elements()});
      }
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
      if (written || inputs_[i].empty() || plan_.tensor(step.in[i]).role == Role::weight) continue;
      if (checksum(inputs_[i]) != checksum(read(step.in[i])))
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
  std::vector<Bytes> inputs_;  // of the step at hand; empty: not read
  bool judged_ = false;        // the step at hand is
};

}  // namespace

InSituCheck check_in_situ(Session& session, const Watch& watch) {
  return Walk(session, watch).run();
}

}  // namespace assay
