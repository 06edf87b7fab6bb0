// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "bench/unit.h"
#include "device/cpu/onednn.h"
#include "kernels/matmul/matmul.h"
#include "measure/bench.h"

namespace assay::bench {
namespace {

using Memory = dnnl::memory;

MatMul::Params params_of(const Json& request) {
  const DType type = dtype_from(request.at("dtype").get<std::string>()).value();
  return {.m = request.at("m"), .n = request.at("n"), .k = request.at("k"), .type = type, .out = type};
}

class OurMatMul final : public Unit {
 public:
  OurMatMul(const Json& request, OpenDevice& device) : op_(std::make_shared<MatMul>(params_of(request))) {
    const std::string wanted = request.value("kernel", "best");
    double best = 0;
    for (const KernelEntry& entry : device.kernels) {
      if (entry.op != "matmul" || (wanted != "best" && wanted != entry.name)) continue;
      try {
        auto bench = std::make_unique<KernelBench>(op_, entry, *device.device, 1);
        bench->seconds();
        double time = bench->seconds();
        for (int i = 0; i < 4; ++i) time = std::min(time, bench->seconds());
        if (entry_ != nullptr && time >= best) continue;
        best = time;
        entry_ = &entry;
        copies_.clear();
        copies_.push_back(std::move(bench));
      } catch (const Unsupported&) {
      }
    }
    if (entry_ == nullptr) throw Unsupported("no kernel " + wanted + " serves " + op_->shape());
    for (std::int64_t i = 1; i < request.value("copies", std::int64_t{1}); ++i)
      copies_.push_back(
          std::make_unique<KernelBench>(op_, *entry_, *device.device, static_cast<std::uint64_t>(i) + 1));
  }

  double seconds(std::int64_t repeats) override {
    double total = 0;
    for (std::int64_t i = 0; i < repeats; ++i) total += copies_[next_++ % copies_.size()]->seconds();
    return total / static_cast<double>(repeats);
  }

  Json facts() const override {
    const Cost cost = op_->cost();
    return {{"kernel", entry_->name}, {"flops", cost.flops}, {"bytes", cost.all_paths().both()}};
  }

 private:
  std::shared_ptr<const MatMul> op_;
  const KernelEntry* entry_ = nullptr;
  std::vector<std::unique_ptr<KernelBench>> copies_;
  std::size_t next_ = 0;
};

class RawOnednn final : public Unit {
 public:
  RawOnednn(const Json& request, OpenDevice& device)
      : p_(params_of(request)), engine_(dnnl::engine::kind::cpu, 0) {
    const auto type = p_.type == DType::bf16 ? Memory::data_type::bf16 : Memory::data_type::f32;
    const Memory::desc x({p_.m, p_.k}, type, Memory::format_tag::ab),
        plain({p_.k, p_.n}, type, Memory::format_tag::ba),
        packed({p_.k, p_.n}, type, Memory::format_tag::any), y({p_.m, p_.n}, type, Memory::format_tag::ab);
    const auto primitive = matmul_descriptor(engine_, x, packed, nullptr, y);
    implementation_ = primitive.impl_info_str();
    if (implementation_.find("ref") != std::string::npos)
      throw Unsupported(
          fmt::format("oneDNN has only its reference implementation of {} here", name(p_.type)));
    matmul_ = dnnl::matmul(primitive);
    Memory w = filled(plain, "w", device);
    Memory blocked(primitive.weights_desc(), engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(w, blocked).execute(stream, w, blocked);
    stream.wait();
    arguments_ = {{DNNL_ARG_SRC, filled(x, "x", device)},
                  {DNNL_ARG_WEIGHTS, blocked},
                  {DNNL_ARG_DST, Memory(y, engine_)}};
    lane_ = device.device->lane({});
    marks_ = lane_->marks(2);
    stream_ = &lane_->stream();
  }

  double seconds(std::int64_t repeats) override {
    dnnl::stream stream(engine_);
    marks_->record(0, *stream_);
    for (std::int64_t i = 0; i < repeats; ++i) matmul_.execute(stream, arguments_);
    stream.wait();
    marks_->record(1, *stream_);
    return marks_->seconds(0, 1) / static_cast<double>(repeats);
  }

  Json facts() const override {
    const Cost cost = MatMul(p_).cost();
    return {{"kernel", implementation_}, {"flops", cost.flops}, {"bytes", cost.all_paths().both()}};
  }

 private:
  Memory filled(const Memory::desc& desc, const std::string& tensor, OpenDevice& device) {
    Memory memory(desc, engine_);
    const auto bytes = static_cast<std::int64_t>(desc.get_size());
    const TensorSpec spec{tensor, {bytes / bytes_of(p_.type)}, p_.type, Fill::normal()};
    device.device->lane({})->fill({memory.get_data_handle(), bytes}, spec, random_key(1, tensor));
    return memory;
  }

  const MatMul::Params p_;
  dnnl::engine engine_;
  std::string implementation_;
  dnnl::matmul matmul_;
  std::unordered_map<int, Memory> arguments_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Marks> marks_;
  Stream* stream_ = nullptr;
};

}  // namespace

std::unique_ptr<Unit> make_matmul(const Json& request, OpenDevice& device) {
  return std::make_unique<OurMatMul>(request, device);
}

std::unique_ptr<Unit> make_raw_onednn(const Json& request, OpenDevice& device) {
  try {
    return std::make_unique<RawOnednn>(request, device);
  } catch (const dnnl::error& error) {
    throw Unsupported(std::string("oneDNN: ") + error.what());
  }
}

}  // namespace assay::bench
