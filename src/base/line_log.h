// SPDX-License-Identifier: Apache-2.0
// A file of lines that only grows: what a long run has found so far. Each line goes to the operating system
// whole, by one write, so that a kill loses at most the line at hand, and what it may leave of that one is
// told from a line by its missing end. Not synced line by line: a power cut may lose the last seconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

class Descriptor;

class LineLog {
 public:
  enum class Existing : std::uint8_t { replace, keep };
  /// A line cut off by a kill goes before the first append. Error(bad_input) where the file cannot be
  /// written.
  explicit LineLog(std::filesystem::path path, Existing existing = Existing::replace);
  ~LineLog();

  /// `line` holds no newline. On a full disk: Error(bad_input), and the log is as it was.
  void append(std::string_view line);

 private:
  const std::filesystem::path path_;
  const std::unique_ptr<Descriptor> file_;
  std::int64_t bytes_ = 0;
};

/// The lines of a log, or of any file that may be longer than memory.
class LineReader {
 public:
  /// A line of more than `limit_bytes` is an Error(bad_input) that names its number.
  LineReader(std::filesystem::path path, std::int64_t limit_bytes);
  ~LineReader();

  /// The next whole line, without its newline; nothing at the end.
  std::optional<std::string> next();
  std::int64_t number() const { return number_; }  // of the line that next() gave; from 1
  /// At the end: the file ended in the middle of a line, which next() did not give.
  bool torn() const { return torn_; }

 private:
  const std::filesystem::path path_;
  const std::int64_t limit_bytes_;
  const std::unique_ptr<Descriptor> file_;
  std::string read_;    // and not given yet
  std::size_t at_ = 0;  // of it, given
  std::int64_t number_ = 0;
  bool torn_ = false;
};

}  // namespace assay
