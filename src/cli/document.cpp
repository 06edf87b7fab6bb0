// SPDX-License-Identifier: Apache-2.0
#include "cli/document.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "base/json_file.h"
#include "base/text.h"
#include "cli/print_pdf.h"
#include "cli/write_reports.h"
#include "plan/overrides.h"
#include "reports/customer/formats.h"
#include "reports/customer/style.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kTemplateLimitBytes = 4 << 20, kLogoLimitBytes = 1 << 20;
constexpr const char* kHint = "give --out another folder";

bool is_style(const DocumentJob& job) {
  return job.made_by.ends_with(".json");
}

/// Which makes one file alone.
bool is_mustache(const DocumentJob& job) {
  return !is_style(job) && find_template(job.made_by) == nullptr;
}

/// What --about says, with --set; nothing where there is none of either.
Brief brief_of(const DocumentJob& job) {
  Json json = job.about.empty() ? Json::object() : load_json(job.about);
  for (const Override& change : parse_overrides(job.overrides)) apply(change, json);
  return brief_from_json(json, job.about.empty() ? "--set" : job.about.string());
}

/// A template, with the style that dresses it.
struct Dress {
  const DocumentTemplate* document = nullptr;
  HouseStyle style;
  std::string logo;  // the file's bytes
};

Dress dress_of(const DocumentJob& job) {
  if (!is_style(job)) return {.document = find_template(job.made_by), .style = {}, .logo = {}};
  const fs::path file = job.made_by;
  Dress dress{.document = nullptr, .style = style_from_json(load_json(file), file.string()), .logo = {}};
  dress.document = find_template(dress.style.base);
  if (!dress.style.logo.empty()) {
    const fs::path logo = file.parent_path() / dress.style.logo;
    if (!fs::exists(logo))
      throw Error(ExitCode::bad_input, file.string() + ":/logo: there is no file " + logo.string(),
                  "a path from the style's folder");
    dress.logo = read_file(logo, kLogoLimitBytes);
  }
  return dress;
}

std::vector<fs::path> write_mustache(const DocumentJob& job, const CustomerInput& input, const Inputs& inputs,
                                     const fs::path& out) {
  const std::string text = read_file(job.made_by, kTemplateLimitBytes);
  const std::string rendered = render_template(text, to_json(input), job.made_by);
  const fs::path path = out / ("report." + template_extension(job.made_by));
  inputs.check(path, kHint);
  write_file_atomically(path, rendered);
  return {path};
}

}  // namespace

CustomerInput document_input(const DocumentJob& job, ReportInput report) {
  std::optional<Prices> prices;
  if (!job.prices.empty()) prices = prices_from_json(load_json(job.prices), job.prices.string());
  return customer_input(std::move(report), brief_of(job), prices);
}

void check_document(const DocumentJob& job) {
  brief_of(job);
  if (!is_mustache(job)) {
    if (is_style(job) && !fs::exists(job.made_by))
      throw Error(ExitCode::bad_input, fmt::format("--template: there is no file {}", job.made_by),
                  "a house style (docs/reports.md), or one of customer, one-page");
    dress_of(job);
    for (const std::string& name : job.formats)
      if (find_document_format(name).printed) find_chromium();
    return;
  }
  if (fs::exists(job.made_by)) return;
  std::vector<std::string> names;
  for (const DocumentTemplate& one : document_templates()) names.emplace_back(one.name);
  const std::string near = nearest(job.made_by, names);
  throw Error(ExitCode::bad_input, fmt::format("--template: there is no file {}", job.made_by),
              near.empty() ? "one of " + join(names, ", ") +
                                 ", a house style (house.json), or a Mustache template "
                                 "(house.html.mustache)"
                           : "did you mean " + near + "?");
}

std::vector<fs::path> write_document(const DocumentJob& job, const CustomerInput& input, const Inputs& inputs,
                                     const fs::path& out, Context& context) {
  if (is_mustache(job)) return write_mustache(job, input, inputs, out);
  const Dress dress = dress_of(job);
  MadeDocument made{.input = input, .document = dress.document->document(input)};
  apply(dress.style, dress.logo, made.document);
  const std::string stem(dress.document->name);
  std::vector<fs::path> written;
  std::vector<const DocumentFormat*> printed;
  for (const std::string& name : reports_of(job.formats)) {
    const DocumentFormat& format = find_document_format(name);
    inputs.check(out / fmt::format("{}.{}", stem, format.extension), kHint);
    if (format.printed)
      printed.push_back(&format);
    else
      written.push_back(write_report(format.render(made), out, stem, format.extension));
  }
  for (const DocumentFormat* format : printed)  // last, as it may fail
    if (const auto path = print_report(format->render(made), out, stem, format->extension, context))
      written.push_back(*path);
  return written;
}

}  // namespace assay
