// SPDX-License-Identifier: Apache-2.0
// One file that needs nothing from elsewhere, and may fetch nothing: no script, font or picture. It prints,
// follows light and dark, and reads in full without its scripts.
#include <algorithm>

#include <fmt/format.h>

#include "base/base64.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/svg.h"

namespace assay {
namespace {

constexpr std::size_t kRowsKept = 6;     // a table of no more stays on one page in print
constexpr std::size_t kRowsLong = 2000;  // a page of more is laid out as it comes into view: it opens at once
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'";

std::string inline_text(const Text& text) {
  std::string out;
  for (const Span& span : text.spans) {
    const std::string body = escape_html(span.text);
    switch (span.style) {
      case Span::Style::plain: out += body; break;
      case Span::Style::strong: out += "<strong>" + body + "</strong>"; break;
      case Span::Style::code: out += "<code>" + body + "</code>"; break;
      case Span::Style::muted: out += "<span class=\"muted\">" + body + "</span>"; break;
      case Span::Style::good: out += "<span class=\"good\">" + body + "</span>"; break;
      case Span::Style::bad: out += "<strong class=\"bad\">" + body + "</strong>"; break;
      case Span::Style::detail:
        if (!body.empty()) out += "<small>" + body + "</small>";
        break;
    }
  }
  return out;
}

class Writer {
 public:
  std::string out;

  /// Figures that follow each other stand side by side where there is room.
  void write(const Block& block) {
    const bool figure = std::holds_alternative<Figure>(block);
    if (figure != in_figures_) out += figure ? "<div class=\"figures\">\n" : "</div>\n";
    in_figures_ = figure;
    std::visit(*this, block);
  }
  void operator()(const Heading& h) {
    if (h.level == 2) {
      if (in_section_) out += "</section>\n";
      in_section_ = true;
      out += fmt::format("<section id=\"{}\">\n", slug(h.text));
    }
    out += fmt::format("<h{0}>{1}</h{0}>\n", h.level, escape_html(h.text));
    heading_ = h.text;
  }
  void operator()(const Paragraph& p) { out += "<p>" + inline_text(p.text) + "</p>\n"; }
  void operator()(const Notice& n) {
    const std::string_view tone = n.tone == Notice::Tone::good   ? "good"
                                  : n.tone == Notice::Tone::care ? "care"
                                                                 : "bad";
    out += fmt::format("<p class=\"notice is-{}\">{}</p>\n", tone, inline_text(n.text));
  }
  void operator()(const Bullets& b) {
    out += "<ul>\n";
    for (const Text& item : b.items) out += "<li>" + inline_text(item) + "</li>\n";
    out += "</ul>\n";
  }
  void operator()(const Code& c) { out += "<pre><code>" + escape_html(c.text) + "</code></pre>\n"; }
  /// A wide table scrolls in a box of its own, which the keyboard reaches and which has a name.
  void operator()(const Table& t) {
    const std::string_view kind = t.rows.size() <= kRowsKept ? " short"
                                  : t.columns.size() == 2    ? " pairs"
                                                             : "";
    rows_ += t.rows.size();
    const std::string id = fmt::format("table_{}", ++tables_);  // no slug has an underscore
    out += fmt::format("<div class=\"scroll{}\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{}\">", kind,
                       id);
    if (t.caption.empty())
      out += fmt::format("<table id=\"{}\" aria-label=\"{}\">\n", id, escape_html(heading_));
    else
      out += fmt::format("<table>\n<caption id=\"{}\">{}</caption>\n", id, escape_html(t.caption));
    out += "<thead><tr>";
    for (const Column& column : t.columns)
      out += fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"n\"" : "",
                         escape_html(column.title));
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& row : t.rows) {
      out += "<tr>";
      for (std::size_t i = 0; i < row.size(); ++i)
        write_cell(row[i], i == 0, i < t.columns.size() && t.columns[i].number);
      out += "</tr>\n";
    }
    out += "</tbody></table></div>\n";
  }
  void operator()(const Tiles& t) {
    out += "<dl class=\"tiles\">\n";
    for (const auto& tile : t.tiles)
      out += fmt::format("<div><dt>{}</dt><dd>{}</dd><dd class=\"note\">{}</dd></div>\n",
                         escape_html(tile.label), escape_html(tile.value), escape_html(tile.note));
    out += "</dl>\n";
  }
  void operator()(const Figure& f) {
    out += "<figure tabindex=\"0\"><figcaption>" + escape_html(f.title) + "</figcaption>\n" + f.svg +
           "</figure>\n";
  }
  void end() {
    if (in_figures_) out += "</div>\n";
    if (in_section_) out += "</section>\n";
  }
  bool has_tables() const { return tables_ > 0; }
  bool is_long() const { return rows_ > kRowsLong; }

