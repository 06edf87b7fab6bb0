// SPDX-License-Identifier: Apache-2.0
// What the op contracts share: numbers in shape() texts, and tolerances that are sums of named parts.
#pragma once

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "plan/op.h"

namespace assay {

/// The shortest decimal that reads back as the same float, so that two shapes never look alike: "0.3",
/// "1e-06".
inline std::string text_of(float value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

/// " +name value" where a parameter is not at its usual value, else nothing.
inline std::string option(std::string_view name, float value, float usual) {
  return value == usual ? std::string() : " +" + std::string(name) + " " + text_of(value);
}
inline std::string option(std::string_view name, std::int64_t value, std::int64_t usual) {
  return value == usual ? std::string() : " +" + std::string(name) + " " + std::to_string(value);
}

/// The tolerance of values stored as one dtype: its epsilon times a sum of parts in units of that epsilon,
/// since errors of different origin add up. The parts stand in the factor's name, so that none is widened in
/// silence.
class ToleranceSum {
 public:
  explicit ToleranceSum(DType stored) : stored_(stored) {}

  /// `count` roundings to the stored dtype.
  ToleranceSum& roundings(double count, std::string_view of) { return add(count, of); }
  /// `count` roundings in f32, where kernels compute.
  ToleranceSum& f32_roundings(double count, std::string_view of) {
    return error(count * epsilon(DType::f32), of);
  }
  /// A relative error of another origin.
  ToleranceSum& error(double relative, std::string_view of) { return add(relative / epsilon(stored_), of); }

  Tolerance done() const { return {{epsilon_factor(stored_), {"(" + text_ + ")", sum_}}}; }

 private:
  ToleranceSum& add(double value, std::string_view of) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.3g ", value);
    text_ += (text_.empty() ? "" : " + ") + std::string(digits) + std::string(of);
    sum_ += value;
    return *this;
  }

  DType stored_;
  double sum_ = 0;
  std::string text_;
};

/// The tolerance of an op that only copies or chooses.
inline Tolerance exact(std::string_view why) {
  return {{{"exact: " + std::string(why), 0}}};
}

}  // namespace assay
