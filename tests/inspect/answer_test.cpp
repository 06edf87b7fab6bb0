// SPDX-License-Identifier: Apache-2.0
// Of a made-up workload whose memory can be reckoned: a batch of sequences with a cache.
#include "inspect/answer.h"

#include <gtest/gtest.h>

#include "inspect/inspect.h"
#include "support/catalogue_board.h"
#include "support/test_ops.h"

namespace assay::answer_tests {
namespace {

constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kPositions = 5000;

struct Sequences {
  std::int64_t batch = 1, prompt = 512, generated = 64;
};
template <class Visitor>
void describe(Visitor& v, Sequences& s) {
  v.field("batch", s.batch, {.min = 1, .max = 4096, .sweep = true});
  v.field("prompt", s.prompt, {.min = 1, .max = 1 << 20, .sweep = true});
  v.field("generated", s.generated, {.min = 1, .max = 1 << 20});
}

int plans_made = 0;

/// 1 MiB of weights, an input and an activation of 1 KiB a prompt token, a cache of 4 KiB a token.
class SequenceModel final : public ParsedModel {
 public:
  Plan plan(JsonReader& config) const override {
    Sequences load;
    config.field("load", load);
    if (load.prompt + load.generated > kPositions)
      config.fail_at("load", "needs more positions than there are", "ask for fewer");
    ++plans_made;
    Plan plan("sequences", "made up");
    const std::int64_t read = load.batch * load.prompt * 256,
                       kept = load.batch * (load.prompt + load.generated);
    plan.weight({.name = "w", .shape = {kMiB / 4}}, {});
    plan.state({.name = "cache", .shape = {kept, 1024}}, Reset::left_over);
    const Value x = plan.input({.name = "x", .shape = {read}});
    plan.run(plan.stage("read", 1, 1, "token"), "scale", "scale", std::make_shared<Scale>(read), {x});
    plan.metrics = {{.name = "read_s", .of = "stage/read", .unit = "s", .definition = ""}};
    plan.facts = {{"kv_bytes_per_token", 4096, "B", ""}};
    return plan;
  }
};

const WorkloadEntry kSequences = {.name = "sequences",
                                  .summary = "made up",
                                  .read_model = [](JsonReader&) -> std::shared_ptr<const ParsedModel> {
                                    return std::make_shared<const SequenceModel>();
                                  },
                                  .schema =
                                      [](SchemaWriter& schema) {
                                        schema.add("model", Json::object(), {});
                                        schema.add("load", schema.schema_of<Sequences>(), {});
                                      },
                                  .default_load = [] { return JsonWriter::write(Sequences{}); },
                                  .takes_model = nullptr,
                                  .grows = {.batch = "batch", .prompt = "prompt", .generated = "generated"}};

std::vector<Case> cases_of(const std::string& load) {
  return runs_of(Json::parse(R"({"workload": "sequences", "model": {}, "load": )" + load + "}"), "a.json",
                 {&kSequences, 1})
      .expand();
}

/// A board with so many bytes besides the reserve.
CatalogueDevice board_with(std::int64_t bytes) {
  return board_of(static_cast<double>(kReserveBytes + bytes) / 1e9, 1);
}

std::vector<Answer> answers(const std::string& load, std::vector<CatalogueDevice> boards) {
  std::vector<const CatalogueDevice*> devices;
  for (const CatalogueDevice& board : boards) devices.push_back(&board);
  return inspect_cases(cases_of(load), devices).answers;
}

std::int64_t bytes_of_case(std::int64_t batch, std::int64_t prompt, std::int64_t generated) {
  return kMiB + batch * (prompt * 2048 + (prompt + generated) * 4096);
}

TEST(Answer, TakesAMemoryApart) {
  const Answer one = answers(R"({"batch": 2})", {}).at(0);
  EXPECT_EQ(one.memory.weight_bytes, kMiB);
  EXPECT_EQ(one.memory.state_bytes, 2 * 576 * 4096);
  EXPECT_EQ(one.memory.activation_bytes, 2 * 512 * 2048);
  EXPECT_EQ(one.memory_bytes, bytes_of_case(2, 512, 64));
  EXPECT_EQ(one.fits, std::nullopt);
  EXPECT_EQ(one.largest_batch.has_value() || one.longest_context.has_value(), false);
  EXPECT_TRUE(one.metrics.empty());
}

TEST(Answer, FitsWithTheReserveToTheByte) {
  const std::int64_t bytes = bytes_of_case(2, 512, 64);
  const auto all = answers(R"({"batch": 2})", {board_with(bytes + 512), board_with(bytes - 512)});
  EXPECT_EQ(all.at(0).fits, true);
  EXPECT_NEAR(static_cast<double>(*all.at(0).free_bytes), 512, 1);
  EXPECT_EQ(all.at(0).devices_needed, 1);
  ASSERT_EQ(all.at(0).metrics.size(), 1u);
  EXPECT_DOUBLE_EQ(all.at(0).metrics[0].bound.value(), all.at(0).bound_seconds.value().at("read"));
  EXPECT_EQ(all.at(0).binds, Json({{"read", "memory"}}));
  const Answer& too_small = all.at(1);
  EXPECT_EQ(too_small.fits, false);
  EXPECT_LT(*too_small.free_bytes, 0);
  EXPECT_EQ(too_small.devices_needed, 2);
  EXPECT_TRUE(too_small.metrics.empty() && !too_small.bound_seconds && !too_small.roofline_seconds);
  EXPECT_EQ(too_small.largest_batch.value().value, 1) << "what would fit is said all the same";
}

TEST(Answer, CountsDevicesByMemory) {
  const std::int64_t device = kReserveBytes + 1000;
  EXPECT_EQ(devices_needed(1000, device), 1);
  EXPECT_EQ(devices_needed(1001, device), 2);
  EXPECT_EQ(devices_needed(2001, device), 3);
  EXPECT_EQ(devices_needed(1, kReserveBytes), std::nullopt);
}

TEST(Answer, FindsTheLargestBatchAndTheLongestContextThatFit) {
  const auto all = answers(R"({"batch": 2})", {board_with(bytes_of_case(37, 512, 64) + 512),
                                               board_with(bytes_of_case(2, 1777, 64) + 512)});
  EXPECT_EQ(all.at(0).largest_batch.value().value, 37);
  EXPECT_EQ(all.at(0).largest_batch.value().limit, LimitOfSize::memory);
  EXPECT_EQ(all.at(1).longest_context.value().value, 1777 + 64);
  EXPECT_EQ(all.at(1).longest_context.value().limit, LimitOfSize::memory);
}

TEST(Answer, SaysWhatElseEndsTheGrowth) {
  const Answer large = answers("{}", {board_with(bytes_of_case(4096, kPositions, 64))}).at(0);
  EXPECT_EQ(large.longest_context.value().value, kPositions);
  EXPECT_EQ(large.longest_context.value().limit, LimitOfSize::model);
  EXPECT_EQ(large.largest_batch.value().value, 4096);
  EXPECT_EQ(large.largest_batch.value().limit, LimitOfSize::assay);
  const Answer tiny = answers("{}", {board_with(kMiB + 4096)}).at(0);
  EXPECT_EQ(tiny.largest_batch.value().value, 0);
  EXPECT_EQ(tiny.longest_context.value().value, 0);
}

TEST(Answer, TellsTheCacheOfASequenceByItsContext) {
  const Answer one = answers(R"({"batch": 4, "prompt": 700})", {}).at(0);
  EXPECT_EQ(one.kv_bytes_per_token, 4096);
  EXPECT_EQ(
      one.kv_bytes_by_context,
      (std::map<std::int64_t, std::int64_t>{
          {764, 764 * 4096}, {1024, 1024 * 4096}, {4096, 4096 * 4096}, {kPositions, kPositions * 4096}}));
}

TEST(Answer, MakesFewPlansAndSharesThemAmongDevicesAndCases) {
  plans_made = 0;
  answers(R"({"batch": 2})", {board_with(std::int64_t{1} << 32)});
  const int of_one = plans_made;
  EXPECT_LE(of_one, 16);
  plans_made = 0;
  answers(R"({"batch": 2})", {board_with(std::int64_t{1} << 32), board_with(std::int64_t{1} << 32)});
  EXPECT_EQ(plans_made, of_one) << "a second device of the same size asks nothing new";
  plans_made = 0;
  answers(R"({"batch": [1, 2, 3, 4]})", {board_with(std::int64_t{1} << 32)});
  EXPECT_LE(plans_made, 2 * of_one + 8);
}

TEST(Answer, IsOneForEveryCaseAndDeviceInOrder) {
  const auto all = answers(R"({"batch": [1, 8]})", {board_with(kMiB), board_with(std::int64_t{1} << 32)});
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].settings["batch"], 1);
  EXPECT_EQ(all[1].fits, true);
  EXPECT_EQ(all[2].settings["batch"], 8);
  EXPECT_EQ(all[2].fits, false);
}

}  // namespace
}  // namespace assay::answer_tests
