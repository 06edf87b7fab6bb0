// SPDX-License-Identifier: Apache-2.0
// A DLRM's forward pass for a batch of pairs, as straight-line code: bags of embedding rows and a bottom MLP
// make vectors, the vectors meet, a top MLP makes the score.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/random.h"
#include "kernels/concat/concat.h"
#include "kernels/cross/cross.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "kernels/interaction/interaction.h"
#include "kernels/matmul/matmul.h"
#include "plan/fill_function.h"
#include "workloads/product_flops.h"
#include "workloads/recommender.h"
#include "workloads/row_popularity.h"
#include "workloads/seeded_weights.h"

namespace assay {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr double kCrossGain = 0.5;  // of what a cross layer multiplies x0 by: its output stays of x0's size

class Emitter {
 public:
  Emitter(const RecommenderCase& one, const std::string& name)
      : one_(one), m_(one.model), load_(one.load), type_(one.dtype), plan_("recommender", name) {
    plan_.in_flight = load_.in_flight;
    if (one_.to_size) return;
    const RowPopularity popularity(one_.table_rows, m_.lookups, load_.skew);
    for (std::int64_t bytes = kMiB; bytes <= 65536 * kMiB; bytes *= 2)
      cacheable_[bytes] = popularity.share_of_best(bytes / row_bytes(load_.rows, m_.embedding_width));
  }

  Plan emit() {
    stage_ = &plan_.stage("rank", 1, real(load_.batch), "pair");
    part_ = "embedding";
    const Value pooled = look_up();
    part_ = "dense";
    const Value dense = plan_.input({"dense", {load_.batch, m_.dense_features}, type_, Fill::normal()});
    const Value bottom = mlp("bottom", dense, m_.dense_features, m_.bottom_mlp, 1);
    part_ = "interaction";
    const Value met = m_.family == RecommenderFamily::dlrm ? interact(bottom, pooled) : cross(bottom, pooled);
    part_ = "dense";
    scores_ = mlp("top", met, m_.top_inputs(), m_.top_mlp, met_size_, Activation::sigmoid);
    add_output();
    add_metrics();
    add_facts();
    add_notes();
    return std::move(plan_);
  }

 private:
  /// [batch, tables, width]
  Value look_up() {
    const std::int64_t lookups = load_.batch * m_.lookups_per_pair();
    std::vector<Fill::Segment> segments;
    std::vector<std::int32_t> offsets = {0};
    for (std::size_t t = 0; t < one_.table_rows.size(); ++t) {
      segments.push_back({.count = load_.batch * m_.lookups[t],
                          .limit = one_.table_rows[t],
                          .skew = load_.skew,
                          .ranking = t});
      for (std::int64_t b = 0; b < load_.batch && !one_.to_size; ++b)
        offsets.push_back(offsets.back() + static_cast<std::int32_t>(m_.lookups[t]));
    }
    const TensorSpec ids{"ids", {lookups}, DType::i32, Fill::segments(std::move(segments))};
    if (!one_.to_size) distinct_rows_ = distinct_rows(ids.fill, lookups, random_key(one_.seed, ids.name));

    const EmbeddingBag op({.table_rows = one_.table_rows,
                           .dim = m_.embedding_width,
                           .batch = load_.batch,
                           .lookups = lookups,
                           .row_type = dtype_of(load_.rows),
                           .out = type_,
                           .one_hot = m_.one_hot(),
                           .tables = load_.tables,
                           .distinct_rows = distinct_rows_,
                           .cacheable = cacheable_,
                           .longest = std::ranges::max(m_.lookups)});
    TensorSpec rows = op.inputs()[EmbeddingBag::kRows];  // its shape and fill, of whichever format
    rows.name = "tables";
    WeightSource stored;
    for (std::size_t t = 0; t < one_.table_rows.size(); ++t)
      stored.tensors.push_back("tables." + std::to_string(t) + ".weight");
    std::vector<Value> in = {plan_.weight(std::move(rows), std::move(stored), load_.tables),
                             plan_.input(ids)};
    if (!m_.one_hot())
      in.push_back(plan_.input(
          {"offsets", {load_.batch * m_.tables() + 1}, DType::i32, Fill::integers(std::move(offsets))}));
    ++roundings_;
    return run("embedding", "embedding", op, in);
  }

