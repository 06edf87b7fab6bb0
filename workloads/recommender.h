// SPDX-License-Identifier: Apache-2.0
// Ranking with a DLRM: what a user and an item are, as numbers and as ids, becomes the probability of a
// click.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.h"
#include "plan/plan.h"
#include "workloads/in_flight.h"

namespace assay {

/// How the vectors of a pair meet before the top MLP.
enum class RecommenderFamily : std::uint8_t {
  dlrm,        // dot products of all pairs of vectors (Naumov et al., 2019)
  dlrm_dcnv2,  // low-rank cross layers on all vectors side by side (Wang et al., "DCN V2", 2021)
};
inline std::span<const std::string_view> enum_names(RecommenderFamily) {
  static constexpr std::array<std::string_view, 2> kNames = {"dlrm", "dlrm_dcnv2"};
  return kNames;
}

/// configs/models/dlrm*.json
struct RecommenderModel {
  std::string source;  // where its numbers were published; for people
  RecommenderFamily family = RecommenderFamily::dlrm;
  std::int64_t dense_features = 0;
  std::int64_t embedding_width = 0;
  std::vector<std::int64_t> table_rows;
  std::vector<std::int64_t> lookups;  // a table: rows that a pair looks up in it; none given: one each
  std::vector<std::int64_t> bottom_mlp, top_mlp;  // widths of the layers' outputs
  std::int64_t cross_layers = 0, cross_rank = 0;  // dlrm_dcnv2 alone
  double pairs_per_mlperf_sample = 0;             // 0: no model of MLPerf's

  std::int64_t tables() const { return static_cast<std::int64_t>(table_rows.size()); }
  std::int64_t vectors() const { return tables() + 1; }
  std::int64_t rows() const;              // of all tables
  std::int64_t lookups_per_pair() const;  // in all tables
  bool one_hot() const;                   // a lookup in each table
  std::int64_t top_inputs() const;        // columns that the top MLP sees
};

template <class Visitor>
void describe(Visitor& v, RecommenderModel& m) {
  constexpr double kMostWidth = 65536, kMostRows = 2147483648;
  v.field("family", m.family, {.doc = "dlrm: dot interaction; dlrm_dcnv2: cross layers", .required = true});
  v.field("source", m.source, {.doc = "where these numbers were published"});
  v.field("dense_features", m.dense_features,
          {.doc = "numbers that come with a pair", .required = true, .min = 1, .max = kMostWidth});
  v.field("embedding_width", m.embedding_width,
          {.doc = "elements of a row, of every table", .required = true, .min = 1, .max = 8192});
  v.field("table_rows", m.table_rows,
          {.doc = "rows of each table", .required = true, .min = 1, .max = kMostRows});
  v.field("lookups", m.lookups,
          {.doc = "rows of each table that a pair looks up, which are summed; left out: one each",
           .min = 1,
           .max = kMostRows});
  v.field("bottom_mlp", m.bottom_mlp,
          {.doc = "outputs of each layer on the dense features; the last is embedding_width",
           .required = true,
           .min = 1,
           .max = kMostWidth});
  v.field("cross_layers", m.cross_layers, {.doc = "of dlrm_dcnv2", .min = 0, .max = 64});
  v.field("cross_rank", m.cross_rank, {.doc = "of the cross layers' products", .min = 0, .max = kMostWidth});
  v.field("pairs_per_mlperf_sample", m.pairs_per_mlperf_sample,
          {.doc = "pairs that MLPerf Inference asks for at once, on average; 0: it is no model of MLPerf's",
           .min = 0,
           .max = 1e6});
  v.field("top_mlp", m.top_mlp,
          {.doc = "outputs of each layer on the interaction; the last is 1, the score",
           .required = true,
           .min = 1,
           .max = kMostWidth});
}

/// What a row of a table is stored as.
enum class RowFormat : std::uint8_t { f32, f16, bf16, int8 };
inline std::span<const std::string_view> enum_names(RowFormat) {
  static constexpr std::array<std::string_view, 4> kNames = {"f32", "f16", "bf16", "int8"};
  return kNames;
}
/// int8: a byte an element, then the row's scale and bias as f32.
DType dtype_of(RowFormat format);  // u8 for int8
std::int64_t row_bytes(RowFormat format, std::int64_t width);

/// /load of a run config.
struct RecommenderLoad {
  std::int64_t batch = 2048;
  double skew = 1.05;
  RowFormat rows = RowFormat::f16;
  std::int64_t max_rows = 0;
  std::int64_t pooling_factor = 0;
  Place tables = Place::device;
  std::int64_t in_flight = 1;
};

template <class Visitor>
void describe(Visitor& v, RecommenderLoad& l) {
  v.field("batch", l.batch,
          {.doc = "user-item pairs scored together", .min = 1, .max = 1 << 24, .sweep = true});
  v.field("skew", l.skew,
          {.doc = "popularity of rows falls as rank to this power (Zipf); 0: all alike; traffic is near 1",
           .unit = "1",
           .min = 0,
           .max = 16,
           .sweep = true});
  v.field("rows", l.rows, {.doc = "what the rows of the tables are stored as", .sweep = true});
  v.field("max_rows", l.max_rows,
          {.doc = "tables of more rows are cut to that, to fit a machine; 0: none",
           .min = 0,
           .max = 2147483648,
           .sweep = true});
  v.field("pooling_factor", l.pooling_factor,
          {.doc = "rows that a pair looks up in each table; 0: as many as the model says",
           .min = 0,
           .max = 1 << 20,
           .sweep = true});
  v.field("tables", l.tables,
          {.doc = "where the tables live; host: the device reads rows over its link", .sweep = true});
  describe_in_flight(v, l.in_flight);
}

/// One case: a model, a number format of its dense part, and a load.
struct RecommenderCase {
  RecommenderModel model;                // as published, but for bags of load.pooling_factor
  std::vector<std::int64_t> table_rows;  // as planned: cut to load.max_rows
  DType dtype = DType::bf16;             // of MLPs, interaction and activations; scores are f32
  RecommenderLoad load;
  std::uint64_t seed = 1;
  bool to_size = false;  // which rows a batch names, and how many, is left out

  std::int64_t rows() const;  // of all tables, as planned
};

/// Inputs by name, for who steers a plan from outside: "dense" [batch, dense_features]; "ids" i32, table
/// after table, pair after pair; "offsets" i32 [tables * batch + 1], where bags begin in ids, unless the
/// model is one-hot. The output: "scores" f32 [batch, 1].
Plan recommender_plan(const RecommenderCase& one, const std::string& name);  // recommender_plan.cpp

}  // namespace assay
