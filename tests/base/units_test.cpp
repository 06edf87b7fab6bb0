// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::units_tests {
namespace {

TEST(Units, ShowThreeDigitsWithASiPrefix) {
  EXPECT_EQ(si_text(0.0123, "s"), "12.3 ms");
  EXPECT_EQ(si_text(1.24e9, "B/s"), "1.24 GB/s");
  EXPECT_EQ(si_text(4.45e11, "FLOP/s"), "445 GFLOP/s");
  EXPECT_EQ(si_text(2.1e-6, "s"), "2.10 µs");
}

TEST(Units, RoundBeforeTheyChooseThePrefix) {
  EXPECT_EQ(si_text(999.6e-6, "s"), "1.00 ms");
  EXPECT_EQ(si_text(999.4e-6, "s"), "999 µs");
}

TEST(Units, GiveSecondsNoPrefixAboveOne) {
  EXPECT_EQ(si_text(3600, "s"), "3,600 s");
}

TEST(Units, CountBytesInBinary) {
  EXPECT_EQ(bytes_text(640.0), "640 B");
  EXPECT_EQ(bytes_text(15.0 * (std::int64_t{1} << 30)), "15.0 GiB");
  EXPECT_EQ(bytes_text(1023.0), "1,023 B");
}

TEST(Units, ShowSharesAsPercentAndNeverRoundThemToNothing) {
  EXPECT_EQ(percent_text(0.713), "71.3 %");
  EXPECT_EQ(percent_text(1.04), "104 %");
  EXPECT_EQ(percent_text(0.0001), "<0.1 %");
  EXPECT_EQ(percent_text(0.0), "0 %");
  EXPECT_EQ(change_text(-0.0312), "-3.1 %");
}

TEST(Units, SeparateThousandsInPlainNumbers) {
  EXPECT_EQ(number_text(12345), "12,300");
  EXPECT_EQ(number_text(0.01235), "0.0123");
  EXPECT_EQ(number_text(0.0000391, 2), "3.9e-05");
  EXPECT_EQ(number_text(-1234), "-1,230");
  EXPECT_EQ(count_text(8030261248), "8,030,261,248");
}

TEST(Units, SayWhatIsNotKnown) {
  EXPECT_EQ(quantity_text(std::optional<double>(), "s"), "-");
  EXPECT_EQ(si_text(std::nan(""), "s"), "-");
  EXPECT_EQ(percent_text(std::optional<double>()), "-");
  EXPECT_EQ(bytes_text(std::optional<std::int64_t>()), "-");
}

TEST(Units, FollowTheUnitOfAResult) {
  EXPECT_EQ(quantity_text(0.5, "1"), "50.0 %");
  EXPECT_EQ(quantity_text(0.5, "s"), "500 ms");
  EXPECT_EQ(quantity_text(12345, "tokens/s"), "12,300 tokens/s");
  EXPECT_EQ(quantity_text(12.5, "1/s"), "12.5 /s");
}

}  // namespace
}  // namespace assay::units_tests
