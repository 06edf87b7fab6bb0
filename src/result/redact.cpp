// SPDX-License-Identifier: Apache-2.0
#include "result/redact.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace assay {
namespace {

constexpr std::string_view kPath = "[path]";
constexpr std::string_view kGone = "[removed]";

bool contains(std::span<const std::string_view> all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Environment variables and properties that name one machine among its like.
bool identifies(std::string key) {
  static constexpr std::array<std::string_view, 10> kWords = {
      "host", "user", "uuid", "serial", "pci", "bus", "domain", "mac_", "address", "board_id"};
  std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return key.find(word) != std::string::npos; });
}

/// The words that name machine and user, and how text is cleaned of them and of paths.
class Cleaner {
 public:
  explicit Cleaner(const Result& result) {
    for (const auto& [key, value] : result.environment)
      if (identifies(key)) add(value);
    for (const DeviceResult& device : result.devices)
      for (const auto& [key, value] : device.properties)
        if (identifies(key)) add(value);
    learn(result.config);
    for (const CaseResult& c : result.cases) {
      learn(c.axes);
      learn(c.load);
    }
  }

  /// Free text: absolute and dotted paths, and the names. Relative ones are left: "GB/s" and case ids look
  /// alike.
  void clean(std::string& text) const {
    static constexpr std::string_view kBefore = " \t\n\"'`(=:,<[", kEnd = " \t\n\"'`),;<>]";
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::string_view rest = std::string_view(text).substr(at);
      const bool starts = at == 0 || kBefore.find(text[at - 1]) != std::string_view::npos;
      const bool path = rest.starts_with("~/") || rest.starts_with("./") || rest.starts_with("../") ||
                        (rest.size() > 1 && rest[0] == '/' && kEnd.find(rest[1]) == std::string_view::npos &&
                         rest[1] != '/');
      if (!starts || !path) continue;
      const std::size_t end = std::min(text.find_first_of(kEnd, at), text.size());
      text.replace(at, end - at, kPath);
      at += kPath.size() - 1;
    }
    remove_names(text);
  }

  /// Values of configs and axes: each path becomes its label.
  void clean(Json& value) const {
    if (value.is_string()) {
      auto& text = value.get_ref<std::string&>();
      if (const auto label = labels_.find(text); label != labels_.end())
        text = label->second;
      else if (is_path(text))
        text = kPath;
      clean(text);
    } else if (value.is_structured()) {
      for (Json& element : value) clean(element);
    }
  }

  /// "llm/model/bf16/draft=models/x,batch=1" or ".../run's name": the same labels, so that cases stay apart.
  void clean_id(std::string& id) const {
    for (const auto& [path, label] : labels_) {
      const std::string value = "=" + path;
      for (std::size_t at = id.find(value); at != std::string::npos; at = id.find(value, at + 1)) {
        const std::size_t end = at + value.size();
        if (end == id.size() || id[end] == ',' || id[end] == '/') id.replace(at + 1, path.size(), label);
      }
      if (id.ends_with("/" + path)) id.replace(id.size() - path.size(), path.size(), label);
    }
    clean(id);
  }

  /// An assay command line: what is not a subcommand or a known harmless option is a path.
  std::vector<std::string> clean(std::vector<std::string> words) const {
    static constexpr std::array<std::string_view, 16> kFlags = {"--quick",      "--no-time",
                                                                "--interleave", "--no-op-times",
                                                                "--no-probes",  "--choose-missing",
                                                                "--quiet",      "--verbose",
                                                                "-q",           "-v",
                                                                "--json",       "--redact",
                                                                "--help",       "-h",
                                                                "--version",    "--"};
    static constexpr std::array<std::string_view, 9> kHarmless = {
        "--device", "--set", "--only", "--kernel", "--format", "--color", "-f", "--op", "--order-seed"};
    std::string option;
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string& word = words[i];
      if (i == 0) {
        word = "assay";
      } else if (word.starts_with('-')) {
        const std::size_t equals = word.find('=');
        option = contains(kFlags, word) || equals != std::string::npos ? "" : word;
        if (equals != std::string::npos && !contains(kHarmless, word.substr(0, equals)))
          word = word.substr(0, equals + 1) + std::string(kPath);
      } else if (option == "--set") {  // /json/pointer=VALUE: the pointer is no path, its value may be one
        const std::size_t equals = std::min(word.find('='), word.size() - 1);
        std::string value = word.substr(equals + 1);
        if (value.find_first_of("/\\") != std::string::npos || value.find(".json") != std::string::npos)
          value = kPath;
        word = word.substr(0, equals + 1) + value;
        option.clear();
      } else if (contains(kHarmless, option)) {
        if (option == "--only") clean(word);  // ids hold what axes hold
        option.clear();
      } else if (i > 1) {  // the word at 1 is the subcommand
        word = kPath;
        option.clear();
      }
      remove_names(word);
    }
    return words;
  }

  /// The same of a line for a shell; quotes stay with their word.
  std::string clean_line(const std::string& line) const {
    std::vector<std::string> words(1);
    char quote = 0;
    for (const char c : line) {
      if (quote == 0 && c == ' ') {
        if (!words.back().empty()) words.emplace_back();
        continue;
      }
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
      words.back() += c;
    }
    std::string out;
    for (const std::string& word : clean(std::move(words))) out += (out.empty() ? "" : " ") + word;
    return out;
  }

 private:
  /// Anything with a slash or a file's ending is a path in a config.
  static bool is_path(std::string_view text) {
    return text.find_first_of("/\\") != std::string_view::npos || text.ends_with(".json");
  }
  void learn(const Json& value) {
    if (value.is_string() && is_path(value.get_ref<const std::string&>())) {
      const std::string number = labels_.empty() ? "" : " " + std::to_string(labels_.size() + 1);
      labels_.emplace(value.get<std::string>(), "[path" + number + "]");
    } else if (value.is_structured()) {
      for (const Json& element : value) learn(element);
    }
  }
  void remove_names(std::string& text) const {
    for (const std::string& name : names_)
      for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + kGone.size()))
        text.replace(at, name.size(), kGone);
  }
  void add(const std::string& name) {
    if (name.size() >= 3) names_.insert(name);  // shorter ones would eat parts of other words
  }
  std::set<std::string> names_;
  std::map<std::string, std::string> labels_;  // of the paths in configs and axes: "[path]", "[path 2]", ...
};

