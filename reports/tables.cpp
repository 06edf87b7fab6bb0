// SPDX-License-Identifier: Apache-2.0
// Every table of a document as data, for whoever makes a report of their own: one JSON file, and a CSV file
// each (RFC 4180). What a cell says is its text, as in the document; numbers with all their digits are in the
// formats json and csv.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/units.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "result/result_json.h"

namespace assay {
namespace {

constexpr std::size_t kNameBytes = 60;  // of a file: captions may be sentences

/// A second line of a cell stands behind a semicolon; what is not known is empty.
std::string text_of(const Cell& cell) {
  std::string text;
  for (const Span& span : cell.text.spans) {
    if (span.text.empty()) continue;
    if (span.style == Span::Style::detail && !text.empty()) text += "; ";
    text += span.text;
  }
  return text == kUnknown ? "" : text;
}

/// [a, b, c] of what `add` appends for each.
template <class Items, class Add>
void append_list(std::string& out, const Items& items, std::string_view between, const Add& add) {
  out += "[";
  for (const auto& item : items) {
    if (&item != &*items.begin()) out += between;
    add(item);
  }
  out += "]";
}

/// Written as text: a thousand cases have a hundred thousand cells.
class Writer {
 public:
  /// `tables`: how many there will be, for names that sort.
  explicit Writer(std::size_t tables) : digits_(std::max<std::size_t>(2, std::to_string(tables).size())) {}

  void write(const Block& block) {
    if (const auto* heading = std::get_if<Heading>(&block)) {
      const auto level = static_cast<std::size_t>(std::clamp(heading->level, 2, 4)) - 2;
      headings_[level] = heading->text;
      std::fill(headings_.begin() + static_cast<std::ptrdiff_t>(level) + 1, headings_.end(), "");
    } else if (const auto* table = std::get_if<Table>(&block)) {
      write(*table);
    }
  }

  Report report() {
    return {.text = "{\n\"schema\": \"assay.tables/1\",\n\"tables\": [" + json_ + "]\n}\n",
            .attachments = std::move(files_)};
  }

 private:
  void write(const Table& table) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : table.rows) {
      rows.emplace_back();
      for (const Cell& cell : row) rows.back().push_back(text_of(cell));
    }
    const std::string file = name_of_next(table);
    json_ += files_.empty() ? "\n{" : ",\n{";
    for (const auto& [key, value] : {std::pair<const char*, const std::string&>("section", headings_[0]),
                                     {"subsection", headings_[1]},
                                     {"part", headings_[2]},
                                     {"caption", table.caption},
                                     {"file", file}}) {
      add_key(key);
      append_json_text(json_, value);
      json_ += ",\n";
    }
    add_columns(table);
    add_rows(rows);
    json_ += "}";
    files_.push_back({file, csv_of(table, rows)});
  }

  void add_key(std::string_view key) { json_.append("\"").append(key).append("\": "); }

  void add_columns(const Table& table) {
    add_key("columns");
    append_list(json_, table.columns, ",\n  ", [&](const Column& column) {
      json_ += "{\"title\": ";
      append_json_text(json_, column.title);
      json_.append(", \"number\": ").append(column.number ? "true" : "false").append(", \"unit\": ");
      if (column.unit.empty())
        json_ += "null";
      else
        append_json_text(json_, column.unit);
      json_ += "}";
    });
    json_ += ",\n";
  }

  void add_rows(const std::vector<std::vector<std::string>>& rows) {
    add_key("rows");
    append_list(json_, rows, ",\n  ", [&](const std::vector<std::string>& row) {
      append_list(json_, row, ", ", [&](const std::string& cell) { append_json_text(json_, cell); });
    });
  }

  static std::string csv_of(const Table& table, const std::vector<std::vector<std::string>>& rows) {
    std::string csv;
    for (const Column& column : table.columns)
      csv += (&column == &table.columns.front() ? "" : ",") + escape_csv(column.title);
    csv += "\r\n";
    for (const std::vector<std::string>& row : rows) {
      for (const std::string& cell : row) csv += (&cell == &row.front() ? "" : ",") + escape_csv(cell);
      csv += "\r\n";
    }
    return csv;
  }

  std::string name_of_next(const Table& table) const {
    const auto heading = std::ranges::find_if(headings_.rbegin(), headings_.rend(),
                                              [](const std::string& text) { return !text.empty(); });
    std::string about = table.caption;
    about.resize(std::min({about.size(), about.find(": "), about.find("; ")}));  // what follows explains it
    if (about.empty() && heading != headings_.rend()) about = *heading;
    return fmt::format("tables/{:0{}}-{}.csv", files_.size() + 1, digits_,
                       slug(slug(about).substr(0, kNameBytes)));
  }

  const std::size_t digits_;
  std::array<std::string, 3> headings_;  // that the next table stands below: of levels 2 to 4
  std::string json_;
  std::vector<Attachment> files_;
};

}  // namespace

Report tables_of(const Document& document) {
  Writer writer(static_cast<std::size_t>(std::ranges::count_if(
      document.blocks, [](const Block& block) { return std::holds_alternative<Table>(block); })));
  for (const Block& block : document.blocks) writer.write(block);
  return writer.report();
}

}  // namespace assay
