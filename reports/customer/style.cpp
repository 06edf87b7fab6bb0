// SPDX-License-Identifier: Apache-2.0
#include "reports/customer/style.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "reports/customer/customer.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, HouseColours& c) {
  v.field("accent", c.accent, {.doc = "links and marks: #1a4f8b"});
  v.field("ink", c.ink, {.doc = "text"});
  v.field("heading", c.heading, {.doc = "headings; default the ink"});
}

template <class Visitor>
void describe(Visitor& v, HouseStyle& s) {
  v.field("$schema", s.schema_file);
  v.field("schema", s.schema, {.doc = "assay.style/1"});
  v.field("base", s.base, {.doc = "customer or one-page"});
  v.field("logo", s.logo, {.doc = "an SVG, PNG or JPEG file; a relative path is from the style's folder"});
  v.field("logo_text", s.logo_text, {.doc = "what the logo says, for who does not see it"});
  v.field("colours", s.colours, {.doc = "#rrggbb, as on white paper"});
  v.field("font", s.font, {.doc = "CSS font families: \"Inter, Arial\""});
  v.field("footer", s.footer, {.doc = "a line below the document"});
  v.field("wording", s.wording, {.doc = "headings, columns and labels: {\"Answer\": \"Executive summary\"}"});
  v.field("leave_out", s.leave_out, {.doc = "headings of parts: [\"Glossary\"]"});
}

namespace {

constexpr double kReadable = 4.5;  // contrast of text on its ground: WCAG 2.2, success criterion 1.4.3

/// Relative luminance of "#rrggbb": WCAG 2.2, "relative luminance".
double luminance(const std::string& colour) {
  static constexpr std::array<double, 3> kWeights = {0.2126, 0.7152, 0.0722};
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double channel =
        static_cast<double>(std::strtol(colour.substr(1 + 2 * i, 2).c_str(), nullptr, 16)) / 255;
    sum += kWeights[i] * (channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4));
  }
  return sum;
}

void check_colour(const JsonReader& at, const std::string& key, const std::string& colour) {
  if (colour.empty()) return;
  const bool well_formed =
      colour.size() == 7 && colour[0] == '#' &&
      std::all_of(colour.begin() + 1, colour.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (!well_formed) at.fail_at(key, "is no colour (\"" + colour + "\")", "#rrggbb: #1a4f8b");
  if (1.05 / (luminance(colour) + 0.05) < kReadable)
    at.fail_at(key, "would be hard to read on white (\"" + colour + "\")",
               "a darker one: text needs a contrast of 4.5 with its ground");
}

/// Nothing in a style may end the sheet that it stands in.
bool is_font(const std::string& font) {
  return std::ranges::all_of(font, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == ' ' || c == ',' || c == '-' || c == '\'' || c == '"' || c >= 0x80;
  });
}

std::string css_of(const HouseStyle& style) {
  std::string root;
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) root += std::string("--") + name + ":" + value + ";";
  };
  set("accent", style.colours.accent);
  set("ink", style.colours.ink);
  std::string css;
  // As on paper: a reader who wants it dark gets our colours, which are known to be readable there.
  if (!root.empty())
    css += "@media not (prefers-color-scheme:dark){:root{" + root + "}}\n@media print{:root{" + root + "}}\n";
  if (!style.colours.heading.empty())
    css += "@media not (prefers-color-scheme:dark){h1,h2{color:" + style.colours.heading +
           "}}\n@media print{h1,h2{color:" + style.colours.heading + "}}\n";
  if (!style.font.empty()) css += "body{font-family:" + style.font + ",system-ui,Arial,sans-serif}\n";
  return css;
}

std::string media_type(const std::string& path) {
  const auto ends = [&](std::string_view ending) { return path.ends_with(ending); };
  return ends(".svg")                    ? "image/svg+xml"
         : ends(".png")                  ? "image/png"
         : ends(".jpg") || ends(".jpeg") ? "image/jpeg"
                                         : "";
}

class Words {
 public:
  explicit Words(const std::map<std::string, std::string>& wording) : wording_(wording) {}
  void operator()(Heading& h) const { replace(h.text); }
  void operator()(Paragraph& p) const { replace(p.text); }
  void operator()(Notice& n) const { replace(n.text); }
  void operator()(Bullets&) const {}
  void operator()(Code&) const {}
  void operator()(Table& t) const {
    replace(t.caption);
    for (Column& column : t.columns) replace(column.title);
    for (auto& row : t.rows)
      for (Cell& cell : row) replace(cell.text);
  }
  void operator()(Tiles& t) const {
    for (auto& tile : t.tiles) {
      replace(tile.label);
      replace(tile.value);
    }
  }
  void operator()(Figure& f) const { replace(f.title); }

 private:
  void replace(std::string& text) const {
    if (const auto found = wording_.find(text); found != wording_.end()) text = found->second;
  }
  void replace(Text& text) const {
    for (Span& span : text.spans) replace(span.text);
  }
  const std::map<std::string, std::string>& wording_;
};

/// Parts whose headings are named, with all below them.
void leave_out(Document& document, const std::vector<std::string>& headings) {
  std::vector<Block> kept;
  int out_of = 0;  // level of the heading that is left out
  for (Block& block : document.blocks) {
    if (const auto* heading = std::get_if<Heading>(&block); heading != nullptr) {
      if (out_of > 0 && heading->level <= out_of) out_of = 0;
      if (out_of == 0 && std::ranges::find(headings, heading->text) != headings.end())
        out_of = heading->level;
    }
    if (out_of == 0) kept.push_back(std::move(block));
  }
  document.blocks = std::move(kept);
}

}  // namespace

HouseStyle style_from_json(const Json& json, const std::string& file) {
  JsonReader reader(json, file);
  HouseStyle style;
  reader.read(style);
  if (style.schema != kStyleSchema)
    reader.fail_at("schema", "is \"" + style.schema + "\"", "it reads " + std::string(kStyleSchema));
  if (find_template(style.base) == nullptr) {
    std::vector<std::string> names;
    for (const DocumentTemplate& one : document_templates()) names.emplace_back(one.name);
    reader.fail_at("base", "is no template (\"" + style.base + "\")", "there is " + join(names, ", "));
  }
  if (!style.logo.empty() && media_type(style.logo).empty())
    reader.fail_at("logo", "is no picture (\"" + style.logo + "\")",
                   "a file that ends in .svg, .png, .jpg or .jpeg");
  if (!is_font(style.font))
    reader.fail_at("font", "is no list of font families", "names with commas between them: Inter, Arial");
  const JsonReader colours = reader.child(json, "colours");
  check_colour(colours, "accent", style.colours.accent);
  check_colour(colours, "ink", style.colours.ink);
  check_colour(colours, "heading", style.colours.heading);
  return style;
}

Json style_schema() {
  Json schema = SchemaWriter(SchemaWriter::Unknown::reject).schema_of<HouseStyle>();
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "house style of documents of assay report";
  return schema;
}

void apply(const HouseStyle& style, const std::string& logo, Document& document) {
  leave_out(document, style.leave_out);
  const Words words(style.wording);
  for (Block& block : document.blocks) std::visit(words, block);
  document.look.css = css_of(style);
  document.look.footer = style.footer;
  if (!logo.empty())
    document.look.logo = DocumentLook::Logo{.media_type = media_type(style.logo),
                                            .bytes = logo,
                                            .text = style.logo_text.empty() ? "Logo" : style.logo_text};
}

}  // namespace assay
