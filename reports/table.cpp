// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "reports/formats.h"

namespace assay {
namespace {

constexpr std::array kFormats = {
    ReportFormat{"markdown", "md", "a document in Markdown, its charts as SVG files beside it",
                 render_markdown},
    ReportFormat{"html", "html", "the same document as one HTML file that needs no network", render_html},
    ReportFormat{"json", "json", "results and summary for other programs", render_json},
    ReportFormat{"csv", "csv", "a line a figure, for spreadsheets", render_csv},
};

}  // namespace

std::span<const ReportFormat> report_formats() {
  return kFormats;
}

const ReportFormat& find_report(std::string_view name) {
  std::vector<std::string> known;
  for (const ReportFormat& format : kFormats) {
    if (format.name == name) return format;
    known.emplace_back(format.name);
  }
  throw Error(ExitCode::bad_input, "there is no report format \"" + std::string(name) + "\"",
              "known formats: " + join(known, ", "));
}

}  // namespace assay