  /// A relu behind every layer, and `last` behind the last. Weights for inputs of the root mean square
  /// `size`, such that it is about 1 after each layer.
  Value mlp(const std::string& label, Value x, std::int64_t inputs, const std::vector<std::int64_t>& widths,
            double size, Activation last = Activation::relu) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool score = i + 1 == widths.size() && last == Activation::sigmoid;
      const double gain = (score ? 1 : std::sqrt(2.0)) / size;  // a relu halves the mean square
      x = linear(label, label + "." + std::to_string(i), x, widths[i], inputs, gain, true,
                 i + 1 == widths.size() ? last : Activation::relu, score ? DType::f32 : type_);
      inputs = widths[i];
      size = 1;
    }
    return x;
  }

  Value linear(const std::string& label, const std::string& name, Value x, std::int64_t n, std::int64_t k,
               double gain, bool bias, Activation activation, DType out) {
    std::vector<Value> in = {
        x, plan_.weight({name + ".weight", {n, k}, type_, Fill::normal(gain / std::sqrt(real(k)))},
                        {{name + ".weight"}})};
    if (bias)
      in.push_back(
          plan_.weight({name + ".bias", {n}, out, Fill::normal(kBiasDeviation)}, {{name + ".bias"}}));
    ++roundings_;
    longest_sum_ = std::max(longest_sum_, k);
    return run(name, label,
               MatMul({.m = load_.batch,
                       .n = n,
                       .k = k,
                       .type = type_,
                       .out = out,
                       .bias = bias,
                       .activation = activation}),
               in);
  }

  Value interact(Value bottom, Value pooled) {
    const std::int64_t products = Interaction::products(m_.tables());
    const double width = real(m_.embedding_width), mean_square = pooled_mean_square();
    met_size_ =
        std::sqrt((width + real(products) * width * mean_square * mean_square) / (width + real(products)));
    ++roundings_;
    longest_sum_ = std::max(longest_sum_, m_.embedding_width);
    return run(
        "interaction", "interaction",
        Interaction({.rows = load_.batch, .tables = m_.tables(), .width = m_.embedding_width, .type = type_}),
        {bottom, pooled});
  }

  /// x_{l+1} = x_0 * (W (V x_l) + b) + x_l
  Value cross(Value bottom, Value pooled) {
    const std::int64_t width = m_.vectors() * m_.embedding_width;
    const Value x0 = run("concat", "concat",
                         Concat({.rows = {load_.batch},
                                 .parts = {{m_.embedding_width}, {m_.tables(), m_.embedding_width}},
                                 .type = type_}),
                         {bottom, pooled});
    const double first = pooled_mean_square();
    double mean_square = first;
    Value x = x0;
    for (std::int64_t l = 0; l < m_.cross_layers; ++l) {
      const std::string layer = "cross." + std::to_string(l);
      const Value low = linear("cross_v", layer + ".v", x, m_.cross_rank, width, 1 / std::sqrt(mean_square),
                               false, Activation::none, type_);
      const Value u = linear("cross_w", layer + ".w", low, width, m_.cross_rank, kCrossGain, true,
                             Activation::none, type_);
      ++roundings_;
      x = run(layer, "cross", Cross({.rows = load_.batch, .cols = width, .type = type_}), {x0, u, x});
      mean_square += first * (kCrossGain * kCrossGain + kBiasDeviation * kBiasDeviation);
    }
    met_size_ = std::sqrt(mean_square);
    return x;
  }

  /// Of the elements that meet: rows are drawn with a mean square of about 1, and add up.
  double pooled_mean_square() const { return real(1 + m_.lookups_per_pair()) / real(m_.vectors()); }

  template <typename T>
  Value run(std::string name, std::string label, T op, const std::vector<Value>& in) {
    const Value y = plan_.run(*stage_, std::move(name), std::move(label),
                              std::make_shared<const T>(std::move(op)), in)[0];
    stage_->steps.back().part = part_;
    return y;
  }

  void add_output();
  void add_metrics();
  void add_window_metrics();
  void add_mlperf_metric(const std::string& name, const std::string& of, double pairs);
  void add_facts();
  void add_traffic_facts();
  void add_notes();

  const RecommenderCase& one_;
  const RecommenderModel& m_;
  const RecommenderLoad& load_;
  const DType type_;
  Plan plan_;
  Stage* stage_ = nullptr;
  std::string part_;  // of the model, that steps are emitted for
  Value scores_;
  std::int64_t distinct_rows_ = 0;  // of a batch
  /// By bytes of a cache, 1 MiB to 64 GiB: the share of lookups that it could serve at best.
  std::map<std::int64_t, double> cacheable_;
  double met_size_ = 1;         // root mean square of what the top MLP sees
  std::int64_t roundings_ = 0;  // places where what a score is made of is rounded
  std::int64_t longest_sum_ = 1;
};

