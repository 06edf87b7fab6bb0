// SPDX-License-Identifier: Apache-2.0
#include "analyse/random_reads.h"

#include <gtest/gtest.h>

namespace assay::random_reads_tests {
namespace {

/// 100 bytes/s streaming; 20 and 40 bytes/s in rows of 64 and 128 bytes.
DeviceResult device() {
  DeviceResult d;
  d.id = "cpu";
  d.peaks.bytes_per_s[Path::memory] = {.datasheet = {}, .measured = 100, .source = ""};
  d.peaks.random_read_bytes_per_s[64] = {.datasheet = {}, .measured = 20, .source = ""};
  d.peaks.random_read_bytes_per_s[128] = {.datasheet = {}, .measured = 38, .source = ""};
  d.peaks_after.random_read_bytes_per_s[128] = {.datasheet = {}, .measured = 40, .source = ""};
  return d;
}

/// 10 rows of 128 bytes asked for, 4 different ones, in 32 seconds.
OpResult op() {
  OpResult o;
  o.random_reads = {.rows = 10, .distinct_rows = 4, .row_bytes = 128, .path = Path::memory};
  o.time_s.emplace();
  o.time_s->value = 32;
  return o;
}

TEST(RandomReads, HaveThePeakOfTheirRowsFromTheBetterProbe) {
  EXPECT_EQ(random_read_peak(device(), 64), 20);
  EXPECT_EQ(random_read_peak(device(), 128), 40);
  EXPECT_EQ(random_read_peak(device(), 96), 30);
}

TEST(RandomReads, CostAWholeRowWhereItIsShorterThanAnyProbed) {
  EXPECT_EQ(random_read_peak(device(), 16), 5);
}

TEST(RandomReads, AreHeldAgainstAStreamWhereRowsAreLongerThanAnyProbed) {
  EXPECT_EQ(random_read_peak(device(), 4096), 100);
}

TEST(RandomReads, HaveNoPeakWhereNoneWasProbed) {
  EXPECT_EQ(random_read_peak(DeviceResult(), 128), std::nullopt);
}

TEST(RandomReads, CountDifferentRowsAsReadAndAllAsServed) {
  OpResult o = op();
  add_random_reads(o, CaseResult(), device());
  EXPECT_EQ(o.random_reads->rows_per_s, 10.0 / 32);
  EXPECT_EQ(o.random_reads->bytes_per_s, 4 * 128 / 32.0);          // 16 of 40
  EXPECT_EQ(o.random_reads->served_bytes_per_s, 10 * 128 / 32.0);  // 40
  EXPECT_EQ(o.random_reads->peak_bytes_per_s, 40);
  EXPECT_EQ(o.random_reads->of_peak, 0.4);
  EXPECT_EQ(o.random_reads->of_streaming, 0.16);
}

TEST(RandomReads, OverALinkAreSetBesideTheLink) {
  DeviceResult d = device();
  d.peaks.bytes_per_s[Path::host_link] = {.datasheet = {}, .measured = 32, .source = ""};
  OpResult o = op();
  o.random_reads->path = Path::host_link;
  add_random_reads(o, CaseResult(), d);
  EXPECT_EQ(o.random_reads->peak_bytes_per_s, 32);
  EXPECT_EQ(o.random_reads->of_peak, 0.5);
}

TEST(RandomReads, ThatWereNotTimedHaveNoRates) {
  OpResult o = op();
  o.time_s.reset();
  add_random_reads(o, CaseResult(), device());
  EXPECT_FALSE(o.random_reads->rows_per_s || o.random_reads->of_peak);
  EXPECT_EQ(o.random_reads->peak_bytes_per_s, 40);
}

}  // namespace
}  // namespace assay::random_reads_tests
