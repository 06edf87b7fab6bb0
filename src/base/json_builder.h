// SPDX-License-Identifier: Apache-2.0
// Builds a JSON value from the events of nlohmann's parser, in linear time but for the set of keys: that
// library's own builder looks each key up among those before it, which in an object that keeps its order is a
// walk over all of them (tens of thousands of tensor names would take seconds). Refuses what the parser would
// let pass: a key that stands twice, and depth.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace assay {

/// `AnyJson`: a basic_json whose objects are vectors of key and value (Json; a test counts look-ups in its
/// own).
template <typename AnyJson>
class JsonBuilder {
 public:
  /// `name` stands for the text in complaints.
  JsonBuilder(std::string name, std::size_t depth_limit)
      : name_(std::move(name)), depth_limit_(depth_limit) {}

  struct Problem {
    std::size_t at = 0;         // bytes read when it was seen
    bool out_of_range = false;  // a number that no double holds; else not JSON
  };
  const Problem& problem() const { return problem_; }  // where parsing gave false
  AnyJson take() { return std::move(root_); }

  // What nlohmann's parser calls.
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(typename AnyJson::number_integer_t value) { return add(value); }
  bool number_unsigned(typename AnyJson::number_unsigned_t value) { return add(value); }
  bool number_float(typename AnyJson::number_float_t value, const typename AnyJson::string_t&) {
    return add(value);
  }
  bool string(typename AnyJson::string_t& value) { return add(std::move(value)); }
  bool binary(typename AnyJson::binary_t&) { return false; }  // never of text
  bool start_object(std::size_t) {
    keys_.emplace_back();
    open(AnyJson::object());
    open_.back()->template get_ref<typename AnyJson::object_t&>().reserve(
        8);  // keys are copied when it grows
    return true;
  }
  bool start_array(std::size_t) { return open(AnyJson::array()); }
  bool key(typename AnyJson::string_t& key) {
    if (!is_new(key)) fail("the key \"" + key + "\" stands twice in one object", "remove one of the two");
    key_ = std::move(key);
    return true;
  }
  bool end_object() {
    keys_.pop_back();
    return end_array();
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const typename AnyJson::exception& error) {
    constexpr int kNumberOverflow = 406;
    problem_ = {position, error.id == kNumberOverflow};
    return false;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw Error(ExitCode::bad_input, name_ + ": " + what, hint);
  }
  /// Whether the open object has no such key yet. Of a few keys a walk is cheaper than a set.
  bool is_new(const typename AnyJson::string_t& key) {
    constexpr std::size_t kFew = 24;
    const auto& members = open_.back()->template get_ref<const typename AnyJson::object_t&>();
    if (members.size() < kFew)
      return std::none_of(members.begin(), members.end(), [&](const auto& m) { return m.first == key; });
    std::set<std::string>& keys = keys_.back();
    if (keys.empty())
      for (const auto& member : members) keys.insert(member.first);
    return keys.insert(key).second;
  }
  bool open(AnyJson empty) {
    if (open_.size() >= depth_limit_)
      fail("is nested too deeply", "at most " + std::to_string(depth_limit_) + " levels are read");
    open_.push_back(place(std::move(empty)));
    return true;
  }
  template <typename T>
  bool add(T&& value) {
    place(AnyJson(std::forward<T>(value)));
    return true;
  }
  /// Where the value now stands: until its parent grows, which it does not while the value is open.
  AnyJson* place(AnyJson&& value) {
    if (open_.empty()) return &(root_ = std::move(value));
    AnyJson& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    auto& members = parent.template get_ref<typename AnyJson::object_t&>();
    members.emplace_back(std::move(key_), std::move(value));  // a vector's: looks nothing up
    return &members.back().second;
  }

  const std::string name_;
  const std::size_t depth_limit_;
  Problem problem_;
  AnyJson root_;
  std::vector<AnyJson*> open_;
  std::vector<std::set<std::string>> keys_;  // of the open objects, where they have more than a few
  std::string key_;
};

}  // namespace assay
