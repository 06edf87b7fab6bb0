// SPDX-License-Identifier: Apache-2.0
// `--format pdf` as a user meets it, with a program in Chromium's place that does what the test wants.
#include <gtest/gtest.h>

#include <algorithm>

#include "result/result_json.h"
#include "support/compared_results.h"
#include "support/program.h"
#include "support/tiny_config.h"

namespace assay::test::pdf_tests {
namespace {

const std::string kResult = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json";
const std::string kPdf = "%PDF-1.7 printed %%EOF";

/// A folder with a program that is found as chromium: `does` has $pdf, where it is to print, and $html.
struct Printer {
  TemporaryFolder folder;
  std::string out = (folder.path() / "out and more").string();

  explicit Printer(const std::string& does) {
    const auto program =
        folder.write("chromium",
                     "#!/bin/sh\n"
                     "echo \"$0: 9: [: 25276: unexpected operator\" >&2\n"
                     "for word; do case $word in\n"
                     "  --print-to-pdf=*) pdf=${word#*=} ;;\n"
                     "  file://*) html=$(printf %s \"${word#file://}\" | sed 's/%20/ /g') ;;\n"
                     "esac; done\n"
                     "printf '%s\\n' \"$@\" >\"${0%/*}/words\"\n" +
                         does + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  }
  Said assay(const std::string& arguments, const std::string& variables = "") const {
    return run_program("ASSAY_BACKENDS=cpu ASSAY_CHROMIUM= PATH=" + folder.path().string() + ":$PATH " +
                       variables + " " + ASSAY_BINARY + " " + arguments);
  }
  Said report(const std::string& formats, const std::string& variables = "") const {
    return assay("report " + kResult + " --out '" + out + "' " + formats, variables);
  }
  std::string words() const { return text_of(folder.path() / "words"); }
  std::string made() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(out)) names.push_back(file.path().filename());
    std::ranges::sort(names);
    std::string all;
    for (const std::string& name : names) all += name + " ";
    return all;
  }
};

const std::string kPrints = "printf '" + std::string("%%PDF-1.7 printed %%%%EOF") + "' >\"$pdf\"";

std::ptrdiff_t lines(const std::string& text) {
  return std::ranges::count(text, '\n');
}

TEST(Pdf, IsWhatChromiumPrintsOfTheVeryHtml) {
  const Printer printer(kPrints + "; cp \"$html\" \"${0%/*}/page\"");
  const Said said = printer.report("--format pdf --format html");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out, printer.out + "/report.html\n" + printer.out + "/report.pdf\n");
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(text_of(printer.out + "/report.pdf"), kPdf);
  EXPECT_EQ(text_of(printer.folder.path() / "page"), text_of(printer.out + "/report.html"));
  EXPECT_EQ(printer.made(), "report.html report.pdf ") << "and nothing that it worked with";
}

TEST(Pdf, HasAProfileOfItsOwnAndReachesNoNetwork) {
  const Printer printer(kPrints);
  ASSERT_EQ(printer.report("--format pdf").exit_code, 0);
  for (const char* word : {"--headless\n", "--no-pdf-header-footer\n", "--user-data-dir=" /* of its own */,
                           "--host-resolver-rules=MAP * ~NOTFOUND\n", "--generate-pdf-document-outline\n"})
    EXPECT_NE(printer.words().find(word), std::string::npos) << printer.words();
  EXPECT_EQ(printer.made(), "report.pdf ");
}

TEST(Pdf, WithoutAChromiumSaysSoBeforeAnythingIsDone) {
  const Printer printer(kPrints);
  for (const auto& [variables, what] :
       {std::pair("PATH=/nowhere", "error: --format pdf: no Chromium is here (chromium, "),
        std::pair("ASSAY_CHROMIUM=/nowhere/chromium",
                  "error: --format pdf: ASSAY_CHROMIUM names no program: /nowhere/chromium\n")}) {
    const Said said = printer.report("--format html --format pdf", variables);
    EXPECT_EQ(said.exit_code, 2);
    EXPECT_TRUE(said.err.starts_with(what)) << said.err;
    EXPECT_NE(said.err.find("\n  hint: "), std::string::npos) << said.err;
    EXPECT_NE(said.err.find("prints to the same PDF from any browser"), std::string::npos) << said.err;
    EXPECT_EQ(lines(said.err), 2);
    EXPECT_FALSE(std::filesystem::exists(printer.out));
  }
}

TEST(Pdf, ALongRunIsToldBeforehandThatItCannotBePrinted) {
  const Printer printer(kPrints);
  const Said said = printer.assay(
      "run " + tiny_config(printer.folder) + " --device cpu --format pdf --out '" + printer.out + "'",
      "PATH=/nowhere");
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("no Chromium is here"), std::string::npos) << said.err;
  EXPECT_FALSE(std::filesystem::exists(printer.out + "/cases.jsonl"));
}

