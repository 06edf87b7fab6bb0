// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <vector>

#include "bench/unit.h"
#include "measure/kernel_choice.h"
#include "measure/session.h"
#include "plan/step_groups.h"
#include "workloads/workload.h"

namespace assay::bench {
namespace {

Plan plan_of(const Json& request) {
  const std::vector<std::filesystem::path> files = {request.at("config").get<std::string>()};
  std::vector<std::string> overrides = {"/dtype=" + request.at("dtype").get<std::string>()};
  for (const char* key : {"batch", "rows", "max_rows", "skew"}) {
    const Json& value = request.at(key);
    overrides.push_back("/load/" + std::string(key) + "=" +
                        (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return load_runs(files, overrides).expand().front().make_plan();
}

class Recommender final : public Unit {
 public:
  Recommender(const Json& request, OpenDevice& device)
      : plan_(plan_of(request)), lane_(device.device->lane({})) {
    const Watch watch = real_watch();
    const Site site{lane_.get(), device.kernels};
    const auto labels = request.value("labels", std::set<std::string>());
    const auto meant = [&](const Step& step) { return labels.empty() || labels.contains(step.label); };
    Choices choices;
    for (const auto& op : distinct_ops(plan_)) {
      const KernelChoice choice = choose_kernel(op, Place::device, site, RunOptions{}, watch);
      if (choice.wrong || choice.chosen.entry == nullptr) throw Unsupported(choice.problem);
      choices[placed_key(*op, Place::device)] = choice.chosen;
    }
    session_ = std::make_unique<Session>(plan_, Sites{site, site}, choices, 1);
    session_->run_stage(0);  // steps that run alone find the inputs that the others made
    for (const BoundStep& one : session_->steps(0)) {
      if (!meant(*one.step)) continue;
      steps_.push_back(one);
      cost_ += one.step->op->cost();
      const Chosen& chosen = choices.at(placed_key(*one.step->op, Place::device));
      if (labels.empty() && one.step->op->kind() != "matmul") continue;
      kernels_.insert(std::string(chosen.entry->name));
    }
    if (steps_.empty()) throw Unsupported("no step has such a label");
    if (request.contains("ids_file")) write_ids(request.at("ids_file"));
  }

  double seconds(std::int64_t repeats) override {
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < repeats; ++i)
      for (const BoundStep& one : steps_) one.kernel->launch(lane_->stream(), one.in, one.out);
    lane_->synchronize();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
           static_cast<double>(repeats);
  }

  Json facts() const override {
    std::string kernels;
    for (const std::string& kernel : kernels_) kernels += (kernels.empty() ? "" : ", ") + kernel;
    return {{"kernel", kernels}, {"flops", cost_.flops}, {"bytes", cost_.all_paths().both()}};
  }

 private:
  void write_ids(const std::string& path) {
    const Buffer ids = session_->buffer(plan_.find("ids").value());
    std::ofstream file(path, std::ios::binary);
    file.write(static_cast<const char*>(ids.data), plan_.tensor(plan_.find("ids").value()).spec.bytes());
    if (!file.flush()) throw Unsupported("the ids cannot be written for the others");
  }

  Plan plan_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Session> session_;
  std::vector<BoundStep> steps_;
  Cost cost_;
  std::set<std::string> kernels_;  // names
};

}  // namespace

std::unique_ptr<Unit> make_recommender(const Json& request, OpenDevice& device) {
  return std::make_unique<Recommender>(request, device);
}

}  // namespace assay::bench
