// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& what, const std::string& hint) {
  throw Error(ExitCode::bad_input, path.string() + ": " + what, hint);
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

/// 0, or the errno of the write that failed (ENOSPC may only show on fsync or close).
int write_all(Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0 && errno != EINVAL) return errno;  // EINVAL: a pipe or the like
  return file.close() == 0 ? 0 : errno;
}

}  // namespace

std::string read_file(const fs::path& path, std::int64_t limit_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) fail(path, "is missing", "check the path");
  if (file.get() < 0) fail(path, "cannot be opened (" + reason(errno) + ")", "check its permissions");
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0)
    fail(path, "cannot be read (" + reason(errno) + ")", "check the disk");
  if (S_ISDIR(status.st_mode)) fail(path, "is a folder", "name a file in it");
  const std::string limit = std::to_string(limit_bytes >> 20) + " MiB";
  if (status.st_size > limit_bytes)
    fail(path, "is too large (" + std::to_string(status.st_size) + " bytes)",
         "at most " + limit + " are read");

  std::string bytes;
  char block[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot be read (" + reason(errno) + ")", "check the disk");
    if (count == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(count));
    // A pipe or a device has no size beforehand.
    if (static_cast<std::int64_t>(bytes.size()) > limit_bytes)
      fail(path, "is too large", "at most " + limit + " are read");
  }
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  const fs::path temporary = path.string() + "." + std::to_string(::getpid()) + ".tmp";
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0)
    fail(path, "cannot be written (" + reason(errno) + ")", "name a folder that exists and can be written");
  if (const int error = write_all(file, bytes); error != 0) {
    ::unlink(temporary.c_str());
    fail(path, "cannot be written (" + reason(error) + ")", "free some space, or write elsewhere");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(path, "cannot be replaced (" + reason(error) + ")", "is it a folder? name another file");
  }
}

void check_output_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder))
    fail(folder, "cannot be made a folder" + (error ? " (" + error.message() + ")" : std::string()),
         "name a folder that can be written with --out");
  const fs::path probe = folder / ".assay-probe";
  try {
    // About what a result and its reports take, so that a full disk shows before hours of measuring.
    write_file_atomically(probe, std::string(std::size_t{8} << 20, '.'));
  } catch (const Error& e) {
    throw Error(e.code, folder.string() + ": cannot be written to: " + e.what(),
                "name another folder with --out");
  }
  fs::remove(probe, error);
}

}  // namespace assay
