// SPDX-License-Identifier: Apache-2.0
#include "kernels/nms/nms.h"

#include <gtest/gtest.h>

#include "device/backend.h"
#include "support/expect_error.h"
#include "support/host_op.h"
#include "support/nms_cases.h"

namespace assay::nms_tests {
namespace {

TEST(Nms, KeepsWhatTorchvisionKeeps) {
  const auto device = cpu_backend().open(0);
  const auto lane = device->lane({});
  expect_what_torchvision_keeps(*lane, cpu_backend().kernels);
}

// Two images. In the first, box 1 is best, box 0 overlaps it by 3/5 and is suppressed, box 2 is of another
// class, box 3 is no candidate. In the second no box overlaps another, and two scores are equal.
const Nms kOp({.images = 2, .boxes = 4, .most = 3, .score_threshold = 0.25f, .iou_threshold = 0.5f});
const std::vector<std::vector<double>> kIn = {
    {0, 0, 4, 1, 1, 0, 5, 1, 1, 0, 5, 1, 9, 0, 10, 1, 0, 0, 1, 1, 2, 0, 3, 1, 4, 0, 5, 1, 6, 0, 7, 1},
    {0.5, 0.75, 0.625, 0.125, 0.5, 0.25, 0.5, 1},
    {0, 0, 1, 0, 7, 7, 7, 7}};

struct Out {
  std::vector<std::int32_t> counts = {2, 3};
  std::vector<float> boxes = {1, 0, 5, 1, 1, 0, 5, 1, 0, 0, 0, 0, 6, 0, 7, 1, 0, 0, 1, 1, 4, 0, 5, 1};
  std::vector<float> scores = {0.75, 0.625, 0, 1, 0.5, 0.5};
  std::vector<std::int32_t> classes = {0, 1, 0, 7, 7, 7};
};

std::string said_of(const Out& y, std::int64_t image, const Nms& op = kOp) {
  const HostInputs inputs(op, kIn);
  const TensorView out[] = {{y.counts.data(), DType::i32, 2},
                            {y.boxes.data(), DType::f32, 24},
                            {y.scores.data(), DType::f32, 6},
                            {y.classes.data(), DType::i32, 6}};
  return op.objection(inputs.views(), out, image);
}

TEST(Nms, AcceptsTheGreedyAnswerCutToTheMost) {
  EXPECT_EQ(said_of({}, 0), "");
  EXPECT_EQ(said_of({}, 1), "");
}

TEST(Nms, ObjectsToOneThatIsOverlapped) {
  Out y{.counts = {3, 3}};
  y.boxes = {1, 0, 5, 1, 1, 0, 5, 1, 0, 0, 4, 1};
  y.boxes.resize(24);
  y.scores[2] = 0.5;
  ASSAY_EXPECT_HAS(said_of(y, 0), "image 0 row 2 is overlapped by a box before it");
}

TEST(Nms, ObjectsToOneThatIsLeftOut) {
  ASSAY_EXPECT_HAS(said_of({.counts = {1, 3}}, 0), "image 0 has 1 rows, without one of the score 0.625");
  ASSAY_EXPECT_HAS(said_of({.counts = {0, 3}}, 0), "image 0 has 0 rows, without one of the score 0.75");
}

TEST(Nms, ObjectsToEqualScoresInAnotherOrder) {
  Out y;
  std::swap_ranges(y.boxes.begin() + 16, y.boxes.begin() + 20, y.boxes.begin() + 20);
  ASSAY_EXPECT_HAS(said_of(y, 1), "image 1 row 1 is not the next that is left: that has the score 0.5");
}

TEST(Nms, ObjectsToWhatIsNoCandidate) {
  Out moved, low, twice, renamed;
  moved.boxes[0] = 1.5f;
  low.counts = {3, 3};
  low.boxes = {1, 0, 5, 1, 1, 0, 5, 1, 9, 0, 10, 1};
  low.boxes.resize(24);
  low.scores[2] = 0.125;
  twice.boxes[20] = 0, twice.boxes[22] = 1;
  renamed.classes[1] = 2;
  EXPECT_NE(said_of(moved, 0), "");
  EXPECT_NE(said_of(low, 0), "");
  EXPECT_NE(said_of(twice, 1), "");
  EXPECT_NE(said_of(renamed, 0), "");
}

TEST(Nms, AcceptsEitherAnswerWhereRoundingDecides) {
  Out kept{.counts = {3, 3}};
  kept.boxes = {1, 0, 5, 1, 1, 0, 5, 1, 0, 0, 4, 1};
  kept.boxes.resize(24);
  kept.scores[2] = 0.5;
  Nms::Params p = kOp.p;
  p.iou_threshold = 0.6f;  // box 0 overlaps by 3/5
  EXPECT_EQ(said_of(kept, 0, Nms(p)), "");
  EXPECT_EQ(said_of({}, 0, Nms(p)), "");
  p.iou_threshold = 0.60001f;
  EXPECT_EQ(said_of(kept, 0, Nms(p)), "");
  EXPECT_NE(said_of({}, 0, Nms(p)), "");
}

TEST(Nms, CountsWhatIsCertainByHand) {
  EXPECT_EQ(kOp.cost().flops, 2 * 4);
  EXPECT_EQ(kOp.cost().memory().read, 2 * 4 * 4 + 2 * 3 * (16 + 4));
  EXPECT_EQ(kOp.cost().memory().written, 2 * 4 + 2 * 3 * (16 + 4 + 4));
}

}  // namespace
}  // namespace assay::nms_tests
