// SPDX-License-Identifier: Apache-2.0
#include "workloads/planted_boxes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.h"

namespace assay {
namespace {

constexpr float kSure = 4, kNever = -30;  // logits: 98 %, and one in 10^13

class Planter {
 public:
  Planter(std::span<const std::int64_t> cells, std::span<float> prior) : cells_(cells), prior_(prior) {}

  /// The candidate, and what is beside it, while there are some left to plant.
  void plant(std::int64_t candidate, std::int64_t& left) const {
    std::int64_t first = 0;
    for (const std::int64_t side : cells_) {
      if (candidate < first + side * side) {
        const std::int64_t y = (candidate - first) / side, x = (candidate - first) % side;
        constexpr std::array<std::array<std::int64_t, 2>, 5> kCluster = {
            {{0, 0}, {0, 1}, {1, 0}, {0, -1}, {-1, 0}}};
        for (const auto& [dy, dx] : kCluster)
          if (y + dy >= 0 && y + dy < side && x + dx >= 0 && x + dx < side)
            plant_one(first + (y + dy) * side + x + dx, left);
        return;
      }
      first += side * side;
    }
  }
  void plant_one(std::int64_t candidate, std::int64_t& left) const {
    float& at = prior_[static_cast<std::size_t>(candidate)];
    if (left == 0 || at == kSure) return;
    at = kSure;
    --left;
  }

 private:
  std::span<const std::int64_t> cells_;
  std::span<float> prior_;
};

}  // namespace

Fill planted_prior(std::int64_t batch, std::span<const std::int64_t> cells, std::int64_t sure,
                   std::uint64_t seed) {
  if (sure == 0) return Fill::constant(0);
  std::int64_t candidates = 0;
  for (const std::int64_t side : cells) candidates += side * side;
  const auto plant = [=, levels = std::vector(cells.begin(), cells.end())] {
    std::vector<float> prior(static_cast<std::size_t>(batch * candidates), kNever);
    const std::uint64_t key = random_key(seed, "planted boxes");
    std::uint64_t draw = 0;
    for (std::int64_t i = 0; i < batch; ++i) {
      const Planter planter(levels, std::span(prior).subspan(static_cast<std::size_t>(i * candidates),
                                                             static_cast<std::size_t>(candidates)));
      std::int64_t left = std::min(sure, candidates);
      // Few of many: drawn; where most are wanted, the rest in order.
      for (std::int64_t tries = 0; left > 0 && tries < 4 * candidates; ++tries)
        planter.plant(index_element(key, draw++, candidates), left);
      for (std::int64_t c = 0; left > 0 && c < candidates; ++c) planter.plant_one(c, left);
    }
    return prior;
  };
  return Fill::values(batch * candidates, plant);
}

}  // namespace assay
