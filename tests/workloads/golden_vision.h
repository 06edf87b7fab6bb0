// SPDX-License-Identifier: Apache-2.0
// The small networks of tests/golden/vision/, with what other implementations say of two random images
// (tests/peers/make_network_golden.py).
#pragma once

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "base/safetensors.h"
#include "measure/session.h"
#include "support/one_lane.h"
#include "support/source_dir.h"
#include "workloads/workload.h"

namespace assay::test {

inline const std::vector<std::string> kGoldenVision = {
    "resnet-bottleneck", "resnet-basic", "vit", "vit-torchvision", "yolox", "yolox-depthwise"};

/// The largest difference, as a share of the root mean square of what is expected. Classes that differ count
/// as infinite, unless their scores are as near as that.
inline double golden_vision_error(const std::string& name, OpenDevice& device, const std::string& dtype) {
  const std::filesystem::path folder = test_source_dir() / "tests/golden/vision" / name;
  const Json expected = load_json(folder / "expected.json");
  const Json run = {{"workload", "vision"},
                    {"model", expected["model"]},
                    {"dtype", dtype},
                    {"load", {{"batch", expected["batch"]}, {"image", "16x16"}, {"candidates", 0}}}};
  const Plan plan = runs_of(run, "golden.json", all_workloads()).expand().at(0).make_plan();
  const SafeTensors file = SafeTensors::open(folder / "model.safetensors");
  const FedLaneOf one(device);
  Session session(plan, one.sites, first_kernels(plan, one.sites), 1,
                  std::make_shared<const WeightBlock>(plan, plan_memory(plan), one.sites, 1, &file));
  // The images go in as preprocessing would leave them.
  const auto stage = [&](const char* stage_name) { return *plan.find_stage(stage_name); };
  const auto last_step = [&](const char* stage_name) -> const Step& {
    return plan.stages()[stage(stage_name)]->steps.back();
  };
  session.write(last_step("preprocess").out[0], expected["input"].get<std::vector<double>>());
  session.run_stage(stage("network"));
  const auto error = [&](Value value, const char* key) {
    const std::vector<double> got = session.read(value);
    const auto right = expected[key].get<std::vector<double>>();
    if (got.size() != right.size()) return static_cast<double>(INFINITY);
    double squares = 0, largest = 0;
    for (const double v : right) squares += v * v;
    const double rms = std::sqrt(squares / static_cast<double>(right.size()));
    for (std::size_t i = 0; i < right.size(); ++i) {
      const double difference = std::fabs(got[i] - right[i]) / rms;
      largest = std::isfinite(difference) ? std::max(largest, difference) : INFINITY;
    }
    return largest;
  };
  if (!expected.contains("boxes")) {
    one.lane->synchronize();
    return error(last_step("network").out[0], "logits");
  }
  session.run_stage(stage("postprocess"));
  one.lane->synchronize();
  const Step& boxes = plan.stages()[stage("postprocess")]->steps.front();
  return std::max(
      {error(boxes.out[0], "boxes"), error(boxes.out[1], "scores"), error(boxes.out[2], "classes")});
}

}  // namespace assay::test
