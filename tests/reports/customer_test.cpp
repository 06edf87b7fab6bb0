// SPDX-License-Identifier: Apache-2.0
#include "reports/customer/formats.h"

#include <gtest/gtest.h>

#include "support/customer_example.h"
#include "support/golden.h"

namespace assay::customer_tests {
namespace {

std::string rendered(const std::string& name, const std::string& format, const CustomerInput& input) {
  return find_document_format(format).render({input, find_template(name)->document(input)}).text;
}

std::vector<std::string> headings(const Document& document) {
  std::vector<std::string> all;
  for (const Block& block : document.blocks)
    if (const auto* heading = std::get_if<Heading>(&block); heading != nullptr && heading->level == 2)
      all.push_back(heading->text);
  return all;
}

TEST(CustomerDocument, EveryTemplateIsAsAccepted) {
  const CustomerInput input = example_document();
  for (const DocumentTemplate& one : document_templates())
    for (const std::string format : {"markdown", "html"})
      expect_golden(std::string(one.name) + "." + std::string(find_document_format(format).extension),
                    rendered(std::string(one.name), format, input));
}

TEST(CustomerDocument, BeginsWithItsStandingTheQuestionAndTheAnswer) {
  const std::string md = rendered("customer", "markdown", example_document());
  const std::size_t standing = md.find("> "), question = md.find("Does one device carry four users"),
                    answer = md.find("bf16: it meets all 3 limits");
  ASSERT_NE(answer, std::string::npos) << md.substr(0, 2000);
  EXPECT_LT(standing, question);
  EXPECT_LT(question, answer);
  EXPECT_LT(answer, md.find("## Requirement and acceptance"));
}

TEST(CustomerDocument, HasItsPartsInOrderAndNoEmptyOnes) {
  const CustomerInput whole = example_document();
  EXPECT_EQ(headings(find_template("customer")->document(whole)),
            (std::vector<std::string>{"Answer", "Requirement and acceptance", "Systems compared",
                                      "Health and validity", "Results", "Comparison", "Cost and energy",
                                      "Ceiling and measurement", "Limits of this document",
                                      "How it was measured", "How to repeat it", "Glossary"}));
  Result one = compared_result("Test CPU", {swept_case("f32", 1, 0.01)});
  const CustomerInput bare = customer_input(report_input({one}), {});
  EXPECT_EQ(headings(find_template("customer")->document(bare)),
            (std::vector<std::string>{"Systems compared", "Health and validity", "Results",
                                      "Ceiling and measurement", "Limits of this document",
                                      "How it was measured", "How to repeat it", "Glossary"}));
}

TEST(CustomerDocument, SaysInPlaceAndInItsLimitsThatSeededWeightsAreNumericsOnly) {
  const std::string md = rendered("customer", "markdown", example_document());
  EXPECT_LT(md.find("Numerics only"), md.find("## Comparison"));
  EXPECT_NE(md.find("numerics only", md.find("## Limits of this document")), std::string::npos);
  EXPECT_NE(md.find("The customer's own prompts."), std::string::npos);
}

TEST(CustomerDocument, GivesTheCapacityAndWhatLiesBeyondIt) {
  const std::string md = rendered("customer", "markdown", example_document());
  const std::size_t table = md.find("How much load holds each limit");
  ASSERT_NE(table, std::string::npos);
  EXPECT_NE(md.find("batch 4", table), std::string::npos);
  EXPECT_NE(md.find("batch 16", table), std::string::npos);
}

TEST(CustomerDocument, OfItsAuthorsDraftIsADraft) {
  Brief brief = example_brief();
  brief.draft = true;
  EXPECT_NE(rendered("customer", "markdown", example_document(brief)).find("its author is not done with it"),
            std::string::npos);
}

TEST(CustomerDocument, EscapesWhatItsAuthorWrites) {
  Brief brief = example_brief();
  brief.title = "<script>alert(1)</script>";
  brief.question = "a | b & <b>c</b>?";
  const std::string html = rendered("customer", "html", example_document(brief));
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find("<b>c</b>"), std::string::npos);
}

TEST(CustomerDocument, OfNothingIsStillADocument) {
  const CustomerInput nothing = customer_input(report_input({}), example_brief());
  for (const DocumentTemplate& one : document_templates())
    for (const DocumentFormat& format : document_formats())
      EXPECT_FALSE(format.render({nothing, one.document(nothing)}).text.empty()) << one.name;
}

TEST(CustomerDocument, GivesOtherProgramsAllThatItIsMadeOf) {
  const CustomerInput input = example_document();
  const Json json = to_json(input);
  EXPECT_EQ(json["evaluation"]["recommendation"]["decision"], "one");
  EXPECT_EQ(json["evaluation"]["about"]["customer"], "Example Ltd");
  EXPECT_EQ(json["evaluation"]["verdicts"].size(), 6u);
  EXPECT_EQ(json["results"].size(), 1u);
}

}  // namespace
}  // namespace assay::customer_tests
