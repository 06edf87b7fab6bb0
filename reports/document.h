// SPDX-License-Identifier: Apache-2.0
// What a report says, free of syntax: Markdown and HTML are two ways to write the same document, so they
// cannot disagree. Text here is plain; each writer escapes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace assay {

struct Span {
  enum class Style { plain, strong, code, muted, detail, good, bad };  // detail: a second line of a cell
  std::string text;
  Style style = Style::plain;
};

struct Text {
  Text() = default;
  Text(std::string text) { spans.push_back({std::move(text), Span::Style::plain}); }
  Text(const char* text) : Text(std::string(text)) {}
  Text& add(std::string text, Span::Style style = Span::Style::plain) {
    spans.push_back({std::move(text), style});
    return *this;
  }
  Text& strong(std::string text) { return add(std::move(text), Span::Style::strong); }
  Text& code(std::string text) { return add(std::move(text), Span::Style::code); }
  std::vector<Span> spans;
};

struct Cell {
  Cell(Text text) : text(std::move(text)) {}
  Cell(std::string text) : text(std::move(text)) {}
  Cell(const char* text) : text(text) {}
  Cell(std::string text, const std::optional<double>& share) : text(std::move(text)), share(share) {}
  Text text;
  std::optional<double> share;  // drawn as a small bar where the syntax has one
};

struct Column {
  std::string title;
  bool number = false;    // aligned right
  std::string unit = {};  // of what it holds: "s"; its texts carry it, with a prefix. Empty: not known
};

struct Heading {
  int level;  // 2 or 3
  std::string text;
};
struct Paragraph {
  Text text;
};
/// What a reader must see first.
struct Notice {
  enum class Tone { good, care, bad };
  Tone tone;
  Text text;
};
struct Bullets {
  std::vector<Text> items;
};
struct Code {
  std::string text;
};
struct Table {
  std::string caption;  // may be empty
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};
struct Tiles {
  struct Tile {
    std::string label, value, note;
  };
  std::vector<Tile> tiles;
};
struct Figure {
  std::string id, title, description, svg;
};

using Block = std::variant<Heading, Paragraph, Notice, Bullets, Code, Table, Tiles, Figure>;

/// What a house style adds to a document.
struct DocumentLook {
  struct Logo {
    std::string media_type, bytes, text;  // "image/png"; the file; what it says
  };
  std::optional<Logo> logo;
  std::string css;     // after the page's own
  std::string footer;  // may be empty
};

struct Document {
  std::string title, subtitle;
  std::vector<Block> blocks;
  DocumentLook look = {};
};

struct ReportInput;
Document document_of(const ReportInput& input);

}  // namespace assay
