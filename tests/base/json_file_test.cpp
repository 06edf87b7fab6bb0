// SPDX-License-Identifier: Apache-2.0
#include "base/json_file.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

std::vector<std::filesystem::path> synced;  // in this order
bool there_at_last_sync = false;            // a file r.json in the folder that was synced last

}  // namespace

/// Stands before the C library's.
extern "C" int fsync(int fd) {
  synced.push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)));
  there_at_last_sync = std::filesystem::exists(synced.back() / "r.json");
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace assay::json_file_tests {
namespace {

using test::bad_input;
using test::TemporaryFolder;

std::string complaint(std::string_view text) {
  return bad_input([&] { parse_json(text, "a.json"); });
}

TEST(JsonFile, AllowsComments) {
  const Json value = parse_json("{ // a comment\n \"batch\": [1, /* two */ 2] }", "a.json");
  EXPECT_EQ(value["batch"][1], 2);
}

TEST(JsonFile, NamesLineAndColumnOfWhatIsWrong) {
  ASSAY_EXPECT_HAS(complaint("{\n  \"a\": 1,\n  \"b\" 2\n}"), "a.json:3:7: is not JSON: unexpected '2'");
  ASSAY_EXPECT_HAS(complaint("{\"a\": nope}"), "a.json:1:");
}

TEST(JsonFile, SaysThatTruncatedTextEnds) {
  ASSAY_EXPECT_HAS(complaint("{\"a\": [1, 2"), "the text ends here");
  ASSAY_EXPECT_HAS(complaint("{\"a\": \"unfinished"), "the text ends here");
  ASSAY_EXPECT_HAS(complaint(" \n"), "is empty");
}

TEST(JsonFile, RefusesWhatIsNotText) {
  ASSAY_EXPECT_HAS(complaint(std::string("\x89PNG\r\n\x1a\n", 8)), "unexpected byte 0x89");
  ASSAY_EXPECT_HAS(complaint("{\"a\": \"\xff\"}"), "is not JSON");
}

TEST(JsonFile, TakesDepth64AndRefuses65) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_NO_THROW(parse_json(nested(64), "a.json"));
  ASSAY_EXPECT_HAS(complaint(nested(65)), "nested too deeply");
  ASSAY_EXPECT_HAS(complaint(std::string(1 << 20, '[')), "nested too deeply");
}

TEST(JsonFile, RefusesAKeyThatStandsTwice) {
  ASSAY_EXPECT_HAS(complaint(R"({"load": {"batch": 1, "batch": 2}})"), "the key \"batch\" stands twice");
  EXPECT_NO_THROW(parse_json(R"([{"a": 1}, {"a": 2, "b": {"a": 3}}])", "a.json"));
}

TEST(JsonFile, RefusesNumbersThatADoubleCannotHold) {
  ASSAY_EXPECT_HAS(complaint("{\"a\": 1e999}"), "number out of range");
}

TEST(JsonFile, TellsMissingFilesFromFolders) {
  const TemporaryFolder folder;
  ASSAY_EXPECT_HAS(bad_input([&] { load_json(folder.path() / "no.json"); }), "no.json: is missing");
  ASSAY_EXPECT_HAS(bad_input([&] { load_json(folder.path()); }), "is a folder");
  const auto file = folder.write("a.json", "{}");
  ASSAY_EXPECT_HAS(bad_input([&] { load_json(file / "b.json"); }), "is missing");
}

TEST(JsonFile, RefusesFilesOverTheLimitWithoutReadingThem) {
  const TemporaryFolder folder;
  const auto file = folder.write("big.json", "{}");
  std::filesystem::resize_file(file, 100'000'000);  // sparse
  ASSAY_EXPECT_HAS(bad_input([&] { load_json(file); }), "is too large (100000000 bytes)");
  ASSAY_EXPECT_HAS(bad_input([] { read_file("/dev/zero", 1 << 20); }), "is too large");
}

TEST(JsonFile, ReadsBackWhatItSaved) {
  const TemporaryFolder folder;
  const Json value = {{"name", "caf\xc3\xa9"}, {"n", 8030261248}, {"x", 0.1}};
  save_json(folder.path() / "a.json", value);
  EXPECT_EQ(load_json(folder.path() / "a.json"), value);
}

TEST(Files, ReplaceAWholeFileAndLeaveNothingBeside) {
  const TemporaryFolder folder;
  const auto file = folder.write("r.json", "old and longer");
  write_file_atomically(file, "new");
  EXPECT_EQ(read_file(file, 100), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, AreOnTheDiskWithTheirNamesWhenTheyAreWritten) {
  const TemporaryFolder folder;
  synced = {};
  write_file_atomically(folder.path() / "r.json", "new");
  ASSERT_EQ(synced.size(), 2u);
  EXPECT_EQ(synced[0].filename().extension(), ".tmp");
  EXPECT_EQ(synced[1], std::filesystem::canonical(folder.path()));  // after the rename
  EXPECT_TRUE(there_at_last_sync);
}

TEST(Files, SayWhereTheyCannotBeWritten) {
  const TemporaryFolder folder;
  ASSAY_EXPECT_HAS(bad_input([&] { write_file_atomically(folder.path() / "no" / "r.json", "x"); }),
                   "r.json: cannot be written");
  std::filesystem::create_directory(folder.path() / "d");
  ASSAY_EXPECT_HAS(bad_input([&] { write_file_atomically(folder.path() / "d", "x"); }), "cannot be replaced");
}

TEST(Files, ShowAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TemporaryFolder folder;
  // The temporary file's name is path + ".PID.tmp": a link there stands for a disk that is full.
  const auto target = folder.path() / "r.json";
  std::filesystem::create_symlink("/dev/full", target.string() + "." + std::to_string(::getpid()) + ".tmp");
  ASSAY_EXPECT_HAS(bad_input([&] { write_file_atomically(target, "x"); }),
                   "cannot be written (No space left");
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST(Files, ProveThatAnOutputFolderCanBeWritten) {
  const TemporaryFolder folder;
  check_output_folder(folder.path() / "a" / "b");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "a" / "b"));
  const auto file = folder.write("f", "");
  ASSAY_EXPECT_HAS(bad_input([&] { check_output_folder(file); }), "cannot be made a folder");
  ASSAY_EXPECT_HAS(bad_input([&] { check_output_folder(file / "x"); }), "cannot be made a folder");
  ASSAY_EXPECT_HAS(bad_input([] { check_output_folder("/proc/assay"); }), "/proc/assay: cannot be");
}

}  // namespace
}  // namespace assay::json_file_tests
