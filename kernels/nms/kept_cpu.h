// SPDX-License-Identifier: Apache-2.0
// What suppression keeps while it works on an image, independent of the vector extension.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace assay::cpu {

/// Orders by score, and the lowest index first among equals: larger is better.
inline std::uint64_t score_key(float score, std::int64_t index) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0f);  // -0 is 0
  const std::uint32_t ordered = bits ^ ((bits >> 31) != 0 ? 0xffffffffu : 0x80000000u);
  return std::uint64_t{ordered} << 32 | (0xffffffffu - static_cast<std::uint32_t>(index));
}
inline std::int64_t index_of_key(std::uint64_t key) {
  return 0xffffffffu - static_cast<std::uint32_t>(key);
}

/// Keys of candidates, and the kept boxes edge by edge.
class NmsScratch {
 public:
  NmsScratch(std::int64_t boxes, std::int64_t most)
      : stride_(most + kWidest),
        keys_(static_cast<std::size_t>(boxes)),
        edges_(static_cast<std::size_t>(5 * stride_)),
        places_(static_cast<std::size_t>(stride_)) {}

  std::uint64_t* keys() { return keys_.data(); }
  const float* edge(int corner) const { return edges_.data() + corner * stride_; }  // x1, y1, x2, y2
  const float* areas() const { return edges_.data() + 4 * stride_; }
  const std::int32_t* places() const { return places_.data(); }  // classes

  void keep(std::int64_t at, const float* box, std::int32_t place) {
    float* to = edges_.data() + at;
    for (int corner = 0; corner < 4; ++corner, to += stride_) *to = box[corner];
    *to = (box[2] - box[0]) * (box[3] - box[1]);
    places_[static_cast<std::size_t>(at)] = place;
  }
  std::int64_t bytes() const {
    return static_cast<std::int64_t>(keys_.size() * 8 + edges_.size() * 4 + places_.size() * 4);
  }

 private:
  static constexpr std::int64_t kWidest = 16;  // lanes that may be read behind the last
  std::int64_t stride_;
  std::vector<std::uint64_t> keys_;   // [boxes]
  std::vector<float> edges_;          // [5][stride]
  std::vector<std::int32_t> places_;  // [stride]
};

}  // namespace assay::cpu
