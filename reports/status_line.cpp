// SPDX-License-Identifier: Apache-2.0
#include "reports/status_line.h"

#include "base/text.h"
#include "base/units.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kDigitsShown =
    12;  // of a hash: the whole of it stands where the report says how to repeat it
constexpr std::size_t kHashesShown = 3;

Notice::Tone tone_of(Standing standing) {
  switch (standing) {
    case Standing::valid: return Notice::Tone::good;
    case Standing::draft: return Notice::Tone::care;
    case Standing::invalid: break;
  }
  return Notice::Tone::bad;
}

Span::Style style_of(Standing standing) {
  switch (standing) {
    case Standing::valid: return Span::Style::good;
    case Standing::draft: return Span::Style::strong;
    case Standing::invalid: break;
  }
  return Span::Style::bad;
}

std::string data_text(const std::vector<DataFile>& data) {
  std::vector<std::string> hashes;
  for (const DataFile& file : data)
    if (!file.sha256.empty()) hashes.push_back(file.sha256.substr(0, kDigitsShown));
  if (hashes.empty()) return {};
  if (hashes.size() > kHashesShown) return "data of " + counted(std::ssize(hashes), "file");
  return "data " + join(hashes, ", ");
}

/// "Measured on AMD EPYC, 2026-01-01, by assay 0.1.0, data 1a2b3c4d5e6f": what of it is known.
std::string origin_text(const Status& status) {
  std::vector<std::string> parts;
  if (!status.machines.empty()) parts.push_back("on " + join(status.machines, " and "));
  if (!status.last_day.empty()) parts.push_back(days_text(status));
  if (!status.versions.empty()) parts.push_back("by assay " + join(status.versions, " and "));
  if (std::string data = data_text(status.data); !data.empty()) parts.push_back(std::move(data));
  return parts.empty() ? "" : "Measured " + join(parts, ", ") + ".";
}

}  // namespace

std::string days_text(const Status& status) {
  if (status.first_day == status.last_day) return status.first_day;
  return status.first_day + " to " + status.last_day;
}

Notice status_line(const Status& status, const Usability& usable) {
  Text text;
  text.add(capitalised(std::string(name_of(status.standing))), style_of(status.standing));
  text.add(": " + uncapitalised(std::string(usable_text(usable.verdict))) + ": ");
  text.add(status.why.empty() ? count_text(usable.measured) + " of " + counted(usable.cases, "case") +
                                    " measured, nothing disturbed them."
                              : join(status.why, "; ") + ".");
  if (const std::string origin = origin_text(status); !origin.empty()) text.add(" " + origin);
  return {tone_of(status.standing), std::move(text)};
}

}  // namespace assay
