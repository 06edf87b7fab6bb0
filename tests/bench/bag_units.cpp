// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <vector>

#include "base/random.h"
#include "bench/unit.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "statistics/statistics.h"

namespace assay::bench {
namespace {

constexpr std::uint64_t kSeed = 1;

EmbeddingBag::Params params_of(const Json& request) {
  const std::int64_t batch = request.at("batch"), bag = request.at("bag");
  return {.table_rows = {request.at("rows").get<std::int64_t>()},
          .dim = request.at("dim"),
          .batch = batch,
          .lookups = batch * bag,
          .row_type = request.at("dtype") == "int8" ? DType::u8 : DType::f32,
          .longest = bag};
}

class Bag final : public Unit {
 public:
  Bag(const Json& request, OpenDevice& device)
      : op_(params_of(request)),
        entry_(*std::ranges::find(device.kernels, op_.kind(), &KernelEntry::op)),
        lane_(device.device->lane({})),
        sets_(request.at("sets").get<std::int64_t>()) {
    const EmbeddingBag::Params& p = op_.p;
    std::vector<std::int32_t> offsets;
    for (std::int64_t b = 0; b <= p.batch; ++b)
      offsets.push_back(static_cast<std::int32_t>(b * (p.lookups / p.batch)));
    const double skew = request.at("skew");
    const TensorSpec ids{"ids", {sets_ * p.lookups}, DType::i32, Fill::zipf(p.table_rows[0], skew)};
    rows_ = filled(op_.inputs()[EmbeddingBag::kRows], device);
    ids_ = filled(ids, device);
    offsets_ =
        filled({"offsets", {static_cast<std::int64_t>(offsets.size())}, DType::i32, Fill::integers(offsets)},
               device);
    y_ = device.device->allocate(op_.outputs()[0].bytes());
    kernel_ = entry_.make(op_, *lane_);
    marks_ = lane_->marks(2);
    if (request.contains("ids_file")) {
      std::ofstream file(request.at("ids_file").get<std::string>(), std::ios::binary);
      file.write(static_cast<const char*>(ids_->buffer().data), ids.bytes());
      if (!file.flush()) throw Unsupported("the ids cannot be written for the others");
    }
    choose_rows_ahead();
  }

  double seconds(std::int64_t repeats) override {
    marks_->record(0, lane_->stream());
    for (std::int64_t i = 0; i < repeats; ++i) {
      const std::int64_t bytes = op_.p.lookups * 4;
      const Buffer ids{static_cast<char*>(ids_->buffer().data) + next_++ % sets_ * bytes, bytes};
      const Buffer in[] = {rows_->buffer(), ids, offsets_->buffer()}, out[] = {y_->buffer()};
      kernel_->launch(lane_->stream(), in, out);
    }
    marks_->record(1, lane_->stream());
    lane_->synchronize();
    return marks_->seconds(0, 1) / static_cast<double>(repeats);
  }

  double probe() override { return random_reads(rows_ahead_); }

  Json facts() const override {
    const double looked_up = static_cast<double>(op_.p.lookups) * static_cast<double>(op_.p.row_bytes());
    return {{"kernel", entry_.name}, {"flops", op_.cost().flops}, {"bytes", looked_up}};
  }

 private:
  std::unique_ptr<Memory> filled(const TensorSpec& spec, OpenDevice& device) {
    auto memory = device.device->allocate(spec.bytes());
    lane_->fill(memory->buffer(), spec, random_key(kSeed, spec.name));
    return memory;
  }

  double random_reads(int rows_ahead) {
    constexpr double kSeconds = 0.006;
    return random_read_rate(rows_->buffer(), op_.p.row_bytes(), rows_ahead, kSeconds, probes_++);
  }

  /// By medians, as Probes does: the best of several tries would be too high a mark.
  void choose_rows_ahead() {
    double best = 0;
    for (int rows = 2; rows <= 256; rows *= 2) {
      std::vector<double> rates;
      for (int i = 0; i < 5; ++i) rates.push_back(random_reads(rows));
      if (const double rate = median(rates); rate > best) {
        best = rate;
        rows_ahead_ = rows;
      }
    }
  }

  const EmbeddingBag op_;
  const KernelEntry& entry_;
  std::unique_ptr<Lane> lane_;
  const std::int64_t sets_;  // of ids, which take turns
  std::unique_ptr<Memory> rows_, ids_, offsets_, y_;
  std::unique_ptr<Kernel> kernel_;
  std::unique_ptr<Marks> marks_;
  std::int64_t next_ = 0;
  std::uint32_t probes_ = 0;
  int rows_ahead_ = 1;
};

}  // namespace

std::unique_ptr<Unit> make_bag(const Json& request, OpenDevice& device) {
  return std::make_unique<Bag>(request, device);
}

}  // namespace assay::bench
