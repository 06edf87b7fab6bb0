// SPDX-License-Identifier: Apache-2.0
#include "plan/fill_function.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "base/dtype.h"
#include "plan/fill_segments.h"
#include "plan/lazy_list.h"
#include "plan/philox_words.h"

namespace assay {
namespace {

constexpr std::int64_t kMostRows = std::int64_t{1} << 31;
constexpr std::size_t kChunk = 1024;  // elements: what is kept of them stays in L1

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error("fill: " + what);
}

std::int32_t as_i32(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(),
                                                            std::numeric_limits<std::int32_t>::max()));
}

/// All words of the blocks that cover elements first, first + 1 ... at `each` words an element; the first
/// element's begin at the offset returned.
std::size_t random_words(std::uint64_t key, std::int64_t first, std::size_t count, std::size_t each,
                         std::uint32_t* words) {
  const auto begin = static_cast<std::uint64_t>(first) * each, end = begin + count * each;
  philox_words(key, begin / 4, static_cast<std::size_t>((end + 3) / 4 - begin / 4), words);
  return begin % 4;
}

/// Ranks to rows. What a round leaves beyond the limit is gathered and gone over again: a branch for each
/// would be guessed wrong half of the time.
void scatter_all(const Scatter& scatter, std::span<std::int32_t> ranks) {
  std::array<std::uint32_t, kChunk> beyond;
  std::size_t left = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const std::uint32_t row = scattered_once(scatter, static_cast<std::uint32_t>(ranks[i]));
    ranks[i] = static_cast<std::int32_t>(row);
    beyond[left] = static_cast<std::uint32_t>(i);
    left += row >= scatter.limit ? 1 : 0;
  }
  while (left > 0) {
    std::size_t still = 0;
    for (std::size_t b = 0; b < left; ++b) {
      const std::uint32_t i = beyond[b];
      const std::uint32_t row = scattered_once(scatter, static_cast<std::uint32_t>(ranks[i]));
      ranks[i] = static_cast<std::int32_t>(row);
      beyond[still] = i;
      still += row >= scatter.limit ? 1 : 0;
    }
    left = still;
  }
}

/// Elements first, first + 1 ... of a zipf fill.
void popular_rows(std::uint64_t key, std::int64_t first, std::span<std::int32_t> out,
                  const ZipfTable& popularity, const Scatter& row_of_rank) {
  std::array<std::uint32_t, 2 * kChunk + 8> words;  // and the ends of two blocks
  for (std::size_t at = 0; at < out.size(); at += kChunk) {
    const std::span<std::int32_t> chunk = out.subspan(at, std::min(kChunk, out.size() - at));
    const std::uint32_t* word = words.data() + random_words(key, first + static_cast<std::int64_t>(at),
                                                            chunk.size(), 2, words.data());
    for (std::size_t i = 0; i < chunk.size(); ++i)
      chunk[i] = static_cast<std::int32_t>(zipf_rank(popularity, word[2 * i], word[2 * i + 1]));
    scatter_all(row_of_rank, chunk);
  }
}

void even_rows(std::uint64_t key, std::int64_t first, std::span<std::int32_t> out, std::int64_t limit) {
  std::array<std::uint32_t, kChunk + 8> words;
  for (std::size_t at = 0; at < out.size(); at += kChunk) {
    const std::span<std::int32_t> chunk = out.subspan(at, std::min(kChunk, out.size() - at));
    const std::uint32_t* word = words.data() + random_words(key, first + static_cast<std::int64_t>(at),
                                                            chunk.size(), 1, words.data());
    for (std::size_t i = 0; i < chunk.size(); ++i)
      chunk[i] = static_cast<std::int32_t>((word[i] * static_cast<std::uint64_t>(limit)) >> 32);
  }
}

}  // namespace

FillFunction::FillFunction(const Fill& fill, std::int64_t count, std::uint64_t key) {
  rule_.kind = fill.kind;
  rule_.key = key;
  rule_.limit = fill.limit;
  rule_.start = fill.start;
  rule_.step = fill.step;
  switch (fill.kind) {
    case Fill::Kind::normal:
      rule_.mean = static_cast<float>(fill.mean);
      rule_.scale = normal_scale(fill.deviation);
      return;
    case Fill::Kind::index:
      require(fill.limit >= 1 && fill.limit <= kMostRows, "an index below " + std::to_string(fill.limit));
      return;
    case Fill::Kind::permutation:
      require(count <= kMostRows, "a permutation of " + std::to_string(count));
      if (count > 0) rule_.permutation = permutation_of(key, static_cast<std::uint64_t>(count));
      return;
    case Fill::Kind::cycle:
      require(fill.limit >= 1, "a cycle of " + std::to_string(fill.limit));
      require(std::abs(static_cast<double>(fill.start)) +
                      std::abs(static_cast<double>(fill.step)) * static_cast<double>(fill.limit) <
                  0x1p62,
              "a cycle that leaves 64 bits");
      return;
    case Fill::Kind::constant: return;
    case Fill::Kind::values:
      require(fill.data != nullptr && fill.data->size() == count,
              "as many values as elements are needed, not " +
                  std::to_string(fill.data ? fill.data->size() : 0) + " for " + std::to_string(count));
      values_ = fill.data;
      rule_.values = values_->data();
      return;
    case Fill::Kind::zipf:
      popularity_ = std::make_shared<const ZipfTable>(ZipfLaw(fill.limit, fill.skew).table());
      rule_.popularity = popularity_.get();
      rule_.row_of_rank = scatter_of(fill.ranking, fill.limit);
      return;
    case Fill::Kind::integers:
      require(fill.listed != nullptr && fill.listed->size() == count,
              "as many integers as elements are needed, not " +
                  std::to_string(fill.listed ? fill.listed->size() : 0) + " for " + std::to_string(count));
      listed_ = fill.listed;
      rule_.listed = listed_->data();
      return;
    case Fill::Kind::bytes:
      require(fill.file != nullptr && static_cast<std::int64_t>(fill.file->size()) == count,
              "as many bytes as elements are needed, not " +
                  std::to_string(fill.file ? fill.file->size() : 0) + " for " + std::to_string(count));
      bytes_ = fill.file;
      rule_.bytes = bytes_->data();
      return;
    case Fill::Kind::segments:
      require(fill.parts != nullptr && fill.parts->elements() == count,
              "segments of " + std::to_string(fill.parts ? fill.parts->elements() : 0) + " elements for " +
                  std::to_string(count));
      segments_ = fill.parts;
      rule_.segments = segments_->rules().data();
      rule_.segment_count = static_cast<std::int64_t>(segments_->rules().size());
      return;
    case Fill::Kind::rows_u8:
      require(fill.limit >= 1, "rows of " + std::to_string(fill.limit) + " values");
      return;
  }
  throw std::logic_error("fill: unknown kind");
}

