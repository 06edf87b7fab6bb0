// SPDX-License-Identifier: Apache-2.0
// Elements that a workload lists for a fill, made when somebody first wants them: most plans are made to be
// looked at, and a rotary table of a long context has millions of sines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace assay {

template <typename T>
class LazyList {
 public:
  /// `make` gives `count` elements; it is called once at most, and keeps all that it needs.
  LazyList(std::int64_t count, std::function<std::vector<T>()> make)
      : count_(count), make_(std::move(make)) {}

  std::int64_t size() const { return count_; }
  bool operator==(const std::vector<T>& other) const {
    return size() == static_cast<std::int64_t>(other.size()) &&
           std::equal(other.begin(), other.end(), data());
  }
  /// For several threads at once.
  const T* data() const {
    std::call_once(made_, [this] {
      values_ = make_();
      if (static_cast<std::int64_t>(values_.size()) != count_)
        throw std::logic_error("fill: " + std::to_string(values_.size()) + " elements made instead of " +
                               std::to_string(count_));
    });
    return values_.data();
  }

 private:
  const std::int64_t count_;
  const std::function<std::vector<T>()> make_;
  mutable std::once_flag made_;
  mutable std::vector<T> values_;
};

}  // namespace assay
