// SPDX-License-Identifier: Apache-2.0
#include "workloads/recommender.h"

#include <algorithm>
#include <numeric>

#include "kernels/interaction/interaction.h"
#include "workloads/recommender_entry.h"

namespace assay {
namespace {

constexpr std::size_t kMostTables = 1024;  // Criteo has 26, published production models a few hundred
constexpr std::size_t kMostLayers = 64;
constexpr double kMaxBytes = 1e15;          // a petabyte: more is a typing error, and sizes must not overflow
constexpr std::int64_t kMostIds = 1 << 30;  // of a batch, as embedding_bag counts them

std::int64_t sum_of(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

void check_layers(const JsonReader& model, std::string_view key, const std::vector<std::int64_t>& layers,
                  std::int64_t last, const std::string& why) {
  if (layers.empty() || layers.size() > kMostLayers)
    model.fail_at(key, "has " + std::to_string(layers.size()) + " layers", "1 to 64 are supported");
  if (layers.back() != last)
    model.fail_at(key, "ends with " + std::to_string(layers.back()),
                  "it must end with " + std::to_string(last) + ", " + why);
}

RecommenderModel read_recommender(JsonReader& reader) {
  RecommenderModel m;
  // The arrays first as they are: an element of a million would be read before anybody counts them.
  for (const char* key : {"table_rows", "lookups"})
    if (const Json* array = reader.find(key);
        array != nullptr && array->is_array() && array->size() > kMostTables)
      reader.fail_at(key, "has " + std::to_string(array->size()) + " tables",
                     "at most " + std::to_string(kMostTables) + " are supported");
  reader.read(m);
  if (m.table_rows.empty()) reader.fail_at("table_rows", "is an empty list", "a model has tables");
  if (m.lookups.empty()) m.lookups.assign(m.table_rows.size(), 1);
  if (m.lookups.size() != m.table_rows.size())
    reader.fail_at(
        "lookups", "has " + std::to_string(m.lookups.size()) + " numbers",
        "it must have one for each of the " + std::to_string(m.table_rows.size()) + " of table_rows");
  if (m.lookups_per_pair() > kMostIds)
    reader.fail_at("lookups", "makes " + std::to_string(m.lookups_per_pair()) + " rows a pair",
                   "at most " + std::to_string(kMostIds) + " are supported");
  check_layers(reader, "bottom_mlp", m.bottom_mlp, m.embedding_width, "the embedding_width");
  check_layers(reader, "top_mlp", m.top_mlp, 1, "the score");
  const bool crosses = m.family == RecommenderFamily::dlrm_dcnv2;
  for (const auto& [key, value] :
       {std::pair("cross_layers", m.cross_layers), std::pair("cross_rank", m.cross_rank)})
    if ((value > 0) != crosses)
      reader.fail_at(key, "is " + std::to_string(value),
                     crosses ? "dlrm_dcnv2 needs it" : "a dlrm of dot interaction has no cross layers");
  return m;
}

void check_sizes(const JsonReader& config, const RecommenderCase& one) {
  const RecommenderModel& m = one.model;
  const std::int64_t batch = one.load.batch, lookups = m.lookups_per_pair();
  if (batch > kMostIds / std::max(lookups, m.tables() + 1))
    config.fail_at("load",
                   "asks for " + std::to_string(batch) + " pairs of " + std::to_string(lookups) + " lookups",
                   "at most " + std::to_string(kMostIds / std::max(lookups, m.tables() + 1)) +
                       " pairs: a batch looks up 1073741824 rows at most");
  const double tables =
      static_cast<double>(one.rows()) * static_cast<double>(row_bytes(one.load.rows, m.embedding_width));
  const double vectors = static_cast<double>(m.vectors()) * static_cast<double>(m.embedding_width);
  const double widest = static_cast<double>(std::max(
      {m.top_inputs(), std::ranges::max(m.top_mlp), std::ranges::max(m.bottom_mlp), m.dense_features}));
  if (tables + 4 * static_cast<double>(batch) * (4 * vectors + 2 * widest) > kMaxBytes)
    config.fail_at("load", "needs over a petabyte of tables and activations",
                   "use a smaller batch, or cut the tables with max_rows");
}

class RecommenderParsed final : public ParsedModel {
 public:
  explicit RecommenderParsed(RecommenderModel model) : model_(std::move(model)) {}
  Plan plan(JsonReader& config) const override { return plan_of(config, false); }
  Plan plan_to_size(JsonReader& config) const override { return plan_of(config, true); }

 private:
  Plan plan_of(JsonReader& config, bool to_size) const;

  const RecommenderModel model_;
};

Plan RecommenderParsed::plan_of(JsonReader& config, bool to_size) const {
  RecommenderCase one;
  one.to_size = to_size;
  one.model = model_;
  config.field("dtype", one.dtype);
  if (one.dtype != DType::f32 && one.dtype != DType::f16 && one.dtype != DType::bf16)
    config.fail_at("dtype", "is \"" + std::string(name(one.dtype)) + "\"",
                   "recommenders run in f32, f16 or bf16; what the tables are stored as is /load/rows");
  config.field("load", one.load);
  config.field("seed", one.seed, {.min = 0});
  std::string name(name_of(model_.family));
  config.field("model_name", name);
  one.table_rows = model_.table_rows;
  if (one.load.max_rows > 0)
    for (std::int64_t& rows : one.table_rows) rows = std::min(rows, one.load.max_rows);
  if (one.load.pooling_factor > 0) std::ranges::fill(one.model.lookups, one.load.pooling_factor);
  check_sizes(config, one);
  return recommender_plan(one, name);
}

void add_schema(SchemaWriter& schema) {
  const Json model = {
      {"anyOf", Json::array({Json{{"type", "string"}, {"description", "its path, from this file"}},
                             schema.schema_of<RecommenderModel>()})}};
  schema.add("model", model, {.doc = "a recommender: its tables and layers", .required = true});
  schema.add("load", schema.schema_of<RecommenderLoad>(), {.doc = "what is ranked; a list is a sweep axis"});
}

Json default_load() {
  return JsonWriter::write(RecommenderLoad{});
}

std::shared_ptr<const ParsedModel> read_model(JsonReader& model) {
  return std::make_shared<const RecommenderParsed>(read_recommender(model));
}

}  // namespace

std::int64_t RecommenderModel::rows() const {
  return sum_of(table_rows);
}
std::int64_t RecommenderModel::lookups_per_pair() const {
  return sum_of(lookups);
}
bool RecommenderModel::one_hot() const {
  return std::ranges::all_of(lookups, [](std::int64_t of_table) { return of_table == 1; });
}
std::int64_t RecommenderModel::top_inputs() const {
  return family == RecommenderFamily::dlrm ? embedding_width + Interaction::products(tables())
                                           : vectors() * embedding_width;
}

std::int64_t RecommenderCase::rows() const {
  return sum_of(table_rows);
}

DType dtype_of(RowFormat format) {
  static constexpr std::array kTypes = {DType::f32, DType::f16, DType::bf16, DType::u8};
  return kTypes[static_cast<std::size_t>(format)];
}

std::int64_t row_bytes(RowFormat format, std::int64_t width) {
  return width * bytes_of(dtype_of(format)) + (format == RowFormat::int8 ? kRowU8Tail : 0);
}

WorkloadEntry recommender_entry() {
  return {.name = "recommender",
          .summary = "ranking with a DLRM: embedding bags, interaction or cross layers, MLPs",
          .read_model = read_model,
          .schema = add_schema,
          .default_load = default_load,
          .takes_model = nullptr,
          .grows = {.batch = "batch"}};
}

}  // namespace assay
