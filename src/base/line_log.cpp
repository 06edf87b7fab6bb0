// SPDX-License-Identifier: Apache-2.0
#include "base/line_log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_log(const fs::path& path, const std::string& what, const std::string& hint) {
  throw Error(ExitCode::bad_input, path.string() + ": " + what, hint);
}

/// Bytes read, 0 at the end.
std::size_t read_block(const fs::path& path, const Descriptor& file, char* block, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(file.get(), block, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail_log(path, "cannot be read (" + errno_text(errno) + ")", "check the disk");
  }
}

/// Bytes up to and with the last newline.
std::int64_t whole_lines_bytes(const fs::path& path, const Descriptor& file) {
  char block[65536];
  std::int64_t read = 0, whole = 0;
  while (const std::size_t count = read_block(path, file, block, sizeof block)) {
    const std::size_t newline = std::string_view(block, count).rfind('\n');
    if (newline != std::string_view::npos) whole = read + static_cast<std::int64_t>(newline) + 1;
    read += static_cast<std::int64_t>(count);
  }
  return whole;
}

}  // namespace

LineLog::LineLog(fs::path path, Existing existing)
    : path_(std::move(path)),
      file_(std::make_unique<Descriptor>(::open(
          path_.c_str(),
          O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | (existing == Existing::replace ? O_TRUNC : 0), 0666))) {
  if (file_->get() < 0)
    fail_log(path_, "cannot be written (" + errno_text(errno) + ")",
             "name a folder that exists and can be written");
  if (existing == Existing::replace) return;
  bytes_ = whole_lines_bytes(path_, *file_);
  if (::ftruncate(file_->get(), bytes_) != 0)
    fail_log(path_, "cannot be cut after its last whole line (" + errno_text(errno) + ")", "remove it");
}
LineLog::~LineLog() = default;

void LineLog::append(std::string_view line) {
  if (line.find('\n') != std::string_view::npos)
    throw std::logic_error("LineLog: a line with a newline in it");
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_->get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      [[maybe_unused]] const int cut =
          ::ftruncate(file_->get(), bytes_);  // readers leave a torn line out, too
      fail_log(path_, "cannot be written (" + errno_text(error) + ")", "free some space, or write elsewhere");
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  bytes_ += static_cast<std::int64_t>(text.size());
}

LineReader::LineReader(fs::path path, std::int64_t limit_bytes)
    : path_(std::move(path)),
      limit_bytes_(limit_bytes),
      file_(std::make_unique<Descriptor>(::open(path_.c_str(), O_RDONLY | O_CLOEXEC))) {
  if (file_->get() < 0 && (errno == ENOENT || errno == ENOTDIR))
    fail_log(path_, "is missing", "check the path");
  if (file_->get() < 0)
    fail_log(path_, "cannot be opened (" + errno_text(errno) + ")", "check its permissions");
}
LineReader::~LineReader() = default;

std::optional<std::string> LineReader::next() {
  for (std::size_t searched = at_;;) {
    const std::size_t newline = read_.find('\n', searched);
    if (newline != std::string::npos && static_cast<std::int64_t>(newline - at_) <= limit_bytes_) {
      ++number_;
      std::string line = read_.substr(at_, newline - at_);
      at_ = newline + 1;
      return line;
    }
    if (static_cast<std::int64_t>(read_.size() - at_) > limit_bytes_)
      fail_log(path_, "line " + std::to_string(number_ + 1) + " is too long",
               "at most " + std::to_string(limit_bytes_ >> 20) + " MiB are read of one");
    read_.erase(0, std::exchange(at_, 0));
    searched = read_.size();
    char block[65536];
    const std::size_t count = read_block(path_, *file_, block, sizeof block);
    if (count == 0) {
      torn_ = !read_.empty();
      return std::nullopt;
    }
    read_.append(block, count);
  }
}

}  // namespace assay
