// SPDX-License-Identifier: Apache-2.0
#include "workloads/rotary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/expect_error.h"

namespace assay::rotary_tests {
namespace {

using Kind = RotaryConfig::Kind;

RotaryConfig read(const char* text, std::int64_t head_dim = 8, bool phi3 = false) {
  const Json json = Json::parse(text);
  JsonReader reader(json, "config.json");
  return read_rotary(reader, head_dim, 64, phi3);
}

std::string complaint(const char* text) {
  return test::bad_input([&] { read(text); });
}

TEST(Rotary, PlainFrequenciesArePowersOfTheta) {
  const std::vector<double> f = inverse_frequencies(read(R"({"rope_theta": 10000})"), 1);
  ASSERT_EQ(f.size(), 4u);  // 10000^(-2i/8)
  EXPECT_DOUBLE_EQ(f[0], 1);
  EXPECT_DOUBLE_EQ(f[1], 0.1);
  EXPECT_DOUBLE_EQ(f[2], 0.01);
  EXPECT_DOUBLE_EQ(f[3], 0.001);
}

TEST(Rotary, TableHoldsCosAndSinOfPositionTimesFrequency) {
  const std::vector<float> table = rotary_table(read("{}"), 2, 3);
  ASSERT_EQ(table.size(), 3u * 4 * 2);
  EXPECT_EQ(table[0], 1.0f);  // position 0
  EXPECT_EQ(table[1], 0.0f);
  EXPECT_FLOAT_EQ(table[2 * 8 + 2], static_cast<float>(std::cos(0.2)));  // position 2, pair 1
  EXPECT_FLOAT_EQ(table[2 * 8 + 3], static_cast<float>(std::sin(0.2)));
}

TEST(Rotary, ReadsOldAndNewSpellings) {
  EXPECT_EQ(read(R"({"rope_scaling": {"type": "linear", "factor": 2}})").kind, Kind::linear);
  EXPECT_EQ(read(R"({"rope_scaling": {"rope_type": "linear", "factor": 2}})").kind, Kind::linear);
  const RotaryConfig c =
      read(R"({"rope_parameters": {"rope_type": "linear", "factor": 2, "rope_theta": 500}})");
  EXPECT_EQ(c.kind, Kind::linear);
  EXPECT_EQ(c.theta, 500);
  EXPECT_EQ(read(R"({"rope_scaling": null, "rope_theta": 7})").kind, Kind::standard);
}

TEST(Rotary, LinearDividesEveryFrequency) {
  const auto f = inverse_frequencies(read(R"({"rope_scaling": {"type": "linear", "factor": 4}})"), 1);
  EXPECT_DOUBLE_EQ(f[0], 0.25);
  EXPECT_DOUBLE_EQ(f[1], 0.025);
}

// Beyond 64 trained positions theta grows by (2 * 128 / 64 - 1)^(8 / 6) = 3^(4/3).
TEST(Rotary, DynamicStretchesThetaOnlyPastTheTrainedLength) {
  const RotaryConfig c = read(R"({"rope_scaling": {"type": "dynamic", "factor": 2}})");
  EXPECT_DOUBLE_EQ(inverse_frequencies(c, 64)[1], 0.1);
  const double theta = 10000 * std::pow(3, 4.0 / 3);
  EXPECT_DOUBLE_EQ(inverse_frequencies(c, 128)[1], std::pow(theta, -0.25));
}

// A prompt is rotated in one pass, at its own length; later tokens each at the length they bring.
TEST(Rotary, DynamicRowsAreThoseOfTheCallThatRotatesThem) {
  const RotaryConfig c = read(R"({"rope_scaling": {"type": "dynamic", "factor": 2}})");
  const std::vector<float> table = rotary_table(c, 70, 80);
  const auto cosine = [&](std::int64_t position, std::int64_t length) {
    return static_cast<float>(std::cos(static_cast<double>(position) * inverse_frequencies(c, length)[1]));
  };
  EXPECT_FLOAT_EQ(table[10 * 8 + 2], cosine(10, 70));
  EXPECT_FLOAT_EQ(table[79 * 8 + 2], cosine(79, 80));
}

// Trained on 16 tokens: wavelengths 2 pi / (1, .1, .01, .001) against bounds 16 / 4 = 4 and 16 / 1 = 16.
TEST(Rotary, Llama3LeavesFastPairsSlowsSlowOnesAndBlendsBetween) {
  const auto f = inverse_frequencies(
      read(
          R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
               "original_max_position_embeddings": 16}})"),
      1);
  const double blend = (16 / (2 * std::numbers::pi) - 1) / 3;
  EXPECT_DOUBLE_EQ(f[0], (1 - blend) / 8 + blend);
  EXPECT_DOUBLE_EQ(f[1], 0.1 / 8);
  EXPECT_DOUBLE_EQ(f[3], 0.001 / 8);
  const auto fast = inverse_frequencies(
      read(
          R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
               "original_max_position_embeddings": 1000}})"),
      1);
  EXPECT_DOUBLE_EQ(fast[0], 1);
}

