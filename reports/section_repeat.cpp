// SPDX-License-Identifier: Apache-2.0
// How to make the figures again, and how to tell whether a file is what the report was made of.
#include <set>

#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// As a shell reads it.
std::string quoted(const std::string& word) {
  const bool plain =
      !word.empty() &&
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%[]") ==
          std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

void add_data(Blocks& out, const Status& status) {
  Table table{.caption = "Result files, by what sha256sum says of them",
              .columns = {{"Result", false}, {"SHA-256", false}},
              .rows = {}};
  for (const DataFile& file : status.data)
    if (!file.sha256.empty()) table.rows.push_back({file.label, Text().code(file.sha256)});
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_runs(Blocks& out, const ReportInput& input) {
  for (const Result& result : input.results) {
    std::string line;
    for (const std::string& word : result.command) line += (line.empty() ? "" : " ") + quoted(word);
    if (line.empty()) continue;
    const bool named = input.results.size() > 1 && !shown_name(result).empty();
    out.push_back(
        Paragraph{Text("The whole run" + (named ? " of " + shown_name(result) : std::string()) + ":")});
    out.push_back(Code{line});
  }
}

/// A case on two devices has one line.
void add_cases(Blocks& out, const ReportInput& input) {
  std::string lines;
  std::set<std::string> said;
  for (const CaseSummary& c : input.summary.cases) {
    const std::string& repro = input.results[c.result].cases[c.index].repro;
    if (!repro.empty() && said.insert(repro).second) lines += (lines.empty() ? "" : "\n") + repro;
  }
  if (lines.empty()) return;
  out.push_back(Paragraph{Text("Each case alone:")});
  out.push_back(Code{lines});
}

}  // namespace

void add_repeat_section(Blocks& out, const ReportInput& input) {
  out.push_back(Heading{2, "How to repeat it"});
  add_runs(out, input);
  add_cases(out, input);
  add_data(out, input.status);
}

}  // namespace assay
