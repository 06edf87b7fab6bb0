// SPDX-License-Identifier: Apache-2.0
// A take's figure is the fastest of its repetitions: it stands for what the device can do, and a kernel's
// median is set beside it.
#include "device/cuda/peak_probe.h"

#include <algorithm>

#include "device/cuda/cuda_lane.h"
#include "device/cuda/lt_matmul.h"
#include "device/cuda/probe_tools.h"
#include "device/cuda/probes.h"

namespace assay {
namespace {

constexpr int kRepetitions = 2;
constexpr double kLongestProduct_s = 10e-3;  // a take is to be short: a slow board gets a smaller product

class ReadProbe {
 public:
  explicit ReadProbe(CudaLane& lane) : lane_(lane) {
    const ProbeSizes& sizes = lane.device().probe_sizes();
    const std::int64_t bytes =
        std::max(sizes.read_caches * lane.info().cache_bytes, sizes.read_at_least) / 256 * 256;
    if (!fits(lane.device(), bytes)) return;
    memory_ = lane.allocate(bytes);
    sink_ = lane.allocate(sizeof(unsigned));
    fill_normal(lane, memory_->buffer(), DType::f32, bytes / 4, "probe");
    read();  // loads the code
  }
  std::optional<double> bytes_per_s() const {
    if (memory_ == nullptr) return std::nullopt;
    const double seconds = fastest_seconds(lane_, kRepetitions, [this] { read(); });
    return kPasses * static_cast<double>(memory_->buffer().bytes) / seconds;
  }

 private:
  static constexpr int kPasses = 4;  // starting and ending count for less
  void read() const {
    read_memory(memory_->buffer(), kPasses, sink_->buffer(), lane_.info().units, lane_.stream());
  }

  CudaLane& lane_;
  std::unique_ptr<Memory> memory_, sink_;
};

/// y = x w^T, all [edge, edge].
class MatmulProbe {
 public:
  static DType out(DType dtype) { return dtype == DType::f8e4m3 ? DType::bf16 : dtype; }
  static std::int64_t bytes(DType dtype, std::int64_t edge) {
    return edge * edge * (2 * bytes_of(dtype) + bytes_of(out(dtype)));
  }

  /// Unsupported where the board has no such arithmetic.
  MatmulProbe(CudaLane& lane, DType dtype, std::int64_t edge)
      : lane_(lane),
        edge_(edge),
        matmul_(lane.lt(), {.m = edge,
                            .n = edge,
                            .k = edge,
                            .type = dtype,
                            .out = out(dtype),
                            .fast_accumulation = dtype == DType::f8e4m3}),
        x_(lane.allocate(edge * edge * bytes_of(dtype))),
        w_(lane.allocate(edge * edge * bytes_of(dtype))),
        y_(lane.allocate(edge * edge * bytes_of(out(dtype)))),
        one_(lane.allocate(sizeof(float))) {
    fill_normal(lane, x_->buffer(), dtype, edge * edge, "x");
    fill_normal(lane, w_->buffer(), dtype, edge * edge, "w");
    lane.fill(one_->buffer(), {.name = "scale", .shape = {1}, .dtype = DType::f32, .fill = Fill::constant(1)},
              0);
  }
  double flops() const { return 2 * static_cast<double>(edge_ * edge_) * static_cast<double>(edge_); }
  std::size_t algorithms() const { return matmul_.algorithms(); }
  void run(std::size_t algorithm) {
    matmul_.run(algorithm,
                {.x = x_->buffer().data,
                 .w = w_->buffer().data,
                 .y = y_->buffer().data,
                 .scale_x = one_->buffer().data,
                 .scale_w = one_->buffer().data},
                lane_.stream());
  }
  double seconds(std::size_t algorithm) {
    return fastest_seconds(lane_, kRepetitions, [&] { run(algorithm); });
  }

 private:
  CudaLane& lane_;
  const std::int64_t edge_;
  LtMatmul matmul_;
  std::unique_ptr<Memory> x_, w_, y_, one_;
};

/// By trying the sizes that fit, each with the algorithms that the library thinks best.
ProbeSizes::Product fastest_product(CudaLane& lane, DType dtype) {
  constexpr std::size_t kAlgorithms = 6;
  const std::vector<std::int64_t>& edges = lane.device().probe_sizes().edges;
  ProbeSizes::Product best;
  double best_flops_per_s = 0;
  for (const std::int64_t largest : edges) {
    const std::int64_t edge = dtype == DType::f32 ? largest / 2 : largest;  // a fraction of the others' rate
    if (!fits(lane.device(), MatmulProbe::bytes(dtype, edge))) continue;
    try {
      MatmulProbe probe(lane, dtype, edge);
      for (std::size_t i = 0; i < std::min(kAlgorithms, probe.algorithms()); ++i) {
        probe.run(i);  // loads the code, wakes the clocks
        const double seconds = probe.seconds(i);
        if (probe.flops() / seconds <= best_flops_per_s) continue;
        if (seconds > kLongestProduct_s && largest != edges.back()) continue;
        best = {edge, i};
        best_flops_per_s = probe.flops() / seconds;
      }
    } catch (const Unsupported&) {
      break;
    }
  }
  return best;
}

class CudaPeakProbe final : public PeakProbe {
 public:
  CudaPeakProbe(CudaDevice& owner, std::span<const DType> dtypes)
      : lane_(owner), memory_(with_workspace(lane_, dtypes)) {
    CudaLane& lane = lane_;
    auto& products = owner.probe_sizes().products;
    for (const DType dtype : dtypes) {
      if (!is_floating(dtype) || matmuls_.contains(dtype)) continue;
      if (products[dtype].edge == 0) products[dtype] = fastest_product(lane, dtype);
      const auto [edge, algorithm] = products.at(dtype);
      if (edge == 0 || !fits(lane.device(), MatmulProbe::bytes(dtype, edge))) continue;
      matmuls_[dtype] = {std::make_unique<MatmulProbe>(lane, dtype, edge), algorithm};
      matmuls_[dtype].probe->run(algorithm);  // loads the code
    }
  }
  PeakDraw take() override {
    PeakDraw draw{.bytes_per_s = memory_.bytes_per_s(), .flops_per_s = {}};
    for (const auto& [dtype, matmul] : matmuls_)
      draw.flops_per_s[dtype] = matmul.probe->flops() / matmul.probe->seconds(matmul.algorithm);
    return draw;
  }

 private:
  struct Matmul {
    std::unique_ptr<MatmulProbe> probe;
    std::size_t algorithm;
  };
  /// Taken before what is only taken where there is room.
  static CudaLane& with_workspace(CudaLane& lane, std::span<const DType> dtypes) {
    if (std::ranges::any_of(dtypes, is_floating)) lane.lt();
    return lane;
  }

  CudaLane lane_;  // of its own: what is measured has others
  ReadProbe memory_;
  std::map<DType, Matmul> matmuls_;
};

}  // namespace

std::unique_ptr<PeakProbe> make_cuda_peak_probe(CudaDevice& device, std::span<const DType> dtypes) {
  return std::make_unique<CudaPeakProbe>(device, dtypes);
}

}  // namespace assay
