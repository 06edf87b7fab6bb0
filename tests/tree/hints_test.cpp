// SPDX-License-Identifier: Apache-2.0
// What the program tells people to type is there: every "assay X" and every --option in a text of the sources
// is a command or an option that is declared.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace assay::hints_tests {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = ASSAY_SOURCE_DIR;
using Words = std::set<std::string>;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<fs::path> sources() {
  std::vector<fs::path> found;
  for (const char* folder : {"src", "reports", "workloads", "kernels"})
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
      if (const fs::path& file = entry.path();
          (file.extension() == ".cpp" || file.extension() == ".h") &&
          file.filename() != "html_style.cpp")  // where -- begins the name of a colour
        found.push_back(file);
  return found;
}

/// The texts between quotes, outside of comments; those that follow one another are one.
std::vector<std::string> literals_of(const std::string& source) {
  std::vector<std::string> found;
  bool joins = false;  // nothing but space since the last text
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source.compare(at, 2, "//") == 0) {
      at = std::min(source.find('\n', at), source.size());
    } else if (source[at] == '\'' && at + 2 < source.size()) {  // a character: '"' is no quote
      if (source[at + 1] == '\\' || source[at + 2] == '\'') at = source.find('\'', at + 2);
      joins = false;
    } else if (source[at] == '"') {
      std::string text;
      for (++at; at < source.size() && source[at] != '"'; ++at) {
        if (source[at] == '\\') ++at;
        text += source[at] == 'n' && source[at - 1] == '\\' ? '\n' : source[at];
      }
      if (joins)
        found.back() += text;
      else
        found.push_back(text);
      joins = true;
    } else if (std::isspace(static_cast<unsigned char>(source[at])) == 0) {
      joins = false;
    }
  }
  return found;
}

Words matches(const std::string& text, const std::regex& pattern) {
  Words found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    found.insert((*at)[1].str());
  return found;
}

/// By subcommand; "" is what every one knows.
std::map<std::string, Words> declared() {
  static const std::regex kCommand(R"re(add_subcommand\(\s*"([a-z]+)")re");
  static const std::regex kOption(R"re((?:add_option|add_flag)\(\s*"(?:-[a-z],)?(--[a-z-]+)")re");
  std::map<std::string, Words> found = {{"", {"--help", "--version"}}};
  for (const auto& entry : fs::directory_iterator(kRoot / "src/cli")) {
    const std::string source = text_of(entry.path()), stem = entry.path().stem();
    const Words options = matches(source, kOption);
    for (const std::string& command : matches(source, kCommand))
      found[command].insert(options.begin(), options.end());
    if (stem == "main" || stem == "context") found[""].insert(options.begin(), options.end());
    if (stem == "run_options") found["run"].insert(options.begin(), options.end());
  }
  return found;
}

TEST(Hints, NameOnlyCommandsAndOptionsThatAreThere) {
  static const std::regex kCommand(R"(\bassay ([a-z]+)\b((?: (?![a-z]*[,;:] )[^,;:)\n]*)?))");
  static const std::regex kOption(R"((?:^|[^\w-])(--[a-z][a-z-]*))");
  // Of Google Benchmark; of other programs, in what is said of them.
  const Words others = {"--benchmark"};
  const Words prose = {"comparison", "knows", "result", "that"};  // behind "assay", and no command
  const auto known = declared();
  ASSERT_TRUE(known.contains("run") && known.at("run").contains("--resume"));
  Words all = others;
  for (const auto& [command, options] : known) all.insert(options.begin(), options.end());
  int commands = 0, options = 0;
  for (const fs::path& file : sources())
    for (const std::string& text : literals_of(text_of(file))) {
      for (const std::string& option : matches(text, kOption)) {
        ++options;
        EXPECT_TRUE(all.contains(option)) << file << ": " << option << " in \"" << text << "\"";
      }
      for (std::sregex_iterator at(text.begin(), text.end(), kCommand), end; at != end; ++at) {
        const std::string command = (*at)[1];
        if (prose.contains(command)) continue;
        ++commands;
        EXPECT_TRUE(known.contains(command)) << file << ": assay " << command << " in \"" << text << "\"";
        if (!known.contains(command)) continue;
        for (const std::string& option : matches((*at)[2], kOption))
          EXPECT_TRUE(known.at(command).contains(option) || known.at("").contains(option) ||
                      others.contains(option))
              << file << ": assay " << command << " has no " << option << ", named in \"" << text << "\"";
      }
    }
  EXPECT_GT(commands, 20);
  EXPECT_GT(options, 60);
}

TEST(Hints, TheTextsOfASourceAreFound) {
  EXPECT_EQ(literals_of("f(\"a \" // \"no\"\n  \"b\\n\", '\"', \"c\")"),
            (std::vector<std::string>{"a b\n", "c"}));
}

}  // namespace
}  // namespace assay::hints_tests
