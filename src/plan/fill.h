// SPDX-License-Identifier: Apache-2.0
// How a tensor is filled before a run. What element i of it is stands in plan/fill_function.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace assay {

class FillSegments;
template <typename T>
class LazyList;

/// Data tensors are random (`normal`); the rest is control: indices, positions, tables. Zeros and constants
/// are never benchmark data.
struct Fill {
  enum class Kind : std::uint8_t {
    normal,
    index,
    permutation,
    cycle,
    constant,
    values,
    zipf,
    integers,
    segments,
    rows_u8,
    bytes
  };
  Kind kind = Kind::normal;
  double mean = 0, deviation = 1;  // normal
  std::int64_t limit = 0;          // index, zipf: rows in [0, limit), at most 2^31. cycle: i mod limit.
                                   // rows_u8: values of a row
  std::int64_t start = 0;          // constant: every element. cycle: start + (i mod limit) * step
  std::int64_t step = 1;           // cycle
  std::shared_ptr<const LazyList<float>> data;  // values: computed by the workload (rotary tables)
  double skew = 0;                              // zipf: P(rank) ~ (rank + 1)^-skew
  /// zipf: which row has which rank. Apart from the tensor's key, so that passes that draw other ids still
  /// find the same rows popular.
  std::uint64_t ranking = 0;
  std::shared_ptr<const LazyList<std::int32_t>> listed;   // integers
  std::shared_ptr<const FillSegments> parts;              // segments
  std::shared_ptr<const std::vector<std::uint8_t>> file;  // bytes

  /// The next `count` elements of a tensor: a zipf fill of their own.
  struct Segment {
    std::int64_t count, limit;
    double skew = 0;
    std::uint64_t ranking = 0;
  };

  static Fill normal(double deviation = 1, double mean = 0);
  static Fill index(std::int64_t limit);  // integers, uniform
  static Fill permutation();              // integers, each of 0..elements-1 once
  static Fill cycle(std::int64_t limit, std::int64_t start = 0, std::int64_t step = 1);
  static Fill constant(std::int64_t value);
  static Fill values(std::vector<float> data);
  /// `count` of them, made when first asked for.
  static Fill values(std::int64_t count, std::function<std::vector<float>()> make);
  /// Integers: rows of popularity that falls as a power of the rank (base/zipf.h), the popular ones scattered
  /// over [0, limit). Skew 0 is uniform; real traffic is near 1.
  static Fill zipf(std::int64_t limit, double skew, std::uint64_t ranking = 0);
  /// Integers as a workload computed them (where bags begin), all of i32.
  static Fill integers(std::vector<std::int32_t> listed);
  static Fill integers(std::int64_t count, std::function<std::vector<std::int32_t>()> make);
  /// Bytes as a workload has them (encoded pictures); shared, since they may be many.
  static Fill bytes(std::shared_ptr<const std::vector<std::uint8_t>> file);
  /// Integers: the rows that lookups in several tables name, table after table.
  static Fill segments(std::vector<Segment> parts);
  /// Bytes: rows of `values` random ones each, and behind them a scale and a bias of the row as f32: the
  /// values times the scale and the bias lie within +-3, with a mean of about 0
  /// (kernels/embedding_bag/embedding_bag.h).
  static Fill rows_u8(std::int64_t values);
};

/// Bytes of scale and bias behind the values of a row.
inline constexpr std::int64_t kRowU8Tail = 8;

/// From the tensor's key: what is not is the same in every pass.
bool is_drawn(const Fill& fill);

}  // namespace assay
