// SPDX-License-Identifier: Apache-2.0
#include "reports/verdict.h"

#include <fmt/format.h>

#include "base/units.h"
#include "reports/formats.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kCommentLimit = 65536;  // characters of a comment at GitHub

Notice::Tone tone_of(Outcome outcome) {
  return outcome == Outcome::pass   ? Notice::Tone::good
         : outcome == Outcome::fail ? Notice::Tone::bad
                                    : Notice::Tone::care;
}

Text outcome_text(const GateEntry& entry) {
  switch (entry.verdict) {
    case Outcome::pass: return Text().add(entry.known.empty() ? "pass" : "known", Span::Style::good);
    case Outcome::fail: return Text().add("fail", Span::Style::bad);
    case Outcome::cannot_tell: break;
  }
  return "cannot tell";
}

bool is_loss(const GateEntry& entry) {
  return entry.catches.has_value() || entry.base.has_value();
}

std::string value_text(const GateEntry& entry, const std::optional<double>& value) {
  if (!value) return std::string(kUnknown);
  return is_loss(entry) ? change_text(*value) : quantity_text(*value, entry.unit);
}

std::string interval_text(const GateEntry& entry) {
  if (!entry.low || !entry.high) return std::string(kUnknown);
  return value_text(entry, entry.low) + " to " + value_text(entry, entry.high);
}

std::string sessions_text(const GateEntry& entry) {
  if (entry.base_sessions == 0) return count_text(entry.candidate_sessions);
  return count_text(entry.base_sessions) + " and " + count_text(entry.candidate_sessions) +
         (entry.turns ? " in turn" : "");
}

Table table_of(std::string caption) {
  return {.caption = std::move(caption),
          .columns = {{"Case", false},
                      {"Figure", false},
                      {"Cost", true},
                      {"95 % interval", true},
                      {"Allowed", true},
                      {"Must be caught", true},
                      {"p over all", true},
                      {"Sessions", true},
                      {"Verdict", false}},
          .rows = {}};
}

void add_row(Table& table, const GateEntry& entry) {
  table.rows.push_back({Text().code(entry.case_id), metric_label(entry.metric),
                        Text().strong(value_text(entry, entry.value)), interval_text(entry),
                        entry.bound ? value_text(entry, entry.bound) : std::string(kUnknown),
                        entry.catches ? value_text(entry, entry.catches) : std::string(kUnknown),
                        entry.p_adjusted ? number_text(*entry.p_adjusted, 2) : std::string(kUnknown),
                        sessions_text(entry), outcome_text(entry)});
}

void add_list(std::vector<Block>& out, const std::string& heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out.push_back(Heading{2, heading});
  Bullets bullets;
  for (const std::string& one : lines) bullets.items.emplace_back(one);
  out.push_back(std::move(bullets));
}

void add_reasons(std::vector<Block>& out, const GateVerdict& verdict) {
  Bullets bullets;
  for (const GateEntry& entry : verdict.entries) {
    if (entry.why.empty() && entry.known.empty()) continue;
    Text text;
    text.code(entry.case_id).add(", " + metric_label(entry.metric) + ": ");
    text.add(entry.known.empty() ? entry.why : "known: " + entry.known);
    if (!entry.advice.empty()) text.add(". " + capitalised(entry.advice) + ".");
    bullets.items.push_back(std::move(text));
  }
  if (!bullets.items.empty()) out.push_back(std::move(bullets));
}

void add_differences(std::vector<Block>& out, const GateVerdict& verdict) {
  if (verdict.differences.empty()) return;
  out.push_back(Heading{2, "What makes them no fair comparison"});
  Table table{.caption = "",
              .columns = {{"Key", false},
                          {"What", false},
                          {"Baseline", false},
                          {"Candidate", false},
                          {"Allowed", false}},
              .rows = {}};
  for (const GateDifference& d : verdict.differences)
    table.rows.push_back({Text().code(d.key), d.what, d.base, d.candidate, d.allowed ? "yes" : "no"});
  out.push_back(std::move(table));
  if (!verdict.comparable())
    out.push_back(Paragraph{Text("Measure both under the same conditions, or say which keys may differ: ")
                                .code("--allow-different KEY")});
}

}  // namespace

