// SPDX-License-Identifier: Apache-2.0
// What every chart must be: well-formed, legible, inside its frame.
#pragma once

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "reports/svg.h"

namespace assay {

struct Label {
  std::string text;
  double left, top, right, bottom;
  bool meets(const Label& o) const {
    return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
  }
};

inline std::vector<Label> labels_of(const std::string& svg) {
  static const std::regex kText(
      R"re(<text x="([-0-9.]+)" y="([-0-9.]+)" class="[^"]*"(?: text-anchor="(\w+)")?>([^<]*)</text>)re");
  std::vector<Label> labels;
  for (std::sregex_iterator at(svg.begin(), svg.end(), kText), end; at != end; ++at) {
    const std::string text = (*at)[4], anchor = (*at)[3];
    const double width = text_width(text, Svg::kFont), y = std::stod((*at)[2]);
    const double left = std::stod((*at)[1]) - (anchor == "end" ? width : anchor == "middle" ? width / 2 : 0);
    labels.push_back({text, left, y - 9, left + width, y + 2});
  }
  return labels;
}

/// Of the viewBox: "width" or "height".
inline double size_of(const std::string& svg, const std::string& which) {
  const std::regex kSize(" " + which + "=\"(\\d+)\"");
  std::smatch found;
  return std::regex_search(svg, found, kSize) ? std::stod(found[1]) : 0;
}
inline double width_of(const std::string& svg) {
  return size_of(svg, "width");
}

inline void expect_legible(const std::string& svg) {
  const std::vector<Label> labels = labels_of(svg);
  EXPECT_FALSE(labels.empty());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    EXPECT_GE(labels[i].left, -1) << labels[i].text;
    EXPECT_LE(labels[i].right, width_of(svg) + 1) << labels[i].text;
    EXPECT_GE(labels[i].top, 0) << labels[i].text;
    EXPECT_LE(labels[i].bottom, size_of(svg, "height") + 1) << labels[i].text;
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_FALSE(labels[i].meets(labels[j])) << labels[i].text << " on " << labels[j].text;
  }
}

/// Every element is closed by its own end, no "<" stands in a text, and no number is none.
inline void expect_well_formed(const std::string& svg) {
  static const std::regex kPiece(R"re(<(/?)([a-z]+)((?: [a-zA-Z][a-zA-Z0-9-]*="[^"<]*")*) ?(/?)>|([^<]+))re");
  std::vector<std::string> open;
  std::size_t at = 0;
  for (std::sregex_iterator piece(svg.begin(), svg.end(), kPiece), end; piece != end; ++piece) {
    ASSERT_EQ(static_cast<std::size_t>(piece->position()), at) << svg.substr(at, 80);
    at += static_cast<std::size_t>(piece->length());
    if ((*piece)[5].matched) continue;
    if ((*piece)[1].length() > 0) {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), (*piece)[2]);
      open.pop_back();
    } else if ((*piece)[4].length() == 0) {
      open.push_back((*piece)[2]);
    }
  }
  EXPECT_EQ(at, svg.size()) << svg.substr(at, 80);
  EXPECT_TRUE(open.empty());
  static const std::regex kNone(R"re("[^"]*\b-?(nan|inf)\b[^"]*"|>[^<]*\b(nan|inf)\b[^<]*<)re");
  std::smatch found;
  EXPECT_FALSE(std::regex_search(svg, found, kNone)) << found.str();
}

inline std::size_t count_of(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

}  // namespace assay
