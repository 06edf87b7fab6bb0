// SPDX-License-Identifier: Apache-2.0
// An open file of the operating system, closed with its owner. For the .cpp files of this layer.
#pragma once

#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

namespace assay {

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

/// "No such file or directory".
inline std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace assay