Document verdict_document(const GateVerdict& verdict, std::size_t most_rows) {
  Document document{.title = "Performance gate: " + spaced(name_of(verdict.verdict)),
                    .subtitle = verdict.candidate + " against " + verdict.baseline + ", limits " +
                                (verdict.limits.empty() ? "without a name" : "\"" + verdict.limits + "\""),
                    .blocks = {}};
  auto& out = document.blocks;
  out.push_back(Notice{tone_of(verdict.verdict), Text(capitalised(verdict.summary) + ".")});
  Table open = table_of("Limits that do not hold, or of which it cannot be told; a cost above 0 is a loss"),
        held = table_of("Limits that hold");
  for (const GateEntry& entry : verdict.entries) {
    if (entry.verdict != Outcome::pass)
      add_row(open, entry);
    else if (held.rows.size() < most_rows)
      add_row(held, entry);
  }
  if (!open.rows.empty()) out.push_back(open);
  add_reasons(out, verdict);
  add_list(out, "Numerically wrong", verdict.wrong);
  add_list(out, "Missing", verdict.missing);
  add_differences(out, verdict);
  if (!held.rows.empty()) {
    out.push_back(Heading{2, "What holds"});
    out.push_back(held);
    if (static_cast<std::size_t>(verdict.passed) > held.rows.size())
      out.push_back(Paragraph{"Further limits hold; verdict.json has them all."});
  }
  add_list(out, "Notes", verdict.notes);
  out.push_back(
      Paragraph{Text(fmt::format("Fail: beyond what is allowed, and significant among all {} figures (Holm). "
                                 "Pass: neither, and what must be "
                                 "caught is excluded with 95 %. All else cannot be told, which is no pass.",
                                 count_text(verdict.questions)))});
  return document;
}

std::string pull_request_markdown(const GateVerdict& verdict) {
  for (const std::size_t rows : {200, 50, 10, 0}) {
    std::string text = markdown_of(verdict_document(verdict, rows)).text;
    if (text.size() <= kCommentLimit) return text;
  }
  // Hundreds of failures: the sum, and where to read on.
  GateVerdict shorter = verdict;
  shorter.entries.resize(std::min<std::size_t>(shorter.entries.size(), 40));
  shorter.missing.resize(std::min<std::size_t>(shorter.missing.size(), 20));
  shorter.differences.resize(std::min<std::size_t>(shorter.differences.size(), 20));
  shorter.notes = {"this is cut to what a comment may hold: verdict.json has all of it"};
  std::string text = markdown_of(verdict_document(shorter, 0)).text;
  if (text.size() > kCommentLimit) text.resize(kCommentLimit);
  return text;
}

std::string verdict_text(const GateVerdict& verdict) {
  std::string text;
  for (const GateDifference& d : verdict.differences)
    if (!d.allowed)
      text += fmt::format("not comparable: {} ({}): {} and {}\n", d.key, d.what, d.base, d.candidate);
  for (const auto* list : {&verdict.wrong, &verdict.missing})
    for (const std::string& one : *list) text += one + "\n";
  for (const GateEntry& entry : verdict.entries) {
    if (entry.verdict == Outcome::pass && entry.known.empty()) continue;
    text += fmt::format("{}: {}, {}: {} [{}]; {}\n",
                        entry.known.empty() ? spaced(name_of(entry.verdict)) : "known", entry.case_id,
                        entry.metric, value_text(entry, entry.value), interval_text(entry),
                        entry.known.empty() ? entry.why : entry.known);
    if (!entry.advice.empty()) text += "  hint: " + entry.advice + "\n";
  }
  return text + spaced(name_of(verdict.verdict)) + ": " + verdict.summary + "\n";
}

}  // namespace assay
