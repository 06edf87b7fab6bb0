// SPDX-License-Identifier: Apache-2.0
// Text without what identifies a machine, a person or a customer.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/json_fields.h"

namespace assay {

inline constexpr std::string_view kPathGone = "[path]";
inline constexpr std::string_view kNameGone = "[removed]";
inline constexpr std::string_view kAddressGone = "[address]";

/// Learns first, then cleans. Paths, files' names and addresses it knows by their form; names of machines and
/// people have none, and are learned from where they stand alone.
///
/// A relative path looks like "conv2d/cudnn", "llm/qwen2.5-0.5b/bf16" or "tokens/s". It is taken for a path
/// unless every part of it is a number, a unit, or a word that a result uses as a name: what is not known
/// goes.
class TextCleaner {
 public:
  TextCleaner();

  /// The words of a name that holds no path, e.g. of a kernel, a workload, an axis.
  void know(std::string_view name);
  /// Keys of a config: "/load/batch" is a place in one, and stays.
  void know_keys(const Json& config);
  /// What names a machine or a person, to be removed wherever it stands.
  void forget(std::string_view name);
  /// The same of what paths and keys in the text, or the JSON value, give away: "/home/jo" is jo's.
  void forget_users(std::string_view text);
  void forget_named(const Json& value);
  /// Paths in configs and axes get a label each, so that cases that differ in one stay apart.
  void label_paths(const Json& config);

  void clean(std::string& text);
  /// A case's id: labels stand also where more of the id follows.
  void clean_id(std::string& id);
  /// "https://www.nvidia.com/..." stays in it: a vendor's own page is no secret of a customer's.
  void clean_source(std::string& text);

  bool is_known(std::string_view word) const { return words_.contains(word); }
  /// "/load/batch"
  bool is_pointer(std::string_view text) const;

 private:
  std::string cleaned(const std::string& text, bool source) const;
  void replace_labelled(std::string& text, std::string_view may_follow) const;
  std::string without_paths(std::string_view text, bool source) const;
  std::string chunk(std::string_view text, bool source) const;
  std::string part(std::string_view text) const;
  bool is_harmless(std::string_view relative) const;
  bool is_whole_path(const std::string& value) const;
  void label(const std::string& path, std::string_view key);
  void label_paths(const Json& value, std::string_view key);
  void remove_names(std::string& text) const;

  std::set<std::string, std::less<>> words_, keys_;
  std::set<std::string, std::less<>> names_;   // in lower case
  std::map<std::string, std::string> labels_;  // of the paths in configs and axes: "[path]", "[path 2]", ...
  std::unordered_map<std::string, std::string> seen_;  // most texts of a result stand in it often
};

}  // namespace assay
