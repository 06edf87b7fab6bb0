// SPDX-License-Identifier: Apache-2.0
// Our side of tests/peers/cpu_side_by_side.py: a process that stays, prepares units of work and times a batch
// of one when told to. Requests and replies are JSON, a line each:
//
//   {"do": "prepare", "id": "a", "unit": "matmul", ...}   -> {"ready": true, "kernel": ..., "flops": ...,
//   "bytes": ...}
//   {"do": "run", "id": "a", "repeats": 3}                -> {"seconds": of one run}
//   {"do": "probe", "kind": "fma" | "read", "dtype": ...} -> {"rate": FLOP/s or bytes/s}
//   {"do": "probe", "id": "a"}                            -> the same, by that unit's own probe
//   {"do": "drop", "id": "a"}, {"do": "about"}
//
// What cannot be done is {"unsupported": why}.
#include <iostream>
#include <map>
#include <string>

#include "base/version.h"
#include "bench/unit.h"
#include "device/cpu/onednn.h"

namespace assay::bench {
namespace {

class Worker {
 public:
  Worker() : device_(std::move(open_devices({"cpu"}).front())) {}

  Json answer(const Json& request) {
    const std::string what = request.at("do");
    if (what == "prepare") return prepare(request);
    if (what == "run") {
      Unit& unit = *units_.at(request.at("id"));
      const double seconds = unit.seconds(request.value("repeats", std::int64_t{1}));
      return {{"seconds", seconds}, {"facts", unit.facts()}};
    }
    if (what == "probe") return {{"rate", probe(request)}};
    if (what == "drop") {
      units_.erase(request.at("id").get<std::string>());
      return {{"dropped", true}};
    }
    if (what == "about") return about();
    throw Unsupported("no request " + what);
  }

 private:
  Json prepare(const Json& request) {
    const std::string unit = request.at("unit");
    std::unique_ptr<Unit> made;
    if (unit == "matmul") made = make_matmul(request, device_);
    if (unit == "raw_onednn") made = make_raw_onednn(request, device_);
    if (unit == "model") made = make_model(request, device_);
    if (unit == "overhead") made = make_overhead(request, device_);
    if (unit == "bag") made = make_bag(request, device_);
    if (unit == "recommender") made = make_recommender(request, device_);
    if (unit == "vision_stages") made = make_vision_stages(request, device_);
    if (unit == "beside") made = make_beside(request, device_);
    if (unit == "suppression") made = make_suppression(request, device_);
    if (unit == "sliced") made = make_sliced(request, device_, probes_);
    if (made == nullptr) throw Unsupported("no unit " + unit);
    Json reply = made->facts();
    reply["ready"] = true;
    units_[request.at("id")] = std::move(made);
    return reply;
  }

  double probe(const Json& request) {
    if (request.contains("id")) return units_.at(request.at("id"))->probe();
    return probes_.rate(request.at("kind").get<std::string>(),
                        dtype_from(request.at("dtype").get<std::string>()).value());
  }

  Json about() const {
    const DeviceInfo& info = device_.device->info();
    Json properties = Json::object();
    for (const auto& [name, value] : info.properties) properties[name] = value;
    return {{"device", info.name},
            {"threads", info.units},
            {"memory_bytes", info.memory_bytes},
            {"cache_bytes", info.cache_bytes},
            {"properties", properties},
            {"onednn", onednn_version()},
            {"bf16_probe", name(fma_kind_for(DType::bf16))},
            {"f32_probe", name(fma_kind_for(DType::f32))}};
  }

  OpenDevice device_;
  Probes probes_;
  std::map<std::string, std::unique_ptr<Unit>> units_;
};

int serve() {
  Worker worker;
  std::string line;
  while (std::getline(std::cin, line)) {
    Json reply;
    try {
      reply = worker.answer(Json::parse(line));
    } catch (const std::exception& problem) {
      reply = {{"unsupported", problem.what()}};
    }
    std::cout << reply.dump() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace assay::bench

int main() {
  return assay::bench::serve();
}