/// Both devices round at each of these places, and in the sums between them, independently. What a model
/// makes of it grows; the sigmoid takes most of it back: its slope is at most 1/4, and scores are about 1/2.
void Emitter::add_output() {
  const Tolerance::Factor stored = epsilon_factor(type_), summed = epsilon_factor(DType::f32);
  constexpr double kGrowth = 4, kSigmoid = 0.5;
  plan_.outputs.push_back(
      {.name = "scores",
       .value = scores_,
       .stage = stage_->name,
       .pins = {},
       .tolerance = {
           {{"(" + stored.name + " + sqrt(K=" + std::to_string(longest_sum_) + ") x " + summed.name + ")",
             stored.value + std::sqrt(real(longest_sum_)) * summed.value},
            {"sqrt(2 x " + std::to_string(roundings_) + " roundings)", std::sqrt(2 * real(roundings_))},
            {"4 (growth through a model)", kGrowth},
            {"1/2 (the sigmoid's slope over its mean)", kSigmoid}}}});
}

void Emitter::add_metrics() {
  const std::string of = stage_series(stage_->name);
  const std::string latency =
      "From dense features and ids in device memory to the scores of a batch: lookups, both MLPs and the "
      "interaction; no queueing, hashing of ids or transfer. ";
  plan_.metrics = {{.name = "batch_latency_s", .of = of, .unit = "s", .definition = latency + "The median."},
                   {.name = "batch_latency_p90_s",
                    .of = of,
                    .unit = "s",
                    .definition = latency + "The 90th percentile.",
                    .stat = Stat::p90},
                   {.name = "batch_latency_p99_s",
                    .of = of,
                    .unit = "s",
                    .definition = latency + "The 99th percentile.",
                    .stat = Stat::p99}};
  if (load_.in_flight > 1) return add_window_metrics();
  add_mlperf_metric("mlperf_samples_per_s", of, stage_->items);
  const Cost cost = stage_->cost();
  const double pairs = stage_->items;
  plan_.metrics.insert(
      plan_.metrics.end(),
      {{.name = "pairs_per_s",
        .of = of,
        .unit = "pairs/s",
        .definition = "User-item pairs of a batch divided by its time, one batch after the other.",
        .amount = pairs},
       {.name = "flop_utilisation",
        .of = of,
        .unit = "1",
        .definition = "FLOPs of the matrix products and the dot interaction of a batch (a multiply-add is "
                      "2), divided by its time and by "
                      "the device's peak for the number format of the dense part, probed beside it.",
        .amount = product_flops(*stage_),
        .share = type_},
       {.name = "bandwidth_utilisation",
        .of = of,
        .unit = "1",
        .definition =
            "Bytes that a batch must move in device memory (each different row of the tables once, weights "
            "once, activations), divided by its time and by the device's peak memory bandwidth, probed "
            "beside it. Rows that a batch repeats, and those that a cache kept from the last, are no "
            "traffic.",
        .amount = cost.memory().both(),
        .share = Path::memory}});
  if (load_.tables == Place::host)
    plan_.metrics.push_back(
        {.name = "host_link_utilisation",
         .of = of,
         .unit = "1",
         .definition =
             "Bytes of the different rows of a batch, read from the host's memory, divided by the time of "
             "the batch and by the link's peak, probed beside it.",
         .amount = cost.bytes.at(Path::host_link).both(),
         .share = Path::host_link});
}

/// Of the whole model alone: one whose tables or bags are cut would look better beside published figures than
/// it is.
void Emitter::add_mlperf_metric(const std::string& name, const std::string& of, double pairs) {
  if (m_.pairs_per_mlperf_sample == 0 || one_.rows() != m_.rows() || load_.pooling_factor > 0) return;
  char pairs_text[32];
  std::snprintf(pairs_text, sizeof pairs_text, "%g", m_.pairs_per_mlperf_sample);
  plan_.metrics.push_back(
      {.name = name,
       .of = of,
       .unit = "samples/s",
       .definition =
           "Pairs a second in samples as MLPerf Inference counts them, which are " + std::string(pairs_text) +
           " pairs on average: to set beside published figures. Not a result of MLPerf: there samples "
           "differ in size, data is Criteo's, and accuracy is checked.",
       .amount = pairs / m_.pairs_per_mlperf_sample});
}

void Emitter::add_window_metrics() {
  const std::string of(kWindowSeries);
  const double pairs = real(plan_.in_flight) * stage_->items;
  add_mlperf_metric("sustained_mlperf_samples_per_s", of, pairs);
  plan_.metrics.insert(
      plan_.metrics.end(),
      {{.name = "pass_latency_s",
        .of = std::string(kPassSeries),
        .unit = "s",
        .definition =
            "From inputs in device memory to the scores of a batch, by the host's clock, while the other "
            "batches in flight are processed."},
       {.name = "sustained_pairs_per_s",
        .of = of,
        .unit = "pairs/s",
        .definition =
            "Pairs of all batches in flight, divided by the time in which as many batches end as are in "
            "flight: the making of the next ids is in it.",
        .amount = pairs},
       {.name = "flop_utilisation",
        .of = of,
        .unit = "1",
        .definition = "FLOPs of the products of those batches, divided by that time and by the device's peak "
                      "for this number format, probed beside it.",
        .amount = real(plan_.in_flight) * product_flops(*stage_),
        .share = type_}});
}

