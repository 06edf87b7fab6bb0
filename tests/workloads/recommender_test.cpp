// SPDX-License-Identifier: Apache-2.0
#include "workloads/recommender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "kernels/embedding_bag/embedding_bag.h"
#include "plan/lazy_list.h"
#include "plan/memory.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "workloads/workload.h"

namespace assay::recommender_tests {
namespace {

using test::bad_input;

Plan plan_of(const std::string& file, const std::vector<std::string>& overrides = {}) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) / "configs" /
                                                    file};
  return load_runs(files, overrides).expand().at(0).make_plan();
}

std::int64_t fact(const Plan& plan, const char* name) {
  const Fact* found = plan.find_fact(name);
  return found != nullptr ? found->value.get<std::int64_t>() : -1;
}
double share(const Plan& plan, const char* name) {
  const Fact* found = plan.find_fact(name);
  return found != nullptr ? found->value.get<double>() : -1;
}

// 204,184,588 rows and 214 lookups a pair: mlcommons/training, recommendation_v2/torchrec_dlrm/README.md. The
// dense part by hand: 13-512-256-128 is 171,392; three cross layers of rank 512 on 3,456 are 3 x (2 x 512 x
// 3,456 + 3,456) = 10,627,200; 3,456-1024-1024-512-256-1 is 5,245,953.
TEST(Recommender, CountsDlrmDcnv2AsPublished) {
  const Plan plan = plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=1"});
  EXPECT_EQ(fact(plan, "table_rows"), 204'184'588);
  EXPECT_EQ(fact(plan, "rows_looked_up_per_pair"), 214);
  EXPECT_EQ(fact(plan, "dense_parameters"), 16'044'545);
  EXPECT_EQ(fact(plan, "embedding_parameters"), 26'135'627'264);
  EXPECT_EQ(fact(plan, "parameters"), 26'151'671'809);
  EXPECT_EQ(fact(plan, "active_parameters"), 16'044'545 + 214 * 128);
  EXPECT_EQ(fact(plan, "multiply_adds_per_pair"), 170'496 + 3 * 2 * 512 * 3456 + 5'243'136);  // 16.03 million
}

TEST(Recommender, CountsDlrmAsPublished) {
  const Plan plan = plan_of("recommender/dlrm.json", {"/load/batch=1"});
  EXPECT_EQ(fact(plan, "table_rows"), 177'944'275);
  EXPECT_EQ(fact(plan, "rows_looked_up_per_pair"), 26);
  EXPECT_EQ(fact(plan, "dense_parameters"), 2'368'897);
  EXPECT_EQ(fact(plan, "parameters"), 177'944'275ll * 128 + 2'368'897);
  EXPECT_EQ(fact(plan, "multiply_adds_per_pair"), 2'365'184 + 351 * 128);
}

// Rows x 128 x 4 and x 2; in int8 128 values and 8 bytes of scale and bias a row.
TEST(Recommender, CountsBytesOfTablesByWhatRowsAreStoredAs) {
  const Plan plan = plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=1", "/load/rows=int8"});
  EXPECT_EQ(fact(plan, "table_bytes_f32"), 104'542'509'056);
  EXPECT_EQ(fact(plan, "table_bytes_16_bit"), 52'271'254'528);
  EXPECT_EQ(fact(plan, "table_bytes_int8"), 204'184'588ll * 136);
  EXPECT_EQ(fact(plan, "table_bytes"), 204'184'588ll * 136);
  EXPECT_EQ(fact(plan, "bytes_looked_up_per_pair"), 214 * 136);
  EXPECT_EQ(plan.tensor(*plan.find("tables")).spec.bytes(), 204'184'588ll * 136);
  EXPECT_EQ(fact(plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=1", "/load/rows=f32"}),
                 "bytes_looked_up_per_pair"),
            109'568);
}

/// Two tables, small enough to count by hand: width 4, 3 + 1 lookups.
Json tiny(const Json& load = Json::object(), const Json& changes = Json::object()) {
  Json model = {{"family", "dlrm"},  {"dense_features", 5},  {"embedding_width", 4}, {"table_rows", {10, 20}},
                {"lookups", {3, 1}}, {"bottom_mlp", {6, 4}}, {"top_mlp", {8, 1}}};
  for (const auto& [key, value] : changes.items()) model[key] = value;
  Json all = {{"batch", 7}, {"rows", "f32"}};
  for (const auto& [key, value] : load.items()) all[key] = value;
  return {{"workload", "recommender"}, {"model", model}, {"dtype", "f32"}, {"load", all}};
}
Plan plan_tiny(const Json& load = Json::object(), const Json& changes = Json::object()) {
  return runs_of(tiny(load, changes), "tiny.json", all_workloads()).expand().at(0).make_plan();
}

double flops_of(const Plan& plan, const std::string& label) {
  double flops = 0;
  for (const Step& step : plan.stages()[0]->steps)
    if (step.label == label) flops += step.op->cost().flops;
  return flops;
}

TEST(Recommender, CostsWhatItsShapesSay) {
  const Plan plan = plan_tiny();
  EXPECT_EQ(flops_of(plan, "bottom"), 2 * 7.0 * (5 * 6 + 6 * 4));
  EXPECT_EQ(flops_of(plan, "interaction"), 2 * 7.0 * 3 * 4);
  EXPECT_EQ(flops_of(plan, "top"), 2 * 7.0 * ((4 + 3) * 8 + 8 * 1));
  EXPECT_EQ(flops_of(plan, "embedding"), 7.0 * (4 - 2) * 4);  // of each bag all rows but the first are added
  EXPECT_EQ(plan.stages()[0]->name, "rank");
  EXPECT_EQ(plan.stages()[0]->items, 7);
  EXPECT_EQ(plan.stages()[0]->item, "pair");
  EXPECT_EQ(plan.times(0), 1);

  const Plan crossed = plan_tiny({}, {{"family", "dlrm_dcnv2"}, {"cross_layers", 2}, {"cross_rank", 5}});
  EXPECT_EQ(flops_of(crossed, "cross_v"), 2 * 2 * 7.0 * 12 * 5);
  EXPECT_EQ(flops_of(crossed, "cross_w"), 2 * 2 * 7.0 * 12 * 5);
  EXPECT_EQ(flops_of(crossed, "cross"), 2 * 2 * 7.0 * 12);
  EXPECT_EQ(flops_of(crossed, "top"), 2 * 7.0 * (12 * 8 + 8 * 1));
}

TEST(Recommender, UsesEveryWeightOnce) {
  for (const Plan& plan :
       {plan_tiny(), plan_tiny({}, {{"family", "dlrm_dcnv2"}, {"cross_layers", 2}, {"cross_rank", 5}}),
        plan_tiny({}, {{"lookups", {1, 1}}})}) {
    std::multiset<std::size_t> used;
    for (const Step& step : plan.stages()[0]->steps)
      for (const Value v : step.in) used.insert(v.id);
    for (std::size_t t = 0; t < plan.tensors().size(); ++t)
      EXPECT_TRUE(plan.tensors()[t].role != Role::weight || used.count(t) == 1)
          << plan.tensors()[t].spec.name;
  }
}

const EmbeddingBag& bag_of(const Plan& plan) {
  return dynamic_cast<const EmbeddingBag&>(*plan.stages()[0]->steps[0].op);
}

TEST(Recommender, LooksUpOneRowATableWithoutOffsetsWhereThatIsAll) {
  EXPECT_TRUE(bag_of(plan_tiny({}, {{"lookups", {1, 1}}})).p.one_hot);
  EXPECT_FALSE(plan_tiny({}, {{"lookups", {1, 1}}}).find("offsets").has_value());
  const Plan bags = plan_tiny();
  const Fill& fill = bags.tensor(*bags.find("offsets")).spec.fill;
  const std::vector<std::int32_t> begins = {0, 3, 6, 9, 12, 15, 18, 21, 22, 23, 24, 25, 26, 27, 28};
  EXPECT_TRUE(*fill.listed == begins);
}

// All 28 lookups are in tables of 10 and 20 rows: uniform ones find more of them than skewed ones.
TEST(Recommender, ReadsEachDifferentRowOfABatchOnce) {
  const Plan uniform = plan_tiny({{"skew", 0}}), skewed = plan_tiny({{"skew", 3}});
  const std::int64_t rows = fact(uniform, "distinct_rows_per_batch");
  EXPECT_GT(rows, fact(skewed, "distinct_rows_per_batch"));
  EXPECT_LE(rows, 10 + 7);
  EXPECT_EQ(bag_of(uniform).p.distinct_rows, rows);
  EXPECT_EQ(fact(uniform, "distinct_row_bytes_per_batch"), rows * 4 * 4);
}

TEST(Recommender, SaysWhatACacheCouldServeByTheLaw) {
  // 30 rows fit any cache.
  EXPECT_NEAR(share(plan_tiny(), "lookups_served_by_32_MiB"), 1, 1e-9);
  const Plan skewed =
      plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=1", "/load/rows=f32", "/load/skew=1.05"});
  const Plan uniform =
      plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=1", "/load/rows=f32", "/load/skew=0"});
  EXPECT_GT(share(skewed, "lookups_served_by_32_MiB"), 0.5);
  EXPECT_LT(share(uniform, "lookups_served_by_32_MiB"), 0.3);
  EXPECT_LT(share(skewed, "lookups_served_by_32_MiB"), share(skewed, "lookups_served_by_4_GiB"));
  EXPECT_LT(share(skewed, "lookups_served_by_4_GiB"), 1);
}

TEST(Recommender, CutsTablesToFitAMachineAndSaysWhatThatFlatters) {
  const Plan whole = plan_tiny({{"max_rows", 20}}), cut = plan_tiny({{"max_rows", 15}});
  EXPECT_TRUE(whole.notes.empty());
  EXPECT_EQ(fact(cut, "table_rows"), 25);
  ASSERT_EQ(cut.notes.size(), 1u);
  ASSAY_EXPECT_HAS(cut.notes[0], "25 of 30 rows are left");
  ASSAY_EXPECT_HAS(cut.notes[0], "flatters");
}

TEST(Recommender, KeepsTablesOnTheHostWhereAsked) {
  const Plan plan = plan_tiny({{"tables", "host"}});
  EXPECT_EQ(plan.tensor(*plan.find("tables")).place, Place::host);
  EXPECT_GT(plan_memory(plan).host_bytes(), 0);
  const Cost cost = plan.stages()[0]->cost();
  EXPECT_EQ(cost.bytes.at(Path::host_link).read,
            static_cast<double>(fact(plan, "distinct_row_bytes_per_batch")));
  EXPECT_TRUE(std::ranges::any_of(plan.metrics,
                                  [](const MetricSpec& m) { return m.name == "host_link_utilisation"; }));
}

const MetricSpec* metric_of(const Plan& plan, std::string_view name) {
  const auto found = std::ranges::find(plan.metrics, name, &MetricSpec::name);
  return found == plan.metrics.end() ? nullptr : &*found;
}

TEST(Recommender, CountsPairsOfItsBatchAndThePercentilesOfItsTime) {
  const Plan plan = plan_tiny();
  EXPECT_EQ(metric_of(plan, "pairs_per_s")->amount, 7);
  EXPECT_EQ(metric_of(plan, "pairs_per_s")->of, "stage/rank");
  EXPECT_EQ(metric_of(plan, "batch_latency_s")->stat, Stat::median);
  EXPECT_EQ(metric_of(plan, "batch_latency_p90_s")->stat, Stat::p90);
  EXPECT_EQ(metric_of(plan, "batch_latency_p99_s")->stat, Stat::p99);
}

TEST(Recommender, SetsProductsAloneBesideThePeakOfArithmetic) {
  const Plan plan = plan_tiny();
  EXPECT_EQ(metric_of(plan, "flop_utilisation")->amount,
            flops_of(plan, "bottom") + flops_of(plan, "interaction") + flops_of(plan, "top"));
  EXPECT_EQ(metric_of(plan, "bandwidth_utilisation")->amount, plan.stages()[0]->cost().memory().both());
  EXPECT_EQ(metric_of(plan_tiny({{"in_flight", 2}}), "flop_utilisation")->amount,
            2 * metric_of(plan, "flop_utilisation")->amount);
}

// mlcommons/inference, recommendation/dlrm_v2/pytorch/tools/dist_quantile.txt: 270 on average.
TEST(Recommender, CountsAnMlperfSampleAs270PairsOfTheWholeModelAlone) {
  const Plan whole = plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=540"});
  ASSERT_NE(metric_of(whole, "mlperf_samples_per_s"), nullptr);
  EXPECT_DOUBLE_EQ(metric_of(whole, "mlperf_samples_per_s")->amount, 2);
  EXPECT_EQ(metric_of(plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=540", "/load/max_rows=1000"}),
                      "mlperf_samples_per_s"),
            nullptr);
  EXPECT_EQ(metric_of(plan_of("recommender/dlrm.json", {"/load/batch=540"}), "mlperf_samples_per_s"),
            nullptr);
  EXPECT_EQ(metric_of(plan_tiny(), "mlperf_samples_per_s"), nullptr);
}

TEST(Recommender, LooksUpAsManyRowsATableAsAskedAndIsThenNoModelOfMlperfs) {
  const Plan plan = plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=4", "/load/pooling_factor=20"});
  EXPECT_EQ(fact(plan, "rows_looked_up_per_pair"), 26 * 20);
  EXPECT_EQ(plan.tensor(*plan.find("ids")).spec.elements(), 4 * 26 * 20);
  for (const MetricSpec& metric : plan.metrics) EXPECT_EQ(metric.name.find("mlperf"), std::string::npos);
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_NE(plan.notes[0].find("20 rows up in each table"), std::string::npos);
}

TEST(Recommender, HasPartsAndNoFigureWithoutItsSkew) {
  for (const char* file : {"recommender/dlrm-dcnv2.json", "recommender/dlrm.json"}) {
    const Plan plan = plan_of(file, {"/load/batch=4", "/load/skew=1.05"});
    EXPECT_EQ(plan.conditions, (std::vector<std::string>{"skew"}));
    EXPECT_EQ(share(plan, "skew"), 1.05);
    std::set<std::string> parts;
    for (const Step& step : plan.stages()[0]->steps) {
      parts.insert(step.part);
      EXPECT_EQ(step.part == "embedding", step.op->kind() == "embedding_bag") << step.name;
    }
    EXPECT_EQ(parts, (std::set<std::string>{"embedding", "interaction", "dense"})) << file;
  }
}

// 4 pairs of 214 lookups; rows of 128 in 8 bits and 8 bytes of scale and bias.
TEST(Recommender, SaysWhichReadsAreRandom) {
  const Plan plan =
      plan_of("recommender/dlrm-dcnv2.json", {"/load/batch=4", "/load/rows=int8", "/load/tables=host"});
  const auto reads = plan.stages()[0]->steps[0].op->random_reads();
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->rows, 4 * 214);
  EXPECT_LE(reads->distinct_rows, 4 * 214);
  EXPECT_EQ(reads->distinct_rows, fact(plan, "distinct_rows_per_batch"));
  EXPECT_EQ(reads->row_bytes, 136);
  EXPECT_EQ(reads->path, Path::host_link);
  EXPECT_EQ(reads->cacheable.at(32 << 20), share(plan, "lookups_served_by_32_MiB"));
}

TEST(Recommender, WithBatchesInFlightMeasuresTheWindow) {
  const Plan plan = plan_tiny({{"in_flight", 2}});
  EXPECT_EQ(plan.in_flight, 2);
  for (const MetricSpec& metric : plan.metrics)
    if (metric.name == "sustained_pairs_per_s") {
      EXPECT_EQ(metric.of, kWindowSeries);
      EXPECT_EQ(metric.amount, 14);
    } else {
      EXPECT_NE(metric.name, "pairs_per_s");
    }
}

TEST(Recommender, GivesItsScoresInF32) {
  for (const char* dtype : {"f32", "f16", "bf16"}) {
    const Plan plan = plan_of("recommender/quick.json", {std::string("/dtype=") + dtype});
    ASSERT_EQ(plan.outputs.size(), 1u);
    const TensorSpec& scores = plan.tensor(plan.outputs[0].value).spec;
    EXPECT_EQ(plan.outputs[0].name, "scores");
    EXPECT_EQ(scores.dtype, DType::f32);
    EXPECT_LT(plan.outputs[0].tolerance.value(), 0.1) << dtype;
  }
}

class BadRecommenders : public ::testing::Test {
 protected:
  std::string complaint(const Json& load, const Json& changes = Json::object()) {
    folder.write("bad.json", tiny(load, changes).dump());
    return written();
  }
  std::string written(const std::vector<std::string>& overrides = {}) {
    const std::vector<std::filesystem::path> files = {folder.path() / "bad.json"};
    return bad_input([&] { load_runs(files, overrides).expand().at(0).plan(); });
  }
  test::TemporaryFolder folder;
};

TEST_F(BadRecommenders, NameTheFileAndThePlaceOfAWrongTable) {
  ASSAY_EXPECT_HAS(complaint({}, {{"table_rows", {10, 0}}}), "bad.json:/model/table_rows/1: is 0");
  ASSAY_EXPECT_HAS(complaint({}, {{"table_rows", {10, -5}}}), "bad.json:/model/table_rows/1: is -5");
  ASSAY_EXPECT_HAS(complaint({}, {{"table_rows", {10, 1e12}}}), "bad.json:/model/table_rows/1: is 1");
  ASSAY_EXPECT_HAS(complaint({}, {{"table_rows", {10, 1.5}}}), "bad.json:/model/table_rows/1: is 1.5");
  ASSAY_EXPECT_HAS(complaint({}, {{"table_rows", Json::array()}}),
                   "bad.json:/model/table_rows: is an empty list");
  ASSAY_EXPECT_HAS(complaint({}, {{"lookups", {1, 0}}}), "bad.json:/model/lookups/1: is 0");
  ASSAY_EXPECT_HAS(complaint({}, {{"lookups", {1, 2, 3}}}), "bad.json:/model/lookups: has 3 numbers");
  ASSAY_EXPECT_HAS(complaint({}, {{"lookups", {2147483647, 2147483647}}}),
                   "bad.json:/model/lookups: makes 4294967294");
}

TEST_F(BadRecommenders, RefuseAMillionTablesAtOnce) {
  Json rows = Json::array();
  for (int i = 0; i < 1'000'000; ++i) rows.push_back(10);
  ASSAY_EXPECT_HAS(complaint({}, {{"table_rows", rows}}), "bad.json:/model/table_rows: has 1000000 tables");
}

TEST_F(BadRecommenders, RefuseBatchesWhoseIdsNo32BitsCount) {
  ASSAY_EXPECT_HAS(complaint({{"batch", 16777216}}, {{"lookups", {100, 100}}}),
                   "bad.json:/load: asks for 16777216 pairs of 200 lookups");
  ASSAY_EXPECT_HAS(complaint({{"batch", 1 << 25}}), "bad.json:/load/batch: is 33554432");
  ASSAY_EXPECT_HAS(complaint({{"batch", 0}}), "bad.json:/load/batch: is 0");
  ASSAY_EXPECT_HAS(complaint({{"batch", 1.5}}), "bad.json:/load/batch: is 1.5");
}

TEST_F(BadRecommenders, RefuseASkewThatIsNoPopularity) {
  ASSAY_EXPECT_HAS(complaint({{"skew", -0.5}}), "bad.json:/load/skew: is -0.5");
  ASSAY_EXPECT_HAS(complaint({{"skew", 17}}), "bad.json:/load/skew: is 17");
  ASSAY_EXPECT_HAS(complaint({{"skew", "NaN"}}), "bad.json:/load/skew: is \"NaN\"");
  folder.write("bad.json", tiny().dump());
  ASSAY_EXPECT_HAS(written({"/load/skew=NaN"}), "/load/skew: is \"NaN\"");
  std::string text = tiny().dump();
  folder.write("bad.json", text.replace(text.find("\"batch\":7"), 9, "\"skew\":NaN"));
  ASSAY_EXPECT_HAS(written(), "is not JSON");
  text = tiny().dump();
  folder.write("bad.json", text.replace(text.find("\"batch\":7"), 9, "\"skew\":1e999"));
  ASSAY_EXPECT_HAS(written(), "bad.json");
}

TEST_F(BadRecommenders, RefuseLayersThatDoNotMeet) {
  ASSAY_EXPECT_HAS(complaint({}, {{"bottom_mlp", {6, 5}}}), "bad.json:/model/bottom_mlp: ends with 5");
  ASSAY_EXPECT_HAS(complaint({}, {{"top_mlp", {8, 2}}}), "bad.json:/model/top_mlp: ends with 2");
  ASSAY_EXPECT_HAS(complaint({}, {{"top_mlp", Json::array()}}), "bad.json:/model/top_mlp: has 0 layers");
  ASSAY_EXPECT_HAS(complaint({}, {{"family", "dlrm_dcnv2"}}), "bad.json:/model/cross_layers: is 0");
  ASSAY_EXPECT_HAS(complaint({}, {{"cross_rank", 3}}), "bad.json:/model/cross_rank: is 3");
  ASSAY_EXPECT_HAS(complaint({}, {{"family", "dlrmv3"}}), "bad.json:/model/family: is \"dlrmv3\"");
  ASSAY_EXPECT_HAS(complaint({}, {{"tabel_rows", {1}}}), "/model/tabel_rows: is not a known key");
}

TEST_F(BadRecommenders, RefuseNumberFormatsThatTheyDoNotRunIn) {
  ASSAY_EXPECT_HAS(complaint({{"rows", "fp4"}}), "bad.json:/load/rows: is \"fp4\"");
  ASSAY_EXPECT_HAS(complaint({{"tables", "moon"}}), "bad.json:/load/tables: is \"moon\"");
  Json run = tiny();
  run["dtype"] = "fp8";
  folder.write("bad.json", run.dump());
  ASSAY_EXPECT_HAS(written(), "bad.json:/dtype: is \"fp8\"");
}

TEST(Recommender, IsPlannedByEveryConfig) {
  const std::filesystem::path configs = std::filesystem::path(ASSAY_SOURCE_DIR) / "configs/recommender";
  int planned = 0;
  for (const auto& entry : std::filesystem::directory_iterator(configs)) {
    const std::vector<std::filesystem::path> files = {entry.path()};
    for (const Case& one : load_runs(files).expand()) {
      SCOPED_TRACE(one.id);
      EXPECT_EQ(one.make_plan().stages().size(), 1u);
      ++planned;
    }
  }
  EXPECT_GE(planned, 12);
}

// What a demonstration runs first must be short on two cores, and fit 8 GB.
TEST(Recommender, QuickIsQuick) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) /
                                                    "configs/recommender/quick.json"};
  for (const Case& one : load_runs(files).expand()) {
    EXPECT_LE(one.measure.max_seconds, 3) << one.id;
    EXPECT_LT(one.make_plan().weight_bytes(), 2'000'000'000) << one.id;
  }
}

}  // namespace
}  // namespace assay::recommender_tests