void FillFunction::integers(std::int64_t first, std::span<std::int32_t> out) const {
  require(is_integer(rule_.kind), "integers of a fill that is not of integers");
  switch (rule_.kind) {
    case Fill::Kind::index: return even_rows(rule_.key, first, out, rule_.limit);
    case Fill::Kind::zipf: return popular_rows(rule_.key, first, out, *rule_.popularity, rule_.row_of_rank);
    case Fill::Kind::segments: break;
    default:
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = as_i32(fill_integer(rule_, first + static_cast<std::int64_t>(i)));
      return;
  }
  const std::int64_t end = first + static_cast<std::int64_t>(out.size());
  for (std::int64_t at = first; at < end;) {
    const std::int64_t s = segment_of(rule_, at);
    const std::int64_t to = s + 1 < rule_.segment_count ? std::min(end, rule_.segments[s + 1].first) : end;
    popular_rows(rule_.key, at,
                 out.subspan(static_cast<std::size_t>(at - first), static_cast<std::size_t>(to - at)),
                 *rule_.segments[s].popularity, rule_.segments[s].row_of_rank);
    at = to;
  }
}

namespace {

/// Of elements first, first + 1 ...; a bit a row.
std::int64_t distinct_by_bits(const FillFunction& fill, std::int64_t begin, std::int64_t count,
                              std::int64_t limit) {
  std::vector<std::uint64_t> seen(static_cast<std::size_t>((limit + 63) / 64));
  std::array<std::int32_t, kChunk> rows;
  std::int64_t distinct = 0;
  // Once every row is named, more elements name no other.
  for (std::int64_t first = 0; first < count && distinct < limit;
       first += static_cast<std::int64_t>(kChunk)) {
    const std::span chunk(rows.data(),
                          std::min<std::size_t>(kChunk, static_cast<std::size_t>(count - first)));
    fill.integers(begin + first, chunk);
    for (const std::int32_t row : chunk) {
      std::uint64_t& word = seen[static_cast<std::size_t>(row) / 64];
      const std::uint64_t bit = std::uint64_t{1} << (row % 64);
      distinct += (word & bit) == 0 ? 1 : 0;
      word |= bit;
    }
  }
  return distinct;
}

/// For few elements of many rows.
std::int64_t distinct_by_order(const FillFunction& fill, std::int64_t begin, std::int64_t count) {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
  fill.integers(begin, rows);
  std::ranges::sort(rows);
  return std::unique(rows.begin(), rows.end()) - rows.begin();
}

std::int64_t distinct_among(const FillFunction& fill, std::int64_t begin, std::int64_t count,
                            std::int64_t limit) {
  // A bit costs a page of the table where rows are few, a sort some 20 comparisons an element.
  constexpr std::int64_t kFew = 256;
  return count < limit / kFew ? distinct_by_order(fill, begin, count)
                              : distinct_by_bits(fill, begin, count, limit);
}

}  // namespace

std::int64_t distinct_rows(const Fill& fill, std::int64_t count, std::uint64_t key) {
  require(is_integer(fill.kind), "rows of a fill that is not of integers");
  if (count == 0) return 0;
  const FillFunction function(fill, count, key);
  switch (fill.kind) {
    case Fill::Kind::permutation: return count;
    case Fill::Kind::cycle: return fill.step == 0 ? 1 : std::min(count, fill.limit);
    case Fill::Kind::constant: return 1;
    case Fill::Kind::integers: return distinct_by_order(function, 0, count);
    case Fill::Kind::bytes:
    case Fill::Kind::rows_u8: return distinct_among(function, 0, count, 256);
    case Fill::Kind::segments: {
      std::int64_t distinct = 0, begin = 0;
      for (const Fill::Segment& part : fill.parts->parts()) {
        distinct += distinct_among(function, begin, part.count, part.limit);
        begin += part.count;
      }
      return distinct;
    }
    default: return distinct_among(function, 0, count, fill.limit);
  }
}

}  // namespace assay