// The ramp runs from the pair that turns beta_fast times over the trained length to the one that turns
// beta_slow times: dim ln(64 / (2 pi 8)) / (2 ln 10000) = 0.105 -> 0, and ln(64 / 2 pi) ... = 1.008 -> 2.
TEST(Rotary, YarnRampsFromExtrapolatedToInterpolated) {
  const RotaryConfig c =
      read(R"({"rope_scaling": {"type": "yarn", "factor": 4, "beta_fast": 8, "beta_slow": 1}})");
  const auto f = inverse_frequencies(c, 1);
  EXPECT_DOUBLE_EQ(f[0], 1);
  EXPECT_DOUBLE_EQ(f[1], 0.1 * (0.5 / 4 + 0.5));
  EXPECT_DOUBLE_EQ(f[2], 0.01 / 4);
  EXPECT_DOUBLE_EQ(attention_factor(c), 0.1 * std::log(4) + 1);
}

TEST(Rotary, YarnTakesItsAttentionFactorFromWhereItIsGiven) {
  EXPECT_DOUBLE_EQ(
      attention_factor(read(R"({"rope_scaling": {"type": "yarn", "factor": 4, "attention_factor": 1.5}})")),
      1.5);
  EXPECT_DOUBLE_EQ(
      attention_factor(
          read(R"({"rope_scaling": {"type": "yarn", "factor": 4, "mscale": 2, "mscale_all_dim": 1}})")),
      (0.2 * std::log(4) + 1) / (0.1 * std::log(4) + 1));
}

const char* kLongrope = R"({"original_max_position_embeddings": 16, "rope_scaling":
    {"type": "su", "short_factor": [1, 2, 3, 4], "long_factor": [5, 6, 7, 8]}})";

TEST(Rotary, LongropeSwitchesFactorsPastTheOriginalLength) {
  const RotaryConfig c = read(kLongrope, 8, true);
  EXPECT_EQ(c.kind, Kind::longrope);
  EXPECT_DOUBLE_EQ(inverse_frequencies(c, 16)[1], 0.1 / 2);
  EXPECT_DOUBLE_EQ(inverse_frequencies(c, 17)[1], 0.1 / 6);
  // max 64 over original 16: factor 4.
  EXPECT_DOUBLE_EQ(attention_factor(c), std::sqrt(1 + std::log(4) / std::log(16)));
}

TEST(Rotary, Phi3MeansLongropeByYarn) {
  EXPECT_EQ(
      read(R"({"rope_scaling": {"type": "yarn", "short_factor": [1, 2, 3, 4], "long_factor": [5, 6, 7, 8]}})",
           8, true)
          .kind,
      Kind::longrope);
}

TEST(Rotary, ComplainsOfWhatItCannotUse) {
  ASSAY_EXPECT_HAS(complaint(R"({"rope_scaling": {"type": "cubic"}})"),
                   "/rope_scaling/type: is \"cubic\" | known kinds: default, linear");
  ASSAY_EXPECT_HAS(complaint(R"({"rope_scaling": {"type": "linear"}})"), "/rope_scaling/factor: is missing");
  ASSAY_EXPECT_HAS(complaint(R"({"rope_scaling": {"type": "linear", "factor": -1}})"),
                   "/rope_scaling/factor: is -1");
  ASSAY_EXPECT_HAS(complaint(R"({"rope_scaling": "linear"})"), "/rope_scaling: is \"linear\"");
  ASSAY_EXPECT_HAS(
      complaint(
          R"({"rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1, 1, 1, 1]}})"),
      "/rope_scaling/short_factor: has 1 factors");
  ASSAY_EXPECT_HAS(complaint(R"({"partial_rotary_factor": 0.4})"), "/partial_rotary_factor: is 0.4");
  ASSAY_EXPECT_HAS(complaint(R"({"rope_theta": 0})"), "/rope_theta: is 0");
}

}  // namespace
}  // namespace assay::rotary_tests
