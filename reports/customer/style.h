// SPDX-License-Identifier: Apache-2.0
// A house style ("assay.style/1"): the look and the words of a document, and which of its parts it has. Its
// figures it does not touch.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.h"
#include "reports/document.h"

namespace assay {

inline constexpr std::string_view kStyleSchema = "assay.style/1";

struct HouseColours {
  std::string accent, ink, heading;  // "#1a4f8b", on white paper
};

struct HouseStyle {
  std::string schema_file;  // "$schema", for editors
  std::string schema = std::string(kStyleSchema);
  std::string base = "customer";  // the template that it is a style of
  std::string logo;               // a file (SVG, PNG or JPEG) beside the style's
  std::string logo_text;          // what the picture says, for who does not see it
  HouseColours colours;
  std::string font;                            // CSS font families, before ours
  std::string footer;                          // a line below every document
  std::map<std::string, std::string> wording;  // our words -> theirs: headings, columns, fixed labels
  std::vector<std::string> leave_out;          // headings of parts, by our words
};

/// Error(bad_input) names the place; a colour that would be hard to read on white is refused.
HouseStyle style_from_json(const Json& json, const std::string& file);
Json style_schema();

/// `logo` holds the file's bytes, where the style names one.
void apply(const HouseStyle& style, const std::string& logo, Document& document);

}  // namespace assay
