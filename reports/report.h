// SPDX-License-Identifier: Apache-2.0
// A report is a pure function of result files: no clock, no files, no arithmetic. Every number in one is a
// field of its results or of their Summary.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyse/status.h"
#include "analyse/summary.h"
#include "result/result.h"

namespace assay {

struct ReportInput {
  std::vector<Result> results;
  Summary summary;
  Status status;
  std::string title;  // empty: made of the results' names
};
/// Without a title of its own that of the result has, where it is one alone. `data`: the files that hold the
/// results, where there are files.
ReportInput report_input(std::vector<Result> results, std::string title = {},
                         std::span<const DataFile> data = {});
Json to_json(const ReportInput& input);  // {"schema": "assay.report/2", "status", "summary", "results"}

/// A file that the report refers to, by its path relative to the report.
struct Attachment {
  std::string path, text;
};

struct Report {
  std::string text;
  std::vector<Attachment> attachments;
};

/// A way to write what `Input` holds.
template <class Input>
struct Format {
  std::string_view name;       // of --format
  std::string_view extension;  // "md": the report is written as report.md
  std::string_view summary;    // for help
  Report (*render)(const Input& input);
  bool printed = false;  // what it renders is HTML, which a program prints: cli/print_pdf.h
};
using ReportFormat = Format<ReportInput>;
std::span<const ReportFormat> report_formats();          // reports/table.cpp
const ReportFormat& find_report(std::string_view name);  // Error(bad_input) lists the known ones

/// A customer's own Mustache template over the JSON of a report or a document. Beside every number `x` stands
/// `x_text`, as a report would print it; beside every object that maps names to values (metrics, environment)
/// stands `x_list`. `file` names the template in errors, and its ending chooses how text is escaped: HTML,
/// Markdown, or not at all.
std::string template_extension(std::string_view file);  // of what is made: "house.html.mustache" -> "html"
std::string render_template(const std::string& template_text, const Json& input, const std::string& file);
inline std::string render_template(const std::string& template_text, const ReportInput& input,
                                   const std::string& file) {
  return render_template(template_text, to_json(input), file);
}

}  // namespace assay
