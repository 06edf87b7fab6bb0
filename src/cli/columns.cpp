// SPDX-License-Identifier: Apache-2.0
#include "cli/columns.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace assay {
namespace {

constexpr std::size_t kHeadingWidth = 12;  // of a line of it, where no cell is wider
constexpr const char* kBetween = "  ";

/// As a terminal shows it: "µ" is one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, Columns::Side side) {
  const std::string spaces(width - std::min(width, width_of(text)), ' ');
  return side == Columns::Side::left ? text + spaces : spaces + text;
}

}  // namespace

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines = {""};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

void Columns::add(std::string heading, Side side) {
  columns_.push_back({std::move(heading), side});
}

void Columns::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Columns::text() const {
  struct Shown {
    std::size_t index, width;
    std::vector<std::string> heading;
  };
  std::vector<Shown> shown;
  std::size_t height = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
    if (width == 0) continue;
    std::vector<std::string> heading = wrapped(columns_[c].heading, std::max(width, kHeadingWidth));
    for (const std::string& line : heading) width = std::max(width, width_of(line));
    height = std::max(height, heading.size());
    shown.push_back({c, width, std::move(heading)});
  }
  std::string text;
  const auto line = [&](const auto& cell_of) {
    std::string line;
    for (const Shown& column : shown)
      line +=
          (line.empty() ? "" : kBetween) + padded(cell_of(column), column.width, columns_[column.index].side);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  for (std::size_t h = 0; h < height; ++h)
    line([&](const Shown& column) {  // headings stand on the row below them
      const std::size_t above = height - column.heading.size();
      return h < above ? std::string() : column.heading[h - above];
    });
  for (const auto& row : rows_) line([&](const Shown& column) { return row[column.index]; });
  return text;
}

}  // namespace assay
