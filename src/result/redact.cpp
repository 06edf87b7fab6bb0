// SPDX-License-Identifier: Apache-2.0
// Every text is cleaned that describe() reaches, so that a new field needs nothing here. What is treated
// otherwise stands in this file, each with its reason.
#include "result/redact.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "result/command_cleaner.h"
#include "result/each_text.h"
#include "result/identifying.h"
#include "result/result_fields.h"
#include "result/text_cleaner.h"

namespace assay {
namespace {

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Names that the program gave, or that stand in ids: what a text may hold with a slash and be no path.
void learn_words(TextCleaner& cleaner, const Result& result) {
  for (const DeviceResult& device : result.devices) cleaner.know(device.kind);
  for (const CaseResult& one : result.cases) {
    for (const std::string* name : {&one.workload, &one.model, &one.run}) cleaner.know(*name);
    for (const Json* keyed : {&one.axes, &one.load}) {
      cleaner.know_keys(*keyed);
      for (const auto& [key, value] : keyed->items()) {
        cleaner.know(key);
        if (value.is_string()) cleaner.know(value.get_ref<const std::string&>());
      }
    }
    for (const auto& [name, series] : one.series) cleaner.know(name);
    for (const StageResult& stage : one.stages) {
      cleaner.know(stage.name);
      for (const OpResult& op : stage.ops) {
        for (const std::string* name : {&op.name, &op.part, &op.kind, &op.kernel}) cleaner.know(*name);
        for (const auto& [kernel, seconds] : op.rejected) cleaner.know(kernel);
      }
    }
    for (const ChoiceResult& choice : one.choices) {
      cleaner.know(choice.op);
      cleaner.know(choice.kernel);
    }
    if (!one.verification) continue;
    for (const OpVerification& op : one.verification->ops) {
      cleaner.know(op.op);
      cleaner.know(op.kernel);
    }
  }
  cleaner.know_keys(result.config);
}

void learn_names(TextCleaner& cleaner, Result& result) {
  const auto learn = [&](const std::map<std::string, std::string>& facts) {
    for (const auto& [key, value] : facts)
      if (identifies(key)) cleaner.forget(value);
  };
  learn(result.environment);
  for (const DeviceResult& device : result.devices) learn(device.properties);
  cleaner.forget_named(result.config);
  for (const CaseResult& one : result.cases) {
    cleaner.forget_named(one.axes);
    cleaner.forget_named(one.load);
    // The folder of a checkpoint. Where ids call the model the same, it is the model's name.
    if (!same_but_for_case(one.weights, one.model) && !cleaner.is_known(one.weights))
      cleaner.forget(one.weights);
  }
  EachText([&](std::string_view key, std::string& text) {
    if (key == "jpeg_base64") return;
    if (text.find("ome/") != std::string::npos || text.find("sers") != std::string::npos)
      cleaner.forget_users(text);
  }).each("", result);
}

/// A result's own texts, once everything is learned.
class Redaction {
 public:
  explicit Redaction(TextCleaner& cleaner) : cleaner_(cleaner) {}

  void clean(Result& result) {
    drop_identifying(result.environment);
    for (DeviceResult& device : result.devices) drop_identifying(device.properties);
    blank_named(result.config);
    result.command = clean_command(cleaner_, std::move(result.command));
    cleaner_.clean(result.label);  // stands in no file, so that describe() does not know it
    for (CaseResult& one : result.cases) clean(one);
    EachText([this](std::string_view key, std::string& text) { clean(key, text); }).each("", result);
  }

 private:
  void clean(CaseResult& one) {
    const std::string id = one.id;
    one.id = id_of(id);
    blank_named(one.axes);
    blank_named(one.load);
    // A folder's name has no form to know it by; that of a published checkpoint is its model's.
    if (one.weights != "seed" && !same_but_for_case(one.weights, one.model) && !one.weights.empty())
      one.weights = kPathGone;
    // Its --only is a pattern of the id, which redaction would have to take apart: it goes where the id
    // changed.
    if (const std::size_t only = one.repro.find(" --only "); one.id != id && only != std::string::npos)
      one.repro.resize(only);
    if (!one.repro.empty()) one.repro = clean_command_line(cleaner_, one.repro);
  }

  void clean(std::string_view key, std::string& text) {
    if (key == "command" || key == "repro") return;  // words whose place says what they are: done above
    if (key == "jpeg_base64") {                      // it looks like a path; what is no picture goes
      if (!is_jpeg(text)) text.clear();
    } else if (key == "source") {  // of a datasheet's figure
      cleaner_.clean_source(text);
    } else if (key == "id") {  // of a case: done above, and nothing is left to do
      cleaner_.clean_id(text);
    } else {
      cleaner_.clean(text);
    }
  }

  /// Cases that differed still differ, and one case is the same on every device and in every result.
  std::string id_of(const std::string& was) {
    const auto [found, is_new] = ids_.try_emplace(was, was);
    if (!is_new) return found->second;
    cleaner_.clean_id(found->second);
    found->second = unlike_others(found->second, [&](const std::string& id) { return taken_.contains(id); });
    taken_.insert(found->second);
    return found->second;
  }

  static bool is_jpeg(std::string_view base64) {
    const std::string_view body = base64.substr(0, base64.find('=')), rest = base64.substr(body.size());
    return body.starts_with("/9j/") && (rest.empty() || rest == "=" || rest == "==") &&
           std::ranges::all_of(body, [](char c) {  // of megabytes: no call of the library's for each
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '/' && c <= '9') || c == '+';
           });
  }

  static void drop_identifying(std::map<std::string, std::string>& facts) {
    std::erase_if(facts, [](const auto& fact) { return identifies(fact.first); });
  }

  /// {"host": "node-7"}: texts under such a key, of whatever form.
  static void blank_named(Json& value) {
    if (!value.is_structured()) return;
    for (auto& [key, element] : value.items()) {
      if (value.is_object() && element.is_string() && identifies(key))
        element = kNameGone;
      else
        blank_named(element);
    }
  }

  TextCleaner& cleaner_;
  std::map<std::string, std::string> ids_;
  std::set<std::string> taken_;
};

}  // namespace

void redact(std::span<Result> results, std::span<std::string> texts, std::span<const std::string> names) {
  TextCleaner cleaner;
  for (const Result& result : results) learn_words(cleaner, result);
  for (const std::string& name : names) cleaner.forget(name);
  for (Result& result : results) learn_names(cleaner, result);
  for (const Result& result : results) {
    cleaner.label_paths(result.config);
    for (const CaseResult& one : result.cases) {
      cleaner.label_paths(one.axes);
      cleaner.label_paths(one.load);
    }
  }
  Redaction redaction(cleaner);
  for (Result& result : results) redaction.clean(result);
  for (std::string& text : texts) cleaner.clean(text);
}

void redact(Result& result) {
  redact({&result, 1}, {}, {});
}

}  // namespace assay
