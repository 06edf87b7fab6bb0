// SPDX-License-Identifier: Apache-2.0
// One file: no script, no font, no picture from elsewhere. It prints, and follows light and dark.
#include <algorithm>

#include <fmt/format.h>

#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/svg.h"

namespace assay {
namespace {

constexpr std::size_t kRowsKept = 6;  // a table of no more stays on one page in print

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
  void operator()(const Table& t) {
    out += fmt::format("<div class=\"scroll{}\"><table>\n", t.rows.size() <= kRowsKept ? " short"
                                                            : t.columns.size() == 2    ? " pairs"
                                                                                       : "");
    if (!t.caption.empty()) out += "<caption>" + escape_html(t.caption) + "</caption>\n";
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
    out += "<figure><figcaption>" + escape_html(f.title) + "</figcaption>\n" + f.svg + "</figure>\n";
  }
  void end() {
    if (in_figures_) out += "</div>\n";
    if (in_section_) out += "</section>\n";
  }

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
};

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
  return {.text =
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
              title + "</title>\n<style>\n" + std::string(page_css()) + std::string(chart_css()) +
              "</style>\n</head>\n<body>\n<main>\n<header>\n<h1>" + title + "</h1>\n<p class=\"muted\">" +
              escape_html(document.subtitle) + "</p>\n<nav aria-label=\"Contents\">\n" + contents +
              "</nav>\n</header>\n" + writer.out + "</main>\n</body>\n</html>\n",
          .attachments = {}};
}

}  // namespace assay
