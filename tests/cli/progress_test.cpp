// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <gtest/gtest.h>

namespace assay::progress_tests {
namespace {

class ProgressNotes : public testing::Test {
 protected:
  std::string noted(const std::string& phase, const std::string& detail, double after_s) {
    now_s_ += after_s;
    testing::internal::CaptureStderr();
    line_.show({.phase = phase, .detail = detail, .done = 0, .total = 0});
    return testing::internal::GetCapturedStderr();
  }
  double now_s_ = 100;
  Context context_ = [] {
    Context verbose;
    verbose.verbose = true;
    return verbose;
  }();
  ProgressLine line_{context_, 2, {.now_s = [this] { return now_s_; }, .interrupted = {}}};
};

TEST_F(ProgressNotes, SayWhenAPhaseBegins) {
  line_.start_case(0, "a/case");
  EXPECT_EQ(noted("load", "", 1.25), "   1.25 s  a/case: load\n");
  EXPECT_EQ(noted("load", "", 1), "");
}

TEST_F(ProgressNotes, NameWhatTookLongOnceItIsOver) {
  line_.start_case(0, "a/case");
  noted("verify", "matmul", 0);
  EXPECT_EQ(noted("verify", "matmul", 0.6), "") << "it still goes on";
  EXPECT_EQ(noted("verify", "matmul", 0.6), "");
  EXPECT_EQ(noted("verify", "softmax", 0.3), "   1.50 s  a/case: 1.5 s for matmul\n");
  EXPECT_EQ(noted("verify", "rmsnorm", 0.3), "") << "softmax was short";
}

TEST_F(ProgressNotes, ChargeNothingToTheCaseAfter) {
  line_.start_case(0, "a/case");
  noted("time", "matmul", 0);
  now_s_ += 9;
  line_.start_case(1, "another");
  EXPECT_EQ(noted("verify", "softmax", 0), "   9.00 s  another: verify\n");
}

}  // namespace
}  // namespace assay::progress_tests
