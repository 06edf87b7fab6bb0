// SPDX-License-Identifier: Apache-2.0
// A table for a terminal: columns as wide as their cells, long headings over several lines.
#pragma once

#include <string>
#include <vector>

namespace assay {

class Columns {
 public:
  enum class Side : char { left = '<', right = '>' };
  void add(std::string heading, Side side = Side::right);
  /// A cell a column.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  /// Ends every line; "" where there is no row. A column whose cells are all empty is left out.
  std::string text() const;

 private:
  struct Column {
    std::string heading;
    Side side;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Words onto lines of at most `width` characters, where no word is longer.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);

}  // namespace assay