 private:
  void write_cell(const Cell& cell, bool header, bool number) {
    const std::string_view tag = header ? "th" : "td";
    out += fmt::format("<{}{}{}>{}", tag, header ? " scope=\"row\"" : "", number ? " class=\"n\"" : "",
                       inline_text(cell.text));
    if (cell.share)
      out += fmt::format("<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:{:.1f}%\"></i></span>",
                         100 * std::clamp(*cell.share, 0.0, 1.0));
    out += fmt::format("</{}>", tag);
  }
  bool in_section_ = false, in_figures_ = false;
  std::string heading_;
  int tables_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace

namespace {

std::string logo_of(const DocumentLook& look) {
  if (!look.logo) return {};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(look.logo->bytes.data());
  return fmt::format("<img class=\"logo\" alt=\"{}\" src=\"data:{};base64,{}\">\n",
                     escape_html(look.logo->text), look.logo->media_type,
                     base64({bytes, look.logo->bytes.size()}));
}

std::string footer_of(const DocumentLook& look) {
  return look.footer.empty() ? "" : "<footer class=\"muted\">" + escape_html(look.footer) + "</footer>\n";
}

}  // namespace

Report html_of(const Document& document) {
  Writer writer;
  std::string contents;
  for (const Block& block : document.blocks) {
    writer.write(block);
    if (const auto* heading = std::get_if<Heading>(&block); heading != nullptr && heading->level == 2)
      contents += fmt::format("<a href=\"#{}\">{}</a>\n", slug(heading->text), escape_html(heading->text));
  }
  writer.end();
  const std::string title = escape_html(document.title);
  std::string scripts;
  if (writer.has_tables()) scripts += "<script>" + std::string(table_script()) + "</script>\n";
  if (std::ranges::any_of(document.blocks, [](const Block& b) { return std::holds_alternative<Figure>(b); }))
    scripts += "<script>" + std::string(tip_script()) + "</script>\n";
  return {
      .text = fmt::format(
          "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n"
          "<style>\n{page}{charts}{look}</style>\n</head>\n<body>\n"
          "<a class=\"skip\" href=\"#content_\">Skip to the content</a>\n"
          "<main{kind}>\n<header>\n{logo}<h1>{title}</h1>\n<p class=\"muted\">{subtitle}</p>\n"
          "<nav aria-label=\"Contents\">\n{contents}</nav>\n</header>\n"
          "<div id=\"content_\" tabindex=\"-1\">\n{body}</div>\n{footer}</main>\n{scripts}</body>\n</html>\n",
          fmt::arg("kind", writer.is_long() ? " class=\"long\"" : ""), fmt::arg("policy", kPolicy),
          fmt::arg("title", title), fmt::arg("page", page_css()), fmt::arg("charts", chart_css()),
          fmt::arg("subtitle", escape_html(document.subtitle)), fmt::arg("contents", contents),
          fmt::arg("look", document.look.css), fmt::arg("logo", logo_of(document.look)),
          fmt::arg("footer", footer_of(document.look)), fmt::arg("body", writer.out),
          fmt::arg("scripts", scripts)),
      .attachments = {}};
}

}  // namespace assay
