// SPDX-License-Identifier: Apache-2.0
#include "reports/customer/formats.h"

#include <array>

#include "base/error.h"
#include "base/text.h"
#include "reports/formats.h"
#include "result/result_json.h"

namespace assay {
namespace {

Report as_markdown(const MadeDocument& made) {
  return markdown_of(made.document);
}
Report as_html(const MadeDocument& made) {
  return html_of(made.document);
}
Report as_json(const MadeDocument& made) {
  return {.text = pretty(to_json(made.input)), .attachments = {}};
}
Report as_tables(const MadeDocument& made) {
  return tables_of(made.document);
}

constexpr std::array kDocumentFormats = {
    DocumentFormat{"markdown", "md", "Markdown, its charts as SVG files beside it", as_markdown},
    DocumentFormat{"html", "html", "one HTML file that needs no network", as_html},
    DocumentFormat{"pdf", "pdf", "the HTML, printed by a Chromium that is here", as_html, true},
    DocumentFormat{"json", "json", "all that it is made of, for other programs", as_json},
    DocumentFormat{"tables", "tables.json", "every table as data, and as a CSV file each", as_tables},
};

}  // namespace

std::span<const DocumentFormat> document_formats() {
  return kDocumentFormats;
}

const DocumentFormat& find_document_format(std::string_view name) {
  std::vector<std::string> known;
  for (const DocumentFormat& format : kDocumentFormats) {
    if (format.name == name) return format;
    known.emplace_back(format.name);
  }
  throw Error(ExitCode::bad_input, "documents have no format \"" + std::string(name) + "\"",
              "known formats: " + join(known, ", "));
}

}  // namespace assay
