// SPDX-License-Identifier: Apache-2.0
// A small plan with all that a recommender or a detector asks of the frame: the host looks rows up, they are
// copied to the device, which reads a large table by Zipf's law and gives an answer of which many are right.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernels/copy/copy.h"
#include "kernels/embedding/embedding.h"
#include "plan/plan.h"

namespace assay {

/// The places of the positive elements of each row, in whatever order, and how many they are.
struct Positives final : Op {
  Positives(std::int64_t rows, std::int64_t width) : rows(rows), width(width) {}
  const std::int64_t rows, width;

  std::string_view kind() const override { return "positives"; }
  std::string shape() const override { return text_of(Shape{rows, width}); }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return {{.name = "x", .shape = {rows, width}}}; }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "places", .shape = {rows, width}, .dtype = DType::i32, .rows_valid = 1},
            {.name = "counts", .shape = {rows}, .dtype = DType::i32}};
  }
  Cost cost() const override {
    return {.flops = 0, .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
  }
  std::int64_t units() const override { return rows; }
  void reference(std::span<const TensorView> in, std::int64_t row, Expected& out) const override {
    out.set(1, row, static_cast<double>(right(in, row).size()));
  }
  bool judged_by_objection() const override { return true; }
  std::string objection(std::span<const TensorView> in, std::span<const TensorView> out,
                        std::int64_t row) const override {
    const std::set<std::int64_t> wanted = right(in, row);
    std::set<std::int64_t> given;
    for (std::int64_t i = 0; i < out[1].integer(row); ++i) given.insert(out[0].integer(row * width + i));
    return given == wanted ? "" : "row " + std::to_string(row) + " names other places";
  }
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }

 private:
  std::set<std::int64_t> right(std::span<const TensorView> in, std::int64_t row) const {
    std::set<std::int64_t> places;
    for (std::int64_t c = 0; c < width; ++c)
      if (in[0][row * width + c] > 0) places.insert(c);
    return places;
  }
};

/// look_up (host): rows of a small table. upload (device): they cross. answer (device): rows of a large table
/// of `table_rows`, and the positive places of both.
inline Plan crossing_plan(std::int64_t table_rows, std::int64_t width = 64) {
  constexpr std::int64_t kRows = 96, kSmall = 500;
  Plan plan("test", "crossing");
  const Value small = plan.weight({"small", {kSmall, width}}, {}, Place::host);
  const Value large = plan.weight({"large", {table_rows, width}}, {});
  const Value ids = plan.input({"ids", {kRows}, DType::i32, Fill::zipf(kSmall, 1.05)}, Place::host);
  const Value rows = plan.input({"rows", {kRows}, DType::i32, Fill::zipf(table_rows, 1.05)});
  const auto gather = [&](std::int64_t of) {
    return std::make_shared<Embedding>(
        Embedding::Params{.rows = kRows, .vocab = of, .width = width, .type = DType::f32});
  };
  const auto positives = std::make_shared<Positives>(kRows, width);
  Stage& look_up = plan.stage("look_up", 1, 1, "batch", Place::host);
  const Value x = plan.run(look_up, "gather", "gather", gather(kSmall), {ids, small})[0];
  Stage& upload = plan.stage("upload", 1, 1, "batch");
  const Value y =
      plan.run(upload, "upload", "upload",
               std::make_shared<Copy>(Copy::Params{.shape = {kRows, width}, .type = DType::f32}), {x})[0];
  Stage& answer = plan.stage("answer", 2, 1, "batch");
  const Value z = plan.run(answer, "read", "read", gather(table_rows), {rows, large})[0];
  plan.run(answer, "of_host", "positives", positives, {y});
  plan.run(answer, "of_device", "positives", positives, {z});
  plan.outputs = {
      {.name = "read", .value = z, .stage = "answer", .pins = {}, .tolerance = {{{"exact", 0}}}},
      {.name = "crossed", .value = y, .stage = "upload", .pins = {}, .tolerance = {{{"exact", 0}}}}};
  plan.metrics = {{.name = "pass_s", .of = "pass", .unit = "s", .definition = "A pass."}};
  return plan;
}

/// Ascending; or, as another right answer, descending.
template <bool kAscending>
class PositivesKernel final : public Kernel {
 public:
  explicit PositivesKernel(const Positives& op) : rows_(op.rows), width_(op.width) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    const float* x = in[0].as<const float>().data();
    std::int32_t* places = out[0].as<std::int32_t>().data();
    for (std::int64_t r = 0; r < rows_; ++r) {
      std::int32_t count = 0;
      for (std::int64_t i = 0; i < width_; ++i) {
        const std::int64_t c = kAscending ? i : width_ - 1 - i;
        if (x[r * width_ + c] > 0) places[r * width_ + count++] = static_cast<std::int32_t>(c);
      }
      out[1].as<std::int32_t>()[static_cast<std::size_t>(r)] = count;
    }
  }

 private:
  const std::int64_t rows_, width_;
};
template <bool kAscending>
std::unique_ptr<Kernel> make_positives(const Op& op, Lane&) {
  return std::make_unique<PositivesKernel<kAscending>>(op_cast<Positives>(op));
}

/// A backend's kernels and one more.
inline std::vector<KernelEntry> with_kernel(KernelTable kernels, const KernelEntry& more) {
  std::vector<KernelEntry> all(kernels.begin(), kernels.end());
  all.push_back(more);
  return all;
}

}  // namespace assay