void drop_identifying(std::map<std::string, std::string>& facts) {
  std::erase_if(facts, [](const auto& fact) { return identifies(fact.first); });
}

}  // namespace

void redact(Result& result) {
  const Cleaner cleaner(result);
  drop_identifying(result.environment);
  for (auto& [key, value] : result.environment) cleaner.clean(value);
  result.command = cleaner.clean(std::move(result.command));
  cleaner.clean(result.config);
  cleaner.clean(result.name);
  for (std::string& warning : result.warnings) cleaner.clean(warning);
  if (result.interleaving) cleaner.clean(result.interleaving->partner);
  for (DeviceResult& device : result.devices) {
    drop_identifying(device.properties);
    for (auto& [key, value] : device.properties) cleaner.clean(value);
  }
  for (CaseResult& c : result.cases) {
    const std::string id = c.id;
    cleaner.clean_id(c.id);
    cleaner.clean(c.axes);
    cleaner.clean(c.load);
    cleaner.clean(c.model);
    cleaner.clean(c.run);
    cleaner.clean(c.weights);
    for (std::string& warning : c.warnings) cleaner.clean(warning);
    for (Fact& fact : c.facts) cleaner.clean(fact.value);
    if (c.reason) cleaner.clean(*c.reason);
    // Its --only is a pattern of the id, which redaction would have to take apart: it goes where the id
    // changed.
    if (const std::size_t only = c.repro.find(" --only "); c.id != id && only != std::string::npos)
      c.repro.resize(only);
    if (!c.repro.empty()) c.repro = cleaner.clean_line(c.repro);
    if (!c.verification) continue;
    for (OpVerification& op : c.verification->ops) cleaner.clean(op.reason);
  }
}

}  // namespace assay
