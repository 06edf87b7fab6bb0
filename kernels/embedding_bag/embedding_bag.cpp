// SPDX-License-Identifier: Apache-2.0
#include "kernels/embedding_bag/embedding_bag.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <numeric>
#include <stdexcept>

#include "base/random.h"
#include "kernels/contract.h"

namespace assay {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error("embedding_bag: " + what);
}

bool is_16_or_32(DType type) {
  return type == DType::f32 || type == DType::f16 || type == DType::bf16;
}

double real(std::int64_t value) {
  return static_cast<double>(value);
}

/// Where bags begin in examples: two of five are empty, and some are nine times as long as others. What a bag
/// weighs comes again after 55 of them, so that each beginning is known without those before it.
class ExampleOffsets {
 public:
  ExampleOffsets(std::int64_t bags, std::int64_t lookups) : bags_(bags), lookups_(lookups) {
    for (std::int64_t k = 0; k < kPeriod; ++k)
      before_[at(k + 1)] = before_[at(k)] + (k * k + 1) % 5 * (k % 11 == 4 ? 9 : 1);
  }
  std::int64_t operator[](std::int64_t bag) const {
    return lookups_ * weight_before(bag) / weight_before(bags_);
  }
  std::vector<std::int32_t> all() const {
    std::vector<std::int32_t> offsets;
    for (std::int64_t k = 0; k <= bags_; ++k) offsets.push_back(static_cast<std::int32_t>((*this)[k]));
    return offsets;
  }

 private:
  static constexpr std::int64_t kPeriod = 55;
  static std::size_t at(std::int64_t k) { return static_cast<std::size_t>(k); }
  std::int64_t weight_before(std::int64_t bag) const {
    return bag / kPeriod * before_[at(kPeriod)] + before_[at(bag % kPeriod)];
  }
  std::int64_t bags_, lookups_;
  std::array<std::int64_t, kPeriod + 1> before_ = {};
};

/// The ids of these bags: every other table has a few popular rows.
Fill example_ids(const EmbeddingBag::Params& p) {
  const ExampleOffsets offsets(p.bags(), p.lookups);
  std::vector<Fill::Segment> segments;
  for (std::int64_t t = 0; t < p.tables_count(); ++t) {
    const std::int64_t count = p.one_hot ? p.batch : offsets[(t + 1) * p.batch] - offsets[t * p.batch];
    segments.push_back({.count = count,
                        .limit = p.table_rows[static_cast<std::size_t>(t)],
                        .skew = t % 2 == 0 ? 0 : 1.05,
                        .ranking = static_cast<std::uint64_t>(t)});
  }
  return Fill::segments(std::move(segments));
}

}  // namespace

std::int64_t EmbeddingBag::Params::all_rows() const {
  return std::accumulate(table_rows.begin(), table_rows.end(), std::int64_t{0});
}
std::int64_t EmbeddingBag::Params::row_bytes() const {
  return dim * bytes_of(row_type) + (row_type == DType::u8 ? kRowU8Tail : 0);
}
std::vector<std::int64_t> EmbeddingBag::Params::first_rows() const {
  std::vector<std::int64_t> first = {0};
  for (const std::int64_t rows : table_rows) first.push_back(first.back() + rows);
  return first;
}

EmbeddingBag::EmbeddingBag(const Params& params) : p(params) {
  require(!p.table_rows.empty() &&
              std::ranges::all_of(
                  p.table_rows, [](std::int64_t rows) { return rows >= 1 && rows <= std::int64_t{1} << 31; }),
          "a table without rows, or of more than ids can name");
  require(p.dim >= 1 && p.batch >= 1 && p.lookups >= 0 && p.lookups <= 1 << 30 && p.bags() <= 1 << 30,
          std::to_string(p.lookups) + " lookups of " + std::to_string(p.batch) + " samples in rows of " +
              std::to_string(p.dim));
  require(is_16_or_32(p.out) && (is_16_or_32(p.row_type) || p.row_type == DType::u8),
          "rows of " + std::string(name(p.row_type)) + " to " + std::string(name(p.out)));
  require(!p.one_hot || p.lookups == p.bags(), "one row a bag is as many lookups as bags");
  require(!p.weighted || p.pooling == Pooling::sum, "a mean of weighted rows");
}