TEST(Pdf, TakesTheProgramThatIsNamed) {
  const Printer printer("exit 5"), other(kPrints);
  const Said said =
      printer.report("--format pdf", "ASSAY_CHROMIUM=" + (other.folder.path() / "chromium").string());
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(text_of(printer.out + "/report.pdf"), kPdf);
}

TEST(Pdf, OneThatFailsLosesNothingElse) {
  for (const auto& [does, how] :
       {std::pair("echo no memory left; exit 5", "chromium ended with code 5 (no memory left)"),
        std::pair("kill -SEGV $$", "chromium was ended by signal 11"),
        std::pair("exit 0", "chromium ended without a PDF"),
        std::pair("echo hello >\"$pdf\"", "chromium left something that is no PDF"),
        std::pair(": >\"$pdf\"", "chromium left an empty file"),
        std::pair("printf '%%PDF-1.7 pri' >\"$pdf\"", "chromium left half of a PDF")}) {
    const Printer printer(does);
    const Said said = printer.report("--format pdf --format csv --format html");
    EXPECT_EQ(said.exit_code, 3) << does;
    EXPECT_NE(said.err.find(how), std::string::npos) << does << ": " << said.err;
    EXPECT_NE(said.err.find("\n  hint: name another with ASSAY_CHROMIUM=PATH; or --format html prints"),
              std::string::npos)
        << said.err;
    EXPECT_EQ(lines(said.err), 2) << said.err;
    EXPECT_EQ(said.err.find("unexpected operator"), std::string::npos) << "it says so when it prints, too";
    EXPECT_EQ(said.out, printer.out + "/report.csv\n" + printer.out + "/report.html\n");
    EXPECT_EQ(printer.made(), "report.csv report.html ") << does;
  }
}

TEST(Pdf, OneThatFailsLeavesAnEarlierPdfAsItWas) {
  const Printer printer("echo hello >\"$pdf\"");
  std::filesystem::create_directories(printer.out);
  std::ofstream(printer.out + "/report.pdf") << "earlier";
  EXPECT_EQ(printer.report("--format pdf").exit_code, 3);
  EXPECT_EQ(text_of(printer.out + "/report.pdf"), "earlier");
}

TEST(Pdf, OneThatHangsIsEndedWithAllThatItStarted) {
  const Printer printer("sleep 300 & echo $! >\"${0%/*}/child\"; sleep 300");
  const Said said = printer.report("--format pdf --format csv", "ASSAY_CHROMIUM_SECONDS=0.5");
  EXPECT_EQ(said.exit_code, 3);
  EXPECT_NE(said.err.find("chromium had not printed after 0.5 s"), std::string::npos) << said.err;
  EXPECT_EQ(printer.made(), "report.csv ");
  const std::string child = text_of(printer.folder.path() / "child");
  ASSERT_FALSE(child.empty());
  // Ended, if not yet waited for: a signal that does nothing finds it no more, or it is a zombie.
  const Said state = run_program("cut -d' ' -f3 /proc/" + child.substr(0, child.size() - 1) + "/stat");
  EXPECT_TRUE(state.out.empty() || state.out == "Z\n") << state.out;
}

TEST(Pdf, OfAComparisonComesLastAndKeepsItsExitCode) {
  std::vector<Result> pair = compared_pair();
  pair[1].cases[0].verification->outputs["logits"].values = {1, 2, 2};
  for (const auto& [does, printed] : {std::pair(kPrints, true), std::pair(std::string("exit 5"), false)}) {
    const Printer printer(does);
    const std::string a = (printer.folder.path() / "a.json").string(),
                      b = (printer.folder.path() / "b.json").string();
    write_result(a, pair[0]);
    write_result(b, pair[1]);
    const Said said = printer.assay("compare " + a + " " + b + " --format pdf --out '" + printer.out + "'");
    EXPECT_EQ(said.exit_code, 4) << said.err;
    EXPECT_NE(said.err.find("outputs for the same seed and weights disagree"), std::string::npos) << said.err;
    EXPECT_EQ(said.err.find("ended with code 5") == std::string::npos, printed) << said.err;
    EXPECT_EQ(said.out,
              printer.out + "/comparison.json\n" + (printed ? printer.out + "/comparison.pdf\n" : ""));
  }
}

TEST(Pdf, OfARunStandsBesideItsResult) {
  const Printer printer(kPrints);
  const Said said =
      printer.assay("run " + tiny_config(printer.folder) +
                    " --device cpu --quick --no-time --no-probes --format pdf --out '" + printer.out + "'");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out, printer.out + "/result.json\n") << "and nothing else where programs read";
  EXPECT_EQ(text_of(printer.out + "/report.pdf"), kPdf);
}

}  // namespace
}  // namespace assay::test::pdf_tests
