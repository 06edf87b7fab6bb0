// SPDX-License-Identifier: Apache-2.0
// Documents for customers as an architect makes them: `assay report --template`.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_file.h"
#include "result/result_json.h"
#include "support/program.h"
#include "support/swept_result.h"

namespace assay::test::document_tests {
namespace {

constexpr const char* kAbout = R"({"title": "Chat", "customer": "Example Ltd", "across": ["dtype"],
  "question": "Which format?", "acceptance": [{"name": "Quick", "where": {"batch": 4},
  "metric": "inter_token_latency_s", "at_most": 0.015}]})";

struct Files {
  TemporaryFolder folder;
  std::string result = (folder.path() / "result.json").string();
  std::string about = folder.write("about.json", kAbout).string();
  std::filesystem::path out = folder.path() / "out";

  Files() { write_result(result, two_formats()); }
  Said report(const std::string& more) const {
    return assay("report " + result + " --out " + out.string() + " " + more);
  }
};

TEST(Document, IsMadeOfResultsAndOfWhatItsAuthorSays) {
  const Files files;
  const Said said = files.report("--template customer --about " + files.about);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out,
            (files.out / "customer.md").string() + "\n" + (files.out / "customer.html").string() + "\n");
  const std::string md = text_of((files.out / "customer.md").string());
  EXPECT_NE(md.find("# Chat"), std::string::npos);
  EXPECT_NE(md.find("For Example Ltd"), std::string::npos);
  EXPECT_NE(md.find("bf16: it meets the limit"), std::string::npos) << md.substr(0, 1500);
}

TEST(Document, TakesEveryFieldFromTheCommandLineToo) {
  const Files files;
  const Said said = files.report("--template one-page --format markdown --about " + files.about +
                                 " --set /customer='Another & Co' --set /acceptance/0/at_most=0.5");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  const std::string md = text_of((files.out / "one-page.md").string());
  EXPECT_NE(md.find("For Another &amp; Co"), std::string::npos) << md.substr(0, 500);
  EXPECT_NE(md.find("is better than f32"), std::string::npos);
}

TEST(Document, WearsAHouseStyle) {
  const Files files;
  const std::string logo =
      files.folder.write("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>").string();
  const std::string style =
      files.folder.write("house.json", R"({"logo": "logo.svg", "wording": {"Answer": "In short"}})").string();
  const Said said = files.report("--template " + style + " --about " + files.about);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_NE(text_of((files.out / "customer.html").string()).find("<h2>In short</h2>"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(files.out / "charts/logo.svg"));
}

TEST(Document, FillsATemplateOfTheUsersOwnWithTheAnswer) {
  const Files files;
  const std::string own =
      files.folder
          .write("own.txt.mustache", "{{evaluation.about.title}}: {{evaluation.recommendation.sentence}}")
          .string();
  const Said said = files.report("--template " + own + " --about " + files.about);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(text_of((files.out / "report.txt").string()),
            "Chat: bf16: it meets the limit, and no other system does.");
}

TEST(Document, SaysWhatIsWrongBeforeItWritesAnything) {
  const Files files;
  const auto refused = [&](const std::string& more, const std::string& part) {
    const Said said = files.report(more);
    EXPECT_EQ(said.exit_code, 2) << more;
    EXPECT_NE(said.err.find(part), std::string::npos) << said.err;
    EXPECT_FALSE(std::filesystem::exists(files.out)) << more;
  };
  refused("--template custmer", "did you mean customer?");
  refused("--template nothing.json", "there is no file nothing.json");
  refused("--about " + files.about, "--template customer");
  refused("--template customer --about " + files.about + " --set /acceptance/0/at_most=null",
          "limits nothing");
  refused("--template customer --set /titel=x", "title");
  refused("--template customer --format csv", "known formats: markdown, html, pdf, json, tables");
}

TEST(Document, NamesNoFileOfItsAuthorWhereItIsRedacted) {
  const Files files;
  const Said said =
      files.report("--template customer --redact --format json --format html --about " + files.about);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  for (const char* file : {"customer.json", "customer.html"})
    EXPECT_EQ(text_of((files.out / file).string()).find(files.folder.path().string()), std::string::npos);
}

}  // namespace
}  // namespace assay::test::document_tests