// Tables that differ are told apart by a checksum of their rows: 26 numbers are no name.
std::string EmbeddingBag::shape() const {
  const auto [least, most] = std::ranges::minmax(p.table_rows);
  std::string rows = std::to_string(most), all;
  for (const std::int64_t of_table : p.table_rows) all += std::to_string(of_table) + " ";
  if (least != most) {
    char sum[24];
    std::snprintf(sum, sizeof sum, "#%08x", static_cast<unsigned>(random_key(0, all) >> 32));
    rows = "(" + std::to_string(least) + ".." + rows + " " + sum + ")";
  }
  return std::to_string(p.lookups) + " of " + std::to_string(p.tables_count()) + "x" + rows + "x" +
         std::to_string(p.dim) + " " + std::string(name(p.row_type)) + " to " + std::to_string(p.batch) +
         " samples " + std::string(name(p.out)) + (p.pooling == Pooling::mean ? " mean" : "") +
         (p.weighted ? " +weights" : "") + (p.one_hot ? " one-hot" : "") +
         (p.tables == Place::host ? " on the host" : "") + option("distinct", p.distinct_rows, 0) +
         option("longest", p.longest, 0);
}

// Fills that disagree with the parameters of a plan do no harm: a plan fills by its own.
std::vector<TensorSpec> EmbeddingBag::inputs() const {
  const bool bytes = p.row_type == DType::u8;
  std::vector<TensorSpec> specs = {{"rows",
                                    {p.all_rows(), p.dim + (bytes ? kRowU8Tail : 0)},
                                    p.row_type,
                                    bytes ? Fill::rows_u8(p.dim) : Fill::normal()},
                                   {"ids", {p.lookups}, DType::i32, example_ids(p)}};
  if (!p.one_hot)
    specs.push_back({"offsets",
                     {p.bags() + 1},
                     DType::i32,
                     Fill::integers(p.bags() + 1, [bags = p.bags(), lookups = p.lookups] {
                       return ExampleOffsets(bags, lookups).all();
                     })});
  if (p.weighted) specs.push_back({"w", {p.lookups}, DType::f32, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> EmbeddingBag::outputs() const {
  return {{"y", {p.batch, p.tables_count(), p.dim}, p.out}};
}

// A row that is looked up twice is read once. Where nobody counted which are, they are taken as all
// different.
std::optional<RandomReads> EmbeddingBag::random_reads() const {
  std::int64_t distinct = p.distinct_rows;
  if (distinct == 0 && p.one_hot)
    for (const std::int64_t of_table : p.table_rows) distinct += std::min(p.batch, of_table);
  if (distinct == 0) distinct = std::min(p.lookups, p.all_rows());
  return RandomReads{.rows = p.lookups,
                     .distinct_rows = distinct,
                     .row_bytes = p.row_bytes(),
                     .table_bytes = p.all_rows() * p.row_bytes(),
                     .path = p.tables == Place::host ? Path::host_link : Path::memory,
                     .cacheable = p.cacheable};
}

Cost EmbeddingBag::cost() const {
  const RandomReads reads = *random_reads();
  const double dim = real(p.dim), lookups = real(p.lookups), bags = real(p.bags());
  const double row_bytes = real(reads.distinct_rows) * real(reads.row_bytes);
  const double other_bytes = 4 * (lookups * (p.weighted ? 2 : 1) + (p.one_hot ? 0 : bags + 1));
  const double each = p.row_type == DType::u8 ? 2 : p.weighted ? 1 : 0;
  Cost cost{.flops = dim * (each * lookups + std::max(0.0, lookups - bags) +
                            (p.pooling == Pooling::mean && !p.one_hot ? bags : 0)),
            .bytes = in_memory({.read = other_bytes, .written = bytes_of(outputs())})};
  cost.bytes[reads.path].read += row_bytes;
  return cost;
}

std::optional<Place> EmbeddingBag::input_place(std::size_t input) const {
  if (input == kRows && p.tables == Place::host) return Place::host;
  return std::nullopt;
}

std::string EmbeddingBag::check_inputs(std::span<const TensorView> in) const {
  const auto bag = [&](std::int64_t k) {
    return "table " + std::to_string(k / p.batch) + ", bag " + std::to_string(k % p.batch);
  };
  const auto offset = [&](std::int64_t k) { return p.one_hot ? k : in[kOffsets].integer(k); };
  if (offset(0) != 0) return bag(0) + ": begins at lookup " + std::to_string(offset(0)) + " and not at 0";
  for (std::int64_t k = 0, begin = 0; k < p.bags(); ++k) {
    const std::int64_t end = offset(k + 1), rows = p.table_rows[static_cast<std::size_t>(k / p.batch)];
    if (end < begin || end > p.lookups)
      return bag(k) + ": lookups " + std::to_string(begin) + " to " + std::to_string(end) + " of " +
             std::to_string(p.lookups);
    for (; begin < end; ++begin) {
      const std::int64_t id = in[kIds].integer(begin);
      if (id < 0 || id >= rows)
        return bag(k) + ": row " + std::to_string(id) + " of " + std::to_string(rows) + ", at lookup " +
               std::to_string(begin);
    }
  }
  if (offset(p.bags()) != p.lookups)
    return bag(p.bags() - 1) + ": ends at lookup " + std::to_string(offset(p.bags())) + " of " +
           std::to_string(p.lookups);
  return "";
}

namespace {
/// The f32 that stands in four elements of a byte.
double float_at(const TensorView& bytes, std::int64_t index) {
  std::uint32_t bits = 0;
  for (std::int64_t i = 3; i >= 0; --i)
    bits = bits << 8 | static_cast<std::uint32_t>(bytes.integer(index + i));
  return static_cast<double>(std::bit_cast<float>(bits));
}
}  // namespace

void EmbeddingBag::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t table = unit % p.tables_count(), k = table * p.batch + unit / p.tables_count();
  const std::int64_t begin = p.one_hot ? k : in[kOffsets].integer(k),
                     end = p.one_hot ? k + 1 : in[kOffsets].integer(k + 1);
  const bool bytes = p.row_type == DType::u8;
  const std::int64_t width = p.dim + (bytes ? kRowU8Tail : 0);
  std::int64_t first_row = 0;
  for (std::int64_t t = 0; t < table; ++t) first_row += p.table_rows[static_cast<std::size_t>(t)];
  // By row, as rounding errors of one row that is added again and again all go one way: n of them err by up
  // to n / 4 of what they add up to, where n different ones err by sqrt(n) / 4 of it.
  std::vector<std::pair<std::int64_t, std::int64_t>> lookups;  // row, lookup
  for (std::int64_t j = begin; j < end; ++j) lookups.emplace_back(in[kIds].integer(j), j);
  std::ranges::sort(lookups);
  const auto dim = static_cast<std::size_t>(p.dim);
  std::vector<double> y(dim), squares(dim), of_row(dim);
  for (std::size_t first = 0, next = 0; first < lookups.size(); first = next) {
    std::ranges::fill(of_row, 0.0);
    for (; next < lookups.size() && lookups[next].first == lookups[first].first; ++next) {
      const std::int64_t row = (first_row + lookups[next].first) * width;
      const double w = p.weighted ? in[weights_input()][lookups[next].second] : 1;
      const double scale = bytes ? float_at(in[kRows], row + p.dim) : 1,
                   bias = bytes ? float_at(in[kRows], row + p.dim + 4) : 0;
      for (std::size_t c = 0; c < dim; ++c)
        of_row[c] += w * (in[kRows][row + static_cast<std::int64_t>(c)] * scale + bias);
    }
    const double one_way = std::max(1.0, static_cast<double>(next - first) / 16);
    for (std::size_t c = 0; c < dim; ++c) {
      y[c] += of_row[c];
      squares[c] += of_row[c] * of_row[c] * one_way;
    }
  }
  const double parts = p.pooling == Pooling::mean && end > begin ? real(end - begin) : 1;
  for (std::int64_t c = 0; c < p.dim; ++c) {
    const auto at = static_cast<std::size_t>(c);
    out.set_sum(0, unit * p.dim + c, y[at] / parts, std::sqrt(squares[at]) / parts);
  }
}

Tolerance EmbeddingBag::tolerance() const {
  if (p.one_hot && !p.weighted && p.row_type != DType::u8 && (p.out == DType::f32 || p.out == p.row_type))
    return exact("a copy");
  // A sum of L terms: L roundings of partial sums, which grow to the root of the sum of the terms' squares,
  // are some sqrt(L) / 4 of that root, and the worst of many elements five to eight times that. An error is
  // judged by that root (reference()), or by the outputs' rms, whichever is larger. Decoding and weights
  // round terms of a few times the rms of a row.
  const double mean = std::max(1.0, real(p.lookups) / real(p.bags()));
  const double longest = p.one_hot ? 1 : p.longest > 0 ? real(p.longest) : 10 * mean;
  return ToleranceSum(p.out)
      .roundings(1, "store")
      .f32_roundings(8 + 2 * std::sqrt(longest), "f32 sum of 2 sqrt(longest bag) + 8")
      .done();
}

std::vector<std::shared_ptr<const Op>> embedding_bag_examples() {
  using Pooling = EmbeddingBag::Pooling;
  const auto op = [](EmbeddingBag::Params params) {
    if (params.one_hot) {
      params.lookups = params.bags();
    } else {
      const std::vector<std::int32_t> offsets = ExampleOffsets(params.bags(), params.lookups).all();
      for (std::size_t k = 1; k < offsets.size(); ++k)
        params.longest = std::max<std::int64_t>(params.longest, offsets[k] - offsets[k - 1]);
    }
    return std::make_shared<const EmbeddingBag>(params);
  };
  // The tables of Criteo's terabyte of clicks, those of more than 5000 rows cut to that; DLRM-DCNv2 of MLPerf
  // looks 214 rows up a sample.
  std::vector<std::int64_t> criteo(26, 5000);
  for (const auto& [table, rows] : std::initializer_list<std::pair<std::size_t, std::int64_t>>{{5, 3},
                                                                                               {7, 1543},
                                                                                               {8, 63},
                                                                                               {12, 10},
                                                                                               {13, 2209},
                                                                                               {15, 155},
                                                                                               {16, 4},
                                                                                               {17, 976},
                                                                                               {18, 14},
                                                                                               {24, 108},
                                                                                               {25, 36}})
    criteo[table] = rows;
  return {
      op({.table_rows = {11, 3, 257}, .dim = 5, .batch = 7, .lookups = 67, .row_type = DType::f32}),
      op({.table_rows = {101, 1},
          .dim = 77,
          .batch = 9,
          .lookups = 90,
          .row_type = DType::f16,
          .pooling = Pooling::mean}),
      op({.table_rows = {64, 1000},
          .dim = 33,
          .batch = 6,
          .lookups = 50,
          .row_type = DType::bf16,
          .weighted = true}),
      op({.table_rows = {100, 90, 80},
          .dim = 13,
          .batch = 5,
          .lookups = 60,
          .row_type = DType::u8,
          .out = DType::bf16,
          .weighted = true}),
      op({.table_rows = {9, 500},
          .dim = 24,
          .batch = 19,
          .lookups = 0,
          .row_type = DType::bf16,
          .out = DType::bf16,
          .one_hot = true}),
      op({.table_rows = {40, 7, 200},
          .dim = 300,
          .batch = 3,
          .lookups = 70,
          .row_type = DType::f32,
          .pooling = Pooling::mean}),
      op({.table_rows = {5000}, .dim = 64, .batch = 1, .lookups = 1000, .row_type = DType::f32}),  // one long
                                                                                                   // bag
      // Some row is added to itself some fifty times.
      op({.table_rows = {1, 2}, .dim = 64, .batch = 64, .lookups = 6400, .row_type = DType::f32}),
      op({.table_rows = {3000, 50, 700, 1},
          .dim = 64,
          .batch = 32,
          .lookups = 1500,
          .row_type = DType::f16,
          .out = DType::f16,
          .weighted = true}),
      op({.table_rows = {2000, 300},
          .dim = 128,
          .batch = 16,
          .lookups = 400,
          .row_type = DType::u8,
          .out = DType::f32}),
      op({.table_rows = {2000, 300},
          .dim = 128,
          .batch = 16,
          .lookups = 400,
          .row_type = DType::bf16,
          .out = DType::bf16,
          .tables = Place::host}),
      op({.table_rows = {700, 300},
          .dim = 16,
          .batch = 33,
          .lookups = 0,
          .row_type = DType::u8,
          .out = DType::f16,
          .one_hot = true,
          .tables = Place::host}),
      op({.table_rows = criteo,
          .dim = 128,
          .batch = 64,
          .lookups = 64 * 214,
          .row_type = DType::bf16,
          .out = DType::bf16}),
      op({.table_rows = criteo,
          .dim = 128,
          .batch = 64,
          .lookups = 0,
          .row_type = DType::f32,
          .one_hot = true}),
  };
}

}  // namespace assay
