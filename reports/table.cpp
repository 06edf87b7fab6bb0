// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "reports/formats.h"

namespace assay {
namespace {

template <class Input>
Report as_markdown(const Input& input) {
  return markdown_of(document_of(input));
}
template <class Input>
Report as_html(const Input& input) {
  return html_of(document_of(input));
}
template <class Input>
Report as_tables(const Input& input) {
  return tables_of(document_of(input));
}

constexpr std::string_view kPdf = "the HTML, printed by a Chromium that is here";

constexpr std::array kFormats = {
    ReportFormat{"markdown", "md", "a document in Markdown, its charts as SVG files beside it", as_markdown},
    ReportFormat{"html", "html", "the same document as one HTML file that needs no network", as_html},
    ReportFormat{"json", "json", "results and summary for other programs", render_json},
    ReportFormat{"csv", "csv", "a line a figure, for spreadsheets", render_csv},
    ReportFormat{"tables", "tables.json", "every table of that document as data, and as a CSV file each",
                 as_tables},
    ReportFormat{"pdf", "pdf", kPdf, as_html, true},
};

constexpr std::array kComparisonFormats = {
    ComparisonFormat{"markdown", "md", "a document in Markdown, its charts as SVG files beside it",
                     as_markdown},
    ComparisonFormat{"html", "html", "the same document as one HTML file that needs no network", as_html},
    ComparisonFormat{"json", "json", "all of it for other programs", render_json},
    ComparisonFormat{"csv", "csv", "a line a figure, for spreadsheets", render_csv},
    ComparisonFormat{"tables", "tables.json", "every table of that document as data, and as a CSV file each",
                     as_tables},
    ComparisonFormat{"pdf", "pdf", kPdf, as_html, true},
};

template <class Input>
const Format<Input>& find_format(std::span<const Format<Input>> formats, std::string_view name) {
  std::vector<std::string> known;
  for (const Format<Input>& format : formats) {
    if (format.name == name) return format;
    known.emplace_back(format.name);
  }
  throw Error(ExitCode::bad_input, "there is no report format \"" + std::string(name) + "\"",
              "known formats: " + join(known, ", "));
}

}  // namespace

std::span<const ReportFormat> report_formats() {
  return kFormats;
}

const ReportFormat& find_report(std::string_view name) {
  return find_format(report_formats(), name);
}

std::span<const ComparisonFormat> comparison_formats() {
  return kComparisonFormats;
}

const ComparisonFormat& find_comparison_format(std::string_view name) {
  return find_format(comparison_formats(), name);
}

}  // namespace assay
