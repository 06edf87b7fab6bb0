// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "bench/unit.h"
#include "kernels/jpeg_decode/jpeg_decode.h"
#include "measure/kernel_choice.h"
#include "measure/session.h"
#include "plan/step_groups.h"
#include "workloads/workload.h"

namespace assay::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Names = std::set<std::string>;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Plan plan_of(const Json& request) {
  const std::vector<std::filesystem::path> files = {request.at("config").get<std::string>()};
  return load_runs(files, std::vector<std::string>{"/dtype=" + request.at("dtype").get<std::string>(),
                                                   "/load/batch=" + request.at("batch").dump(),
                                                   "/load/image=" + request.at("image").get<std::string>()})
      .expand()
      .front()
      .make_plan();
}

Names stage_names(const Plan& plan) {
  Names names;
  for (const Turn& turn : plan.pass) names.insert(plan.stages()[turn.stage]->name);
  return names;
}

/// The way of a batch of images after one pass, so that every stage finds what those before it made. Of the
/// stages that are timed every kernel is verified and the fastest taken; of the others the first will do.
class Way {
 public:
  /// `timed`: none of them is all.
  Way(const Json& request, OpenDevice& device, Names timed)
      : plan_(plan_of(request)),
        timed_(timed.empty() ? stage_names(plan_) : std::move(timed)),
        lane_(device.device->lane({})) {
    const Site site{lane_.get(), device.kernels};
    const Sites sites{site, site};
    Choices choices = first_kernels(plan_, sites);
    const Watch watch = real_watch();
    for (const Stage* stage : timed_stages())
      for (const Step& step : stage->steps) choose(step.op, site, watch, choices);
    session_ = std::make_unique<Session>(plan_, sites, choices, 1);
    for (std::size_t s = 0; s < plan_.stages().size(); ++s) session_->run_stage(s);
    session_->lane().synchronize();
  }

  Session& session() { return *session_; }
  const Plan& plan() const { return plan_; }

  std::size_t stage(const std::string& name) const {
    const auto found = plan_.find_stage(name);
    if (!found) throw Unsupported("no stage " + name);
    return *found;
  }

  /// Seconds of these stages, one after the other. Those before the first run untimed, each time: stages of a
  /// pass share bytes, so that what the last run left is no longer its input.
  double seconds(std::span<const std::size_t> stages) {
    for (const Turn& turn : plan_.pass) {
      if (turn.stage == stages.front()) break;
      session_->run_stage(turn.stage);
    }
    session_->lane().synchronize();
    const auto start = Clock::now();
    for (const std::size_t stage : stages) session_->run_stage(stage);
    session_->lane().synchronize();
    return since(start);
  }

  Json facts() const {
    Cost cost;
    double saved = 0;
    for (const Stage* stage : timed_stages()) {
      cost += stage->cost();
      for (const Step& step : stage->steps) saved += flops_saved_.at(op_key(*step.op));
    }
    std::string kernels;
    for (const auto& [kind, names] : kernels_) {
      kernels += (kernels.empty() ? "" : "; ") + kind;
      for (const std::string& name : names) kernels += (name == *names.begin() ? " " : ", ") + name;
    }
    return {{"kernel", kernels},
            {"flops", cost.flops},
            {"flops_saved", saved},
            {"bytes", cost.all_paths().both()}};
  }

