// SPDX-License-Identifier: Apache-2.0
// The greedy walk again, along the choices that were made: each box that was passed over must have been
// overlapped by one kept before it, and none that was kept may be.
#include <algorithm>
#include <array>

#include "kernels/contract.h"
#include "kernels/nms/nms.h"

namespace assay {
namespace {

// Of an overlap in f32: a difference and a product for each of two areas and the intersection, the union's
// sum and difference of at most twice its size, the product or quotient with it.
constexpr double kOverlapRoundings = 3 * 3 + 2 * 2 + 2;

struct Box {
  std::array<double, 4> corners;
  double score;
  std::int64_t place;  // class
  bool operator==(const Box&) const = default;
};

Box box_at(const TensorView& boxes, const TensorView& scores, const TensorView& classes, std::int64_t i) {
  return {
      {boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]}, scores[i], classes.integer(i)};
}

/// Whether a suppresses b, with a threshold that is moved by `slack`.
bool suppresses(const Box& a, const Box& b, double threshold, double slack) {
  if (a.place != b.place) return false;
  const auto& [ax1, ay1, ax2, ay2] = a.corners;
  const auto& [bx1, by1, bx2, by2] = b.corners;
  const double intersection = std::max(0.0, std::min(ax2, bx2) - std::max(ax1, bx1)) *
                              std::max(0.0, std::min(ay2, by2) - std::max(ay1, by1));
  const double both = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - intersection;
  return intersection > (threshold + slack) * both && intersection > 0;
}

}  // namespace

std::string Nms::objection(std::span<const TensorView> in, std::span<const TensorView> out,
                           std::int64_t unit) const {
  std::vector<Box> candidates;
  for (std::int64_t i = unit * p.boxes; i < (unit + 1) * p.boxes; ++i)
    if (in[1][i] >= static_cast<double>(p.score_threshold))
      candidates.push_back(box_at(in[0], in[1], in[2], i));
  std::ranges::stable_sort(candidates, [](const Box& a, const Box& b) { return a.score > b.score; });

  const auto threshold = static_cast<double>(p.iou_threshold);
  const double slack = kOverlapRoundings * epsilon(DType::f32);
  std::vector<Box> kept;
  const auto suppressed = [&](const Box& box, double moved) {
    return std::ranges::any_of(kept, [&](const Box& k) { return suppresses(k, box, threshold, moved); });
  };
  const std::string image = "image " + std::to_string(unit);
  const std::int64_t count = out[0].integer(unit);
  std::size_t at = 0;
  for (std::int64_t row = 0; row < count; ++row) {
    const Box box = box_at(out[1], out[2], out[3], unit * p.most + row);
    const std::string place = image + " row " + std::to_string(row);
    for (; at < candidates.size() && candidates[at] != box; ++at)
      if (!suppressed(candidates[at], -slack))
        return place + " is not the next that is left: that has the score " +
               text_of(static_cast<float>(candidates[at].score));
    if (at == candidates.size()) return place + " is no candidate behind the row before it";
    if (suppressed(box, slack)) return place + " is overlapped by a box before it";
    kept.push_back(candidates[at++]);
  }
  for (; count < p.most && at < candidates.size(); ++at)
    if (!suppressed(candidates[at], -slack))
      return image + " has " + std::to_string(count) + " rows, without one of the score " +
             text_of(static_cast<float>(candidates[at].score));
  return "";
}

}  // namespace assay
