// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/svg.h"

namespace assay {
namespace {

/// In backticks, more of them than the text holds in a row; in a table a pipe needs its backslash even there.
std::string code_span(const std::string& text, bool in_table) {
  std::string body;
  std::size_t run = 0, longest = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    body += c == '\n' || c == '\r' ? " " : c == '|' && in_table ? "\\|" : std::string(1, c);
  }
  const std::string ticks(longest + 1, '`');
  const std::string pad = longest > 0 ? " " : "";
  return ticks + pad + body + pad + ticks;
}

std::string inline_text(const Text& text, bool in_table) {
  std::string out;
  for (const Span& span : text.spans) {
    if (span.text.empty()) continue;
    const bool bold = span.style == Span::Style::strong || span.style == Span::Style::bad;
    if (span.style == Span::Style::detail && !out.empty()) out += " ";
    if (span.style == Span::Style::code) {
      out += code_span(span.text, in_table);
    } else if (bold) {
      // Emphasis must not begin or end with a space.
      const std::size_t end = span.text.find_last_not_of(' ') + 1;
      out += "**" + escape_markdown(span.text.substr(0, end)) + "**" + span.text.substr(end);
    } else {
      out += escape_markdown(span.text);
    }
  }
  return out;
}

class Writer {
 public:
  Report report;

  void operator()(const Heading& h) {
    line(std::string(static_cast<std::size_t>(h.level), '#') + " " + escape_markdown(h.text));
  }
  void operator()(const Paragraph& p) { line(inline_text(p.text, false)); }
  void operator()(const Notice& n) { line("> " + inline_text(n.text, false)); }
  void operator()(const Bullets& b) {
    std::string text;
    for (const Text& item : b.items) text += (text.empty() ? "- " : "\n- ") + inline_text(item, false);
    line(text);
  }
  void operator()(const Code& c) {
    std::string fence = "```";
    while (c.text.find(fence) != std::string::npos) fence += '`';
    line(fence + "\n" + c.text + "\n" + fence);
  }
  void operator()(const Table& t) {
    if (!t.caption.empty()) line("*" + escape_markdown(t.caption) + "*");
    std::string head = "|", rule = "|";
    for (const Column& column : t.columns) {
      head += " " + escape_markdown(column.title) + " |";
      rule += column.number ? " ---: |" : " --- |";
    }
    std::string text = head + "\n" + rule;
    for (const auto& row : t.rows) {
      text += "\n|";
      for (const Cell& cell : row) text += " " + inline_text(cell.text, true) + " |";
    }
    line(text);
  }
  void operator()(const Tiles& tiles) {
    Table table{.caption = {}, .columns = {{"Figure", false}, {"Value", true}, {"Where", false}}, .rows = {}};
    for (const auto& tile : tiles.tiles)
      table.rows.push_back({tile.label, Text().strong(tile.value), tile.note});
    (*this)(table);
  }
  void operator()(const Figure& f) {
    const std::string path = "charts/" + f.id + ".svg";
    report.attachments.push_back({path, standalone(f.svg)});
    line("![" + escape_markdown(f.title) + "](" + path + ")");
  }
  void line(const std::string& text) { report.text += (report.text.empty() ? "" : "\n") + text + "\n"; }
};

}  // namespace

namespace {

/// "image/svg+xml" -> "svg"
std::string ending_of(const std::string& media_type) {
  const std::string name = media_type.substr(media_type.find('/') + 1);
  return name.substr(0, name.find('+'));
}

void add_logo(Writer& writer, const DocumentLook& look) {
  if (!look.logo) return;
  const std::string path = "charts/logo." + ending_of(look.logo->media_type);
  writer.report.attachments.push_back({path, look.logo->bytes});
  writer.line("![" + escape_markdown(look.logo->text) + "](" + path + ")");
}

}  // namespace

Report markdown_of(const Document& document) {
  Writer writer;
  add_logo(writer, document.look);
  writer.line("# " + escape_markdown(document.title));
  writer.line(escape_markdown(document.subtitle));
  for (const Block& block : document.blocks) std::visit([&](const auto& b) { writer(b); }, block);
  if (!document.look.footer.empty()) writer.line(escape_markdown(document.look.footer));
  return writer.report;
}

}  // namespace assay
