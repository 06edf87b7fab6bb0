// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <set>
#include <vector>

#include "bench/unit.h"
#include "measure/kernel_choice.h"
#include "measure/session.h"
#include "plan/step_groups.h"
#include "workloads/workload.h"

namespace assay::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Plan plan_of(const Json& request) {
  const std::vector<std::filesystem::path> files = {request.at("config").get<std::string>()};
  const std::vector<std::string> overrides = {
      "/load/batch=1", "/dtype=" + request.at("dtype").get<std::string>(),
      "/load/prompt_tokens=" + request.at("prompt_tokens").dump(),
      "/load/generate_tokens=" + request.at("generate_tokens").dump()};
  return load_runs(files, overrides).expand().front().make_plan();
}

/// A model after its prompt, ready to run either stage again and again.
class Model {
 public:
  Model(const Json& request, OpenDevice& device)
      : plan_(plan_of(request)), prompt_(request.at("prompt_tokens")), lane_(device.device->lane({})) {
    const Watch watch = real_watch();
    const Site site{lane_.get(), device.kernels};
    Choices kernels;
    for (const auto& op : distinct_ops(plan_)) {
      const KernelChoice choice = choose_kernel(op, Place::device, site, RunOptions{}, watch);
      if (choice.wrong || choice.chosen.entry == nullptr) throw Unsupported(choice.problem);
      kernels[placed_key(*op, Place::device)] = choice.chosen;
      if (op->kind() == "matmul") matmuls_.insert(choice.name());
    }
    session_ = std::make_unique<Session>(plan_, Sites{site, site}, kernels, 1);
    session_->run_stage(0);
    session_->lane().synchronize();
  }

  /// As after the prompt: the next step is the first.
  void rewind() { move_to(prompt_); }
  /// As before it.
  void restart() { move_to(prompt_ - 1); }

  Session& session() { return *session_; }
  std::size_t stage(const std::string& name) const {
    for (std::size_t s = 0; s < plan_.stages().size(); ++s)
      if (plan_.stages()[s]->name == name) return s;
    throw Unsupported("no stage " + name);
  }
  Json facts(std::size_t stage) const {
    const Cost cost = plan_.stages()[stage]->cost();
    std::string kernels;
    for (const std::string& kernel : matmuls_) kernels += (kernels.empty() ? "" : ", ") + kernel;
    return {{"kernel", kernels}, {"flops", cost.flops}, {"bytes", cost.all_paths().both()}};
  }

 private:
  void move_to(std::int64_t position) {
    const std::vector<double> positions = {static_cast<double>(position)};
    session_->write(plan_.find("positions").value(), positions);
  }

  Plan plan_;
  std::int64_t prompt_;
  std::set<std::string> matmuls_;  // names of their kernels
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Session> session_;
};

class ModelStage final : public Unit {
 public:
  ModelStage(const Json& request, OpenDevice& device)
      : model_(request, device), stage_(model_.stage(request.at("stage"))) {}

  double seconds(std::int64_t repeats) override {
    Session& session = model_.session();
    const std::int64_t iterations = session.plan().times(stage_);
    double total = 0;
    for (std::int64_t i = 0; i < repeats; ++i) {
      stage_ == 0 ? model_.restart() : model_.rewind();
      const auto start = Clock::now();
      for (std::int64_t step = 0; step < iterations; ++step) session.run_stage(stage_);
      session.lane().synchronize();
      total += since(start);
    }
    return total / static_cast<double>(repeats * iterations);
  }

  Json facts() const override { return model_.facts(stage_); }

 private:
  Model model_;
  const std::size_t stage_;
};

class Overhead final : public Unit {
 public:
  Overhead(const Json& request, OpenDevice& device)
      : model_(request, device), stage_(model_.stage("decode")) {}

  double seconds(std::int64_t repeats) override {
    Session& session = model_.session();
    const std::int64_t iterations = session.plan().times(stage_);
    double total = 0, model = 0;
    for (std::int64_t i = 0; i < repeats; ++i) {
      model_.rewind();
      const auto start = Clock::now();
      for (std::int64_t step = 0; step < iterations; ++step)
        for (const BoundStep& one : session.steps(stage_)) {
          const auto launched = Clock::now();
          one.kernel->launch(session.lane().stream(), one.in, one.out);
          if (one.step->op->kind() != "sample") model += since(launched);
        }
      session.lane().synchronize();
      total += since(start);
    }
    const auto steps = static_cast<double>(repeats * iterations);
    step_ = total / steps;
    return (total - model) / steps;
  }

  Json facts() const override {
    Json facts = model_.facts(stage_);
    facts["step_seconds"] = step_;
    return facts;
  }

 private:
  Model model_;
  const std::size_t stage_;
  double step_ = 0;
};

class Sliced final : public Unit {
 public:
  Sliced(const Json& request, OpenDevice& device, Probes& probes)
      : model_(request, device),
        stage_(model_.stage(request.at("stage"))),
        slice_seconds_(request.value("slice_seconds", 0.05)),
        binds_(request.at("binds").get<std::string>()),
        dtype_(dtype_from(request.at("dtype").get<std::string>()).value()),
        probes_(probes) {}

  double seconds(std::int64_t repeats) override {
    double total = 0;
    slices_ = Json::array();
    for (std::int64_t i = 0; i < repeats; ++i) {
      stage_ == 0 ? model_.restart() : model_.rewind();
      total += run_slices();
    }
    return total / static_cast<double>(repeats);
  }

  Json facts() const override {
    Json facts = model_.facts(stage_);
    facts["slices"] = slices_;
    return facts;
  }

 private:
  double run_slices() {
    const auto steps = model_.session().steps(stage_);
    double total = 0, before = probes_.rate(binds_, dtype_);
    for (std::size_t next = 0; next < steps.size();) {
      Cost cost;
      double elapsed = 0;
      const auto start = Clock::now();
      for (; next < steps.size() && elapsed < slice_seconds_; elapsed = since(start)) {
        const BoundStep& one = steps[next++];
        one.kernel->launch(model_.session().lane().stream(), one.in, one.out);
        cost += one.step->op->cost();
      }
      const double after = probes_.rate(binds_, dtype_);
      slices_.push_back({{"seconds", elapsed},
                         {"flops", cost.flops},
                         {"bytes", cost.all_paths().both()},
                         {"probes", Json::array({before, after})}});
      before = after;
      total += elapsed;
    }
    return total;
  }

  Model model_;
  const std::size_t stage_;
  const double slice_seconds_;
  const std::string binds_;
  const DType dtype_;
  Probes& probes_;
  Json slices_ = Json::array();
};

}  // namespace

std::unique_ptr<Unit> make_model(const Json& request, OpenDevice& device) {
  return std::make_unique<ModelStage>(request, device);
}

std::unique_ptr<Unit> make_overhead(const Json& request, OpenDevice& device) {
  return std::make_unique<Overhead>(request, device);
}

std::unique_ptr<Unit> make_sliced(const Json& request, OpenDevice& device, Probes& probes) {
  return std::make_unique<Sliced>(request, device, probes);
}

}  // namespace assay::bench
