// SPDX-License-Identifier: Apache-2.0
#include "base/line_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <vector>

#include "base/files.h"
#include "base/json_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace assay::line_log_tests {
namespace {

using test::bad_input;
using test::TemporaryFolder;
using Lines = std::vector<std::string>;

Lines lines_of(LineReader& reader) {
  Lines lines;
  while (auto line = reader.next()) lines.push_back(std::move(*line));
  return lines;
}

Lines lines_of(const std::filesystem::path& path) {
  LineReader reader(path, 1 << 20);
  return lines_of(reader);
}

TEST(LineLog, KeepsEachLineAsSoonAsItIsAppended) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "cases.jsonl";
  LineLog log(path);
  EXPECT_EQ(lines_of(path), Lines{});
  log.append("one");
  EXPECT_EQ(read_file(path, 100), "one\n");  // while the log is open: a kill here loses nothing
  log.append("");
  log.append(std::string(200'000, 'x'));  // longer than a block of the reader
  log.append("four");
  EXPECT_EQ(lines_of(path), (Lines{"one", "", std::string(200'000, 'x'), "four"}));
}

TEST(LineLog, StartsAnewUnlessItIsAskedToGoOn) {
  const TemporaryFolder folder;
  const auto path = folder.write("log", "old\n");
  LineLog(path, LineLog::Existing::keep).append("new");
  EXPECT_EQ(lines_of(path), (Lines{"old", "new"}));
  LineLog(path).append("newer");
  EXPECT_EQ(lines_of(path), Lines{"newer"});
}

TEST(LineLog, GoesOnAfterTheLastWholeLine) {
  const TemporaryFolder folder;
  for (const std::string& whole : {std::string(), std::string("one\n"), std::string(100'000, 'x') + "\n"}) {
    const auto path = folder.write("log", whole + "cut o");
    LineLog(path, LineLog::Existing::keep).append("two");
    EXPECT_EQ(read_file(path, 1 << 20), whole + "two\n");
  }
}

TEST(LineLog, ReadersLeaveATornLineOutAndSaySo) {
  const TemporaryFolder folder;
  LineReader torn(folder.write("torn", "one\n{\"id\": \"tw"), 100);
  EXPECT_EQ(lines_of(torn), Lines{"one"});
  EXPECT_TRUE(torn.torn());
  LineReader whole(folder.write("whole", "one\ntwo\n"), 100);
  EXPECT_EQ(lines_of(whole), (Lines{"one", "two"}));
  EXPECT_FALSE(whole.torn());
  EXPECT_EQ(whole.number(), 2);
}

TEST(LineLog, ReadersRefuseALineOverTheLimit) {
  const TemporaryFolder folder;
  const std::string long_line(2 << 20, 'x');
  for (const char* end : {"\n", ""}) {
    const auto path = folder.write("log", "one\n" + long_line + end);
    LineReader reader(path, 1 << 20);
    EXPECT_EQ(reader.next(), "one");
    ASSAY_EXPECT_HAS(bad_input([&] { reader.next(); }), "log: line 2 is too long | at most 1 MiB");
  }
  ASSAY_EXPECT_HAS(bad_input([] { LineReader("/dev/zero", 1 << 20).next(); }), "line 1 is too long");
}

TEST(LineLog, SaysWhereItCannotBeWrittenOrRead) {
  const TemporaryFolder folder;
  ASSAY_EXPECT_HAS(bad_input([&] { LineLog(folder.path() / "no" / "log"); }),
                   "log: cannot be written (No such");
  ASSAY_EXPECT_HAS(bad_input([&] { LineReader(folder.path() / "log", 1); }), "log: is missing");
  ASSAY_EXPECT_HAS(bad_input([&] { LineReader(folder.path(), 1).next(); }), "cannot be read");
  EXPECT_THROW(LineLog(folder.path() / "log").append("a\nb"), std::logic_error);
}

TEST(LineLog, ShowsAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  LineLog log("/dev/full");
  ASSAY_EXPECT_HAS(bad_input([&] { log.append("x"); }), "/dev/full: cannot be written (No space left");
}

/// Files of this process may not grow past a limit, for as long as it lives: a disk with room for a part of a
/// line.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_ = {};
  void (*handler_)(int) = nullptr;
};

TEST(LineLog, IsAsItWasAfterALineThatDidNotFit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "log";
  LineLog log(path);
  log.append("one");
  {
    const FileSizeLimit limit(1000);
    ASSAY_EXPECT_HAS(bad_input([&] { log.append(std::string(5000, 'x')); }),
                     "log: cannot be written (File too large");
  }
  EXPECT_EQ(read_file(path, 100), "one\n");
  log.append("two");
  EXPECT_EQ(lines_of(path), (Lines{"one", "two"}));
}

TEST(JsonLines, GiveEachValueAndWhetherTheLastWasCutOff) {
  const TemporaryFolder folder;
  std::vector<Json> values;
  const auto take = [&](Json&& value) { values.push_back(std::move(value)); };
  EXPECT_TRUE(load_json_lines(folder.write("c.jsonl", "{\"id\": 1}\n\n[2]\n{\"id\""), take));
  EXPECT_EQ(values, (std::vector<Json>{Json::parse(R"({"id": 1})"), Json::parse("[2]")}));
  EXPECT_FALSE(load_json_lines(folder.write("c.jsonl", "3\n"), take));
  ASSAY_EXPECT_HAS(bad_input([&] { load_json_lines(folder.write("c.jsonl", "1\n{\"id\": }\n"), take); }),
                   "c.jsonl:2:1:8: is not JSON");
  ASSAY_EXPECT_HAS(
      bad_input([&] { load_json_lines(folder.write("c.jsonl", std::string(1000, '[') + "\n"), take); }),
      "c.jsonl:1: is nested too deeply");
}

}  // namespace
}  // namespace assay::line_log_tests
