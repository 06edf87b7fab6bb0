// SPDX-License-Identifier: Apache-2.0
#include "plan/fill.h"

#include <utility>

#include "plan/fill_segments.h"
#include "plan/lazy_list.h"

namespace assay {

Fill Fill::normal(double deviation, double mean) {
  return {.kind = Kind::normal, .mean = mean, .deviation = deviation};
}
Fill Fill::index(std::int64_t limit) {
  return {.kind = Kind::index, .limit = limit};
}
Fill Fill::permutation() {
  return {.kind = Kind::permutation};
}
Fill Fill::cycle(std::int64_t limit, std::int64_t start, std::int64_t step) {
  return {.kind = Kind::cycle, .limit = limit, .start = start, .step = step};
}
Fill Fill::constant(std::int64_t value) {
  return {.kind = Kind::constant, .start = value};
}
Fill Fill::values(std::vector<float> data) {
  const auto count = static_cast<std::int64_t>(data.size());
  return values(count, [kept = std::move(data)] { return kept; });
}
Fill Fill::values(std::int64_t count, std::function<std::vector<float>()> make) {
  return {.kind = Kind::values, .data = std::make_shared<const LazyList<float>>(count, std::move(make))};
}
Fill Fill::zipf(std::int64_t limit, double skew, std::uint64_t ranking) {
  return {.kind = Kind::zipf, .limit = limit, .skew = skew, .ranking = ranking};
}
Fill Fill::integers(std::vector<std::int32_t> listed) {
  const auto count = static_cast<std::int64_t>(listed.size());
  return integers(count, [kept = std::move(listed)] { return kept; });
}
Fill Fill::integers(std::int64_t count, std::function<std::vector<std::int32_t>()> make) {
  return {.kind = Kind::integers,
          .listed = std::make_shared<const LazyList<std::int32_t>>(count, std::move(make))};
}
Fill Fill::bytes(std::shared_ptr<const std::vector<std::uint8_t>> file) {
  return {.kind = Kind::bytes, .file = std::move(file)};
}
Fill Fill::segments(std::vector<Segment> parts) {
  return {.kind = Kind::segments, .parts = std::make_shared<const FillSegments>(std::move(parts))};
}
Fill Fill::rows_u8(std::int64_t values) {
  return {.kind = Kind::rows_u8, .limit = values};
}

bool is_drawn(const Fill& fill) {
  using Kind = Fill::Kind;
  return fill.kind == Kind::normal || fill.kind == Kind::index || fill.kind == Kind::permutation ||
         fill.kind == Kind::zipf || fill.kind == Kind::segments || fill.kind == Kind::rows_u8;
}

}  // namespace assay
