// SPDX-License-Identifier: Apache-2.0
#include "reports/customer/style.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json_file.h"
#include "reports/formats.h"
#include "support/customer_example.h"
#include "support/expect_error.h"

namespace assay::style_tests {
namespace {

using test::bad_input;

std::string styled(const Json& style, const std::string& logo = {}) {
  const CustomerInput input = example_document();
  Document document = find_template("customer")->document(input);
  apply(style_from_json(style, "house.json"), logo, document);
  return html_of(document).text;
}

TEST(HouseStyle, BringsItsLogoColoursWordsAndFooter) {
  const std::string html = styled({{"logo", "logo.svg"},
                                   {"logo_text", "Example Ltd"},
                                   {"colours", {{"accent", "#8a1c1c"}}},
                                   {"wording", {{"Answer", "Executive summary"}}},
                                   {"footer", "Example Ltd, confidential"}},
                                  "<svg/>");
  EXPECT_NE(html.find("src=\"data:image/svg+xml;base64,PHN2Zy8+\""), std::string::npos);
  EXPECT_NE(html.find("alt=\"Example Ltd\""), std::string::npos);
  EXPECT_NE(html.find("--accent:#8a1c1c"), std::string::npos);
  EXPECT_NE(html.find("<h2>Executive summary</h2>"), std::string::npos);
  EXPECT_EQ(html.find("<h2>Answer</h2>"), std::string::npos);
  EXPECT_NE(html.find("Example Ltd, confidential</footer>"), std::string::npos);
}

TEST(HouseStyle, LeavesPartsOutWithAllBelowThem) {
  const std::string html = styled({{"leave_out", {"Results", "Glossary"}}});
  EXPECT_EQ(html.find("<h2>Results</h2>"), std::string::npos);
  EXPECT_EQ(html.find("LLM: test-model"), std::string::npos);
  EXPECT_EQ(html.find("<h2>Glossary</h2>"), std::string::npos);
  EXPECT_NE(html.find("<h2>Comparison</h2>"), std::string::npos);
}

TEST(HouseStyle, RefusesWhatCannotBeReadOrWouldBreakThePage) {
  const auto refused = [](const Json& style) {
    return bad_input([&] { style_from_json(style, "house.json"); });
  };
  ASSAY_EXPECT_HAS(refused({{"colours", {{"accent", "#ffd700"}}}}),
                   "house.json:/colours/accent: would be hard to read");
  ASSAY_EXPECT_HAS(refused({{"colours", {{"ink", "red"}}}}), "is no colour");
  ASSAY_EXPECT_HAS(refused({{"font", "x}</style><script>"}}), "is no list of font families");
  ASSAY_EXPECT_HAS(refused({{"base", "custmer"}}), "there is customer, one-page");
  ASSAY_EXPECT_HAS(refused({{"logo", "logo.gif"}}), "is no picture");
  ASSAY_EXPECT_HAS(refused({{"colors", Json::object()}}), "colours");
}

/// The JSON of a page of the documentation, in its order.
std::vector<Json> json_of(const std::string& page) {
  const std::string text = read_file(std::string(ASSAY_SOURCE_DIR) + page, 1 << 20), open = "```json\n";
  std::vector<Json> all;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + 1))
    all.push_back(
        parse_json(text.substr(at + open.size(), text.find("```", at + 3) - at - open.size()), page));
  return all;
}

TEST(HouseStyle, AndWhatADocumentIsAboutAreReadAsTheDocumentationShowsThem) {
  const std::vector<Json> shown = json_of("/docs/reports.md");
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(brief_from_json(shown[0], "docs").acceptance.size(), 2u);
  EXPECT_EQ(style_from_json(shown[1], "docs").footer, "Example Ltd, in confidence");
  const std::string example = std::string(ASSAY_SOURCE_DIR) + "/reports/examples/customer/report.json";
  EXPECT_EQ(brief_from_json(load_json(example), example).across, std::vector<std::string>{"dtype"});
}

TEST(HouseStyle, OfNothingChangesNothing) {
  const CustomerInput input = example_document();
  const Document plain = find_template("customer")->document(input);
  EXPECT_EQ(styled(Json::object()), html_of(plain).text);
}

}  // namespace
}  // namespace assay::style_tests
