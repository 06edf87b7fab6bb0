// SPDX-License-Identifier: Apache-2.0
// Which lists of a run config are sweep axes, and what its cases share. The workload is made up.
#include <gtest/gtest.h>

#include "plan/run_config.h"
#include "support/expect_error.h"

namespace assay::run_cases_tests {
namespace {

struct Window {
  std::int64_t frames = 1;
};
template <class Visitor>
void describe(Visitor& v, Window& w) {
  v.field("frames", w.frames, {.min = 1, .sweep = true});
}

struct TestLoad {
  std::int64_t batch = 1;
  std::vector<double> rates = {1, 2};  // a list that is a value
  Window window;
};
template <class Visitor>
void describe(Visitor& v, TestLoad& l) {
  v.field("batch", l.batch, {.min = 1, .sweep = true});
  v.field("rates", l.rates);
  v.field("window", l.window);
}

int models_read = 0, plans_made = 0;

class TestModel final : public ParsedModel {
 public:
  Plan plan(JsonReader& config) const override {
    ++plans_made;
    TestLoad load;
    config.field("load", load);
    return Plan("test", std::to_string(load.rates.size()) + " rates");
  }
};

const WorkloadEntry kTest = {.name = "test",
                             .summary = "made up",
                             .read_model = [](JsonReader&) -> std::shared_ptr<const ParsedModel> {
                               ++models_read;
                               return std::make_shared<const TestModel>();
                             },
                             .schema =
                                 [](SchemaWriter& schema) {
                                   schema.add("model", Json::object(), {});
                                   schema.add("load", schema.schema_of<TestLoad>(), {});
                                 },
                             .default_load = [] { return JsonWriter::write(TestLoad{}); },
                             .takes_model = nullptr};

RunSet runs(const std::string& load) {
  const Json document = Json::parse(R"({"workload": "test", "model": {}, "load": )" + load + "}");
  return runs_of(document, "a.json", {&kTest, 1});
}

std::vector<std::string> ids(const RunSet& set) {
  std::vector<std::string> all;
  for (const Case& one : set.expand()) all.push_back(one.id);
  return all;
}
using Ids = std::vector<std::string>;

TEST(RunCases, SweepOverTheListsThatTheSchemaMarksAsAxes) {
  EXPECT_EQ(ids(runs(R"({"batch": [1, 2]})")), (Ids{"test/test/bf16/batch=1", "test/test/bf16/batch=2"}));
  EXPECT_EQ(ids(runs(R"({"window": {"frames": [1, 8]}})")),
            (Ids{"test/test/bf16/window.frames=1", "test/test/bf16/window.frames=8"}));
}

TEST(RunCases, LeaveAnyOtherListAList) {
  const std::vector<Case> cases = runs(R"({"batch": 2, "rates": [10, 20, 30]})").expand();
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].axes, Json::parse(R"({"dtype": "bf16"})"));
  EXPECT_EQ(cases[0].document["load"]["rates"], Json::array({10, 20, 30}));
  EXPECT_EQ(cases[0].plan()->name, "3 rates");
}

TEST(RunCases, ReadAListWhereNoneBelongsByItsType) {
  const std::vector<Case> cases = runs(R"({"window": [1, 2]})").expand();
  ASSERT_EQ(cases.size(), 1u);
  ASSAY_EXPECT_HAS(test::bad_input([&] { cases[0].plan(); }), "a.json:/load/window: is [1,2]");
}

TEST(RunCases, ReadTheModelOnceAndMakeEachPlanOnce) {
  models_read = plans_made = 0;
  const std::vector<Case> cases = runs(R"({"batch": [1, 2, 3]})").expand();
  EXPECT_EQ(models_read, 1);
  EXPECT_EQ(plans_made, 0);
  for (const Case& one : cases) EXPECT_EQ(one.plan(), one.plan());
  EXPECT_EQ(plans_made, 3);
  const Case copy = cases[0];
  EXPECT_EQ(copy.plan(), cases[0].plan());
  EXPECT_EQ(plans_made, 3);
  EXPECT_EQ(models_read, 1);
}

TEST(RunCases, KeepThePlansOfSoManyCasesAndMakeTheOthersAnew) {
  std::string list = "[1";
  for (std::size_t i = 1; i < Case::kKeptPlans + 10; ++i) list += "," + std::to_string(i + 1);
  const std::vector<Case> cases = runs(R"({"batch": )" + list + "]}").expand();
  plans_made = 0;
  for (int time = 0; time < 2; ++time)
    for (const Case& one : cases) EXPECT_EQ(one.plan()->name, "2 rates");
  EXPECT_EQ(plans_made, static_cast<int>(cases.size()) + 10);
}

}  // namespace
}  // namespace assay::run_cases_tests