void Emitter::add_facts() {
  std::int64_t dense = 0;
  for (const PlanTensor& tensor : plan_.tensors())
    if (tensor.role == Role::weight && tensor.spec.name != "tables") dense += tensor.spec.elements();
  const std::int64_t rows = one_.rows(), width = m_.embedding_width, lookups = m_.lookups_per_pair();
  plan_.facts = {
      {"family", name_of(m_.family), "", "How the vectors of a pair meet."},
      {"parameters", rows * width + dense, "1", "Elements of all tables and weights."},
      {"embedding_parameters", rows * width, "1", "Elements of all tables."},
      {"dense_parameters", dense, "1", "Elements of all weights but the tables."},
      {"active_parameters", lookups * width + dense, "1",
       "Parameters that one pair uses: the rows that it looks up, and all weights but the tables."},
      {"multiply_adds_per_pair",
       static_cast<std::int64_t>(std::llround(product_flops(*stage_) / 2 / stage_->items)), "1",
       "Of the matrix products and of the dot interaction; adding up rows and what is done element by "
       "element "
       "is not in it."},
      {"table_rows", rows, "1", "Rows of all tables."},
      {"table_bytes", rows * row_bytes(load_.rows, width), "B", "Bytes of the tables as they are run."},
      {"table_bytes_f32", rows * row_bytes(RowFormat::f32, width), "B", "Bytes of the tables in f32."},
      {"table_bytes_16_bit", rows * row_bytes(RowFormat::f16, width), "B",
       "Bytes of the tables in f16 or bf16."},
      {"table_bytes_int8", rows * row_bytes(RowFormat::int8, width), "B",
       "Bytes of the tables in int8, with a scale and a bias of each row in f32."},
      {"rows_looked_up_per_pair", lookups, "1", "Rows that a pair looks up, in all tables."},
      {"bytes_looked_up_per_pair", lookups * row_bytes(load_.rows, width), "B", "Bytes of those rows."}};
  if (!one_.to_size) add_traffic_facts();
}

void Emitter::add_traffic_facts() {
  const std::int64_t row = row_bytes(load_.rows, m_.embedding_width);
  plan_.facts.push_back(
      {"skew", load_.skew, "1",
       "Exponent of the law (Zipf) by which ids are drawn: 0, every row alike, which no cache "
       "helps; real traffic is near 1."});
  plan_.conditions = {"skew"};
  plan_.facts.push_back(
      {"distinct_rows_per_batch", distinct_rows_, "1",
       "Different rows, over all tables, that the first batch looks up: what must be read. Others "
       "differ by chance."});
  plan_.facts.push_back({"distinct_row_bytes_per_batch", distinct_rows_ * row, "B", "Bytes of those rows."});
  constexpr std::pair<const char*, std::int64_t> kCaches[] = {
      {"32_MiB", 32 * kMiB}, {"256_MiB", 256 * kMiB}, {"4_GiB", 4096 * kMiB}, {"64_GiB", 65536 * kMiB}};
  for (const auto& [size, bytes] : kCaches)
    plan_.facts.push_back(
        {"lookups_served_by_" + std::string(size), cacheable_.at(bytes), "1",
         "Share of all lookups, by the law that ids are drawn by, that fall on the most popular "
         "rows of so many bytes: what a cache of this size could serve at best."});
}

void Emitter::add_notes() {
  if (const std::int64_t published = m_.rows(); one_.rows() < published)
    plan_.notes.push_back(
        "Tables of more than " + std::to_string(load_.max_rows) + " rows are cut to that (" +
        std::to_string(one_.rows()) + " of " + std::to_string(published) +
        " rows are left), so that the model fits: more lookups find their row in a cache than in "
        "the whole model, which flatters the lookups. Parameters count what is left.");
  if (load_.pooling_factor > 0)
    plan_.notes.push_back("Each pair looks " + std::to_string(load_.pooling_factor) +
                          " rows up in each table, whatever the model was published with.");
  if (load_.in_flight > 1)
    plan_.notes.push_back(
        "Several batches are in flight: times of the stage are those of one lane beside the others. "
        "Operations are "
        "timed alone, on the share of the CPU's cores that a lane has, or on the whole GPU; their shares of "
        "a peak "
        "are of the whole device's.");
}

}  // namespace

Plan recommender_plan(const RecommenderCase& one, const std::string& name) {
  return Emitter(one, name).emit();
}

}  // namespace assay