  /// Into one file each, whose names are `prefix` and a number.
  void write_jpegs(const std::string& prefix) const {
    const BoundStep& decode = session_->steps(stage("decode")).front();
    const auto bytes = decode.in[JpegDecode::kBytes].as<const char>();
    const auto offsets = decode.in[JpegDecode::kOffsets].as<const std::int32_t>();
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
      std::ofstream file(prefix + std::to_string(i), std::ios::binary);
      file.write(bytes.data() + offsets[i], offsets[i + 1] - offsets[i]);
      if (!file.flush()) throw Unsupported("the files cannot be written for the others");
    }
  }

 private:
  std::vector<const Stage*> timed_stages() const {
    std::vector<const Stage*> found;
    for (const std::string& name : timed_) found.push_back(plan_.stages()[stage(name)].get());
    return found;
  }

  void choose(const std::shared_ptr<const Op>& op, const Site& site, const Watch& watch, Choices& choices) {
    if (!chosen_.insert(op_key(*op)).second) return;
    const KernelChoice choice =
        choose_kernel(op, Place::device, site, RunOptions{}, watch, weight_inputs(plan_, *op));
    if (choice.wrong || choice.chosen.entry == nullptr) throw Unsupported(choice.problem);
    choices[placed_key(*op, Place::device)] = choice.chosen;
    flops_saved_[op_key(*op)] = choice.flops_saved;
    // What multiplies is told; else, where there is one op alone, which it is.
    if (op->kind() == "conv2d" || op->kind() == "matmul" || op->kind() == "jpeg_decode" ||
        op->kind() == "resize_normalise" || op->kind() == "nms")
      kernels_[std::string(op->kind())].insert(choice.name());
  }

  Plan plan_;
  const Names timed_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Session> session_;
  Names chosen_;                               // keys of ops
  std::map<std::string, Names> kernels_;       // of those that matter, by op
  std::map<std::string, double> flops_saved_;  // by op_key()
};

class Stages final : public Unit {
 public:
  Stages(const Json& request, OpenDevice& device) : way_(request, device, request.at("stages").get<Names>()) {
    for (const Json& name : request.at("stages")) stages_.push_back(way_.stage(name));
    if (request.contains("jpeg_file")) way_.write_jpegs(request.at("jpeg_file"));
  }

  double seconds(std::int64_t repeats) override {
    double total = 0;
    for (std::int64_t i = 0; i < repeats; ++i) total += way_.seconds(stages_);
    return total / static_cast<double>(repeats);
  }

  Json facts() const override { return way_.facts(); }

 private:
  Way way_;
  std::vector<std::size_t> stages_;  // in their order
};

/// Suppression after each run of the network, on that very run's boxes.
class Suppression final : public Unit {
 public:
  Suppression(const Json& request, OpenDevice& device) : way_(request, device, {"network", "postprocess"}) {}

  double seconds(std::int64_t repeats) override {
    const std::size_t network[] = {way_.stage("network")};
    Session& session = way_.session();
    double total = 0, networks = 0;
    for (std::int64_t i = 0; i < repeats; ++i) {
      networks += way_.seconds(network);
      for (const BoundStep& one : session.steps(way_.stage("postprocess"))) {
        const auto start = Clock::now();
        one.kernel->launch(session.lane().stream(), one.in, one.out);
        session.lane().synchronize();
        if (one.step->op->kind() == "nms") total += since(start);
      }
    }
    network_ = networks / static_cast<double>(repeats);
    return total / static_cast<double>(repeats);
  }

  Json facts() const override {
    Json facts = way_.facts();
    facts["step_seconds"] = network_;
    return facts;
  }

 private:
  Way way_;
  double network_ = 0;  // seconds of it, in the last run
};

/// A pass, stage by stage: seconds of all but `of`, and of those.
class Beside final : public Unit {
 public:
  Beside(const Json& request, OpenDevice& device) : way_(request, device, {}) {
    for (const Json& name : request.at("of")) of_.insert(way_.stage(name));
  }

  double seconds(std::int64_t repeats) override {
    double rest = 0, of = 0;
    for (std::int64_t i = 0; i < repeats; ++i)
      for (const Turn& turn : way_.plan().pass) {
        const auto start = Clock::now();
        way_.session().run_stage(turn.stage);
        way_.session().lane().synchronize();
        (of_.contains(turn.stage) ? of : rest) += since(start);
      }
    of_seconds_ = of / static_cast<double>(repeats);
    return rest / static_cast<double>(repeats);
  }

  Json facts() const override {
    Json facts = way_.facts();
    facts["step_seconds"] = of_seconds_;
    return facts;
  }

 private:
  Way way_;
  std::set<std::size_t> of_;
  double of_seconds_ = 0;  // in the last run
};

}  // namespace

std::unique_ptr<Unit> make_vision_stages(const Json& request, OpenDevice& device) {
  return std::make_unique<Stages>(request, device);
}

std::unique_ptr<Unit> make_beside(const Json& request, OpenDevice& device) {
  return std::make_unique<Beside>(request, device);
}

std::unique_ptr<Unit> make_suppression(const Json& request, OpenDevice& device) {
  return std::make_unique<Suppression>(request, device);
}

}  // namespace assay::bench
