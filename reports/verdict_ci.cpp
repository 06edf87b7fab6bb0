// SPDX-License-Identifier: Apache-2.0
// A verdict as CI systems read it.
#include <fmt/format.h>

#include "reports/escape.h"
#include "reports/metric_text.h"
#include "reports/verdict.h"

namespace assay {
namespace {

std::string attribute(const std::string& text) {
  return "\"" + escape_html(text) + "\"";
}

std::string test_case(const std::string& of, const std::string& name, const std::string& body) {
  return "    <testcase classname=" + attribute(of) + " name=" + attribute(name) +
         (body.empty() ? "/>\n" : ">\n      " + body + "\n    </testcase>\n");
}

std::string complaint(std::string_view element, const std::string& message, const std::string& text) {
  return fmt::format("<{0} message={1}>{2}</{0}>", element, attribute(message), escape_html(text));
}

/// GitHub's escapes of data, and of properties, which end at a comma or a colon.
std::string escaped(const std::string& text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\n')
      out += "%0A";
    else if (c == '\r')
      out += "%0D";
    else if (property && (c == ':' || c == ','))
      out += c == ':' ? "%3A" : "%2C";
    else
      out += c;
  }
  return out;
}

std::string annotation(std::string_view level, const std::string& title, const std::string& text) {
  return fmt::format("::{} title={}::{}\n", level, escaped(title, true), escaped(text, false));
}

}  // namespace

std::string junit_xml(const GateVerdict& verdict) {
  std::string cases;
  std::int64_t failures = 0, errors = 0, tests = 0;
  const auto add = [&](const std::string& of, const std::string& name, const std::string& body) {
    cases += test_case(of, name, body);
    ++tests;
  };
  for (const GateEntry& entry : verdict.entries) {
    std::string body;
    if (entry.verdict == Outcome::fail) {
      body = complaint("failure", entry.why, entry.advice);
      ++failures;
    } else if (entry.verdict == Outcome::cannot_tell) {
      body = complaint("error", entry.why, entry.advice);
      ++errors;
    }
    add(entry.case_id, entry.metric + ", " + entry.limit, body);
  }
  for (const std::string& one : verdict.wrong) {
    add("verification", one, complaint("failure", "numerically wrong", one));
    ++failures;
  }
  for (const std::string& one : verdict.missing) {
    add("missing", one, complaint("error", "missing", one));
    ++errors;
  }
  for (const GateDifference& d : verdict.differences) {
    if (d.allowed) continue;
    add("comparable", d.key + ", " + d.what,
        complaint("error", "not comparable",
                  d.base + " in the baseline, " + d.candidate + " in the candidate"));
    ++errors;
  }
  // Whatever else is why: a suite that did not pass never reads as one that did.
  if (verdict.verdict != Outcome::pass && failures + errors == 0) {
    add("gate", "verdict", complaint("error", spaced(name_of(verdict.verdict)), verdict.summary));
    ++errors;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"assay gate\" "
      "tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"0\">\n{}  </testsuite>\n</testsuites>\n",
      tests, failures, errors, cases);
}

std::string github_annotations(const GateVerdict& verdict) {
  std::string out;
  for (const GateEntry& entry : verdict.entries) {
    const std::string title = "assay gate: " + entry.case_id + ", " + entry.metric;
    if (entry.verdict == Outcome::fail)
      out += annotation("error", title, entry.why + ". " + entry.advice);
    else if (entry.verdict == Outcome::cannot_tell)
      out += annotation("warning", title, entry.why + ". " + entry.advice);
    else if (!entry.known.empty())
      out += annotation("notice", title, "known: " + entry.known);
  }
  const std::string_view level = verdict.verdict == Outcome::pass   ? "notice"
                                 : verdict.verdict == Outcome::fail ? "error"
                                                                    : "warning";
  return out + annotation(level, "assay gate: " + spaced(name_of(verdict.verdict)), verdict.summary);
}

}  // namespace assay
