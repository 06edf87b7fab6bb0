// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/descriptor.h"
#include "base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& what, const std::string& hint) {
  throw Error(ExitCode::bad_input, path.string() + ": " + what, hint);
}

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

/// A rename is only as lasting as the folder that holds the name. 0, or the errno; a folder that may not be
/// read, or a file system that cannot sync folders, is no failure.
int sync_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0 || ::fsync(descriptor.get()) == 0) return 0;
  return errno == EINVAL || errno == EOPNOTSUPP ? 0 : errno;
}

}  // namespace

std::string read_file(const fs::path& path, std::int64_t limit_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) fail(path, "is missing", "check the path");
  if (file.get() < 0) fail(path, "cannot be opened (" + errno_text(errno) + ")", "check its permissions");
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0)
    fail(path, "cannot be read (" + errno_text(errno) + ")", "check the disk");
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
    if (count < 0) fail(path, "cannot be read (" + errno_text(errno) + ")", "check the disk");
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
    fail(path, "cannot be written (" + errno_text(errno) + ")",
         "name a folder that exists and can be written");
  if (const int error = write_all(file, bytes); error != 0) {
    ::unlink(temporary.c_str());
    fail(path, "cannot be written (" + errno_text(error) + ")", "free some space, or write elsewhere");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(path, "cannot be replaced (" + errno_text(error) + ")", "is it a folder? name another file");
  }
  if (const int error = sync_folder_of(path); error != 0)
    fail(path, "cannot be kept (" + errno_text(error) + ")", "check the disk");
}

void make_folder(const fs::path& folder) {
  std::error_code error, unreadable;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder, unreadable))
    fail(folder, "cannot be made a folder" + (error ? " (" + error.message() + ")" : std::string()),
         "name a folder that can be written with --out");
}

void check_output_folder(const fs::path& folder) {
  make_folder(folder);
  const fs::path probe = folder / ".assay-probe";
  try {
    // About what a result and its reports take, so that a full disk shows before hours of measuring.
    write_file_atomically(probe, std::string(std::size_t{8} << 20, '.'));
  } catch (const Error& e) {
    throw Error(e.code, folder.string() + ": cannot be written to: " + e.what(),
                "name another folder with --out");
  }
  std::error_code ignored;
  fs::remove(probe, ignored);
}

}  // namespace assay
