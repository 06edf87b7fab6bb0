// SPDX-License-Identifier: Apache-2.0
#include "cli/child.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/context.h"

namespace assay {
namespace {

constexpr int kCouldNotStart = 127;  // as shells have it

/// While it lives interrupts are held back, to be let in where `before` is given to ppoll(): none falls
/// between asking whether there was one and waiting.
class HeldInterrupts {
 public:
  HeldInterrupts() {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &before);
  }
  ~HeldInterrupts() { sigprocmask(SIG_SETMASK, &before, nullptr); }
  HeldInterrupts(const HeldInterrupts&) = delete;
  HeldInterrupts& operator=(const HeldInterrupts&) = delete;
  sigset_t before;
};

/// Between fork and exec: nothing that allocates.
[[noreturn]] void become(char* const* argv, int output, pid_t parent, const sigset_t& signals) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(kCouldNotStart);  // it died before it could be told
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  execv(argv[0], argv);
  _exit(kCouldNotStart);
}

std::optional<timespec> time_left(std::chrono::steady_clock::time_point began,
                                  std::optional<std::chrono::milliseconds> at_most) {
  if (!at_most) return std::nullopt;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(began + *at_most -
                                                                          std::chrono::steady_clock::now());
  const auto ms = std::max<std::int64_t>(left.count(), 0);
  return timespec{.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1'000'000};
}

Error cannot_start(const std::filesystem::path& program) {
  return {ExitCode::device_failed,
          fmt::format("{} could not be started: {}", program.string(), std::strerror(errno)),
          "see whether this machine has processes and memory left"};
}

}  // namespace

ChildEnd run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                   std::optional<std::chrono::milliseconds> at_most) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw cannot_start(program);
  const HeldInterrupts held;
  const pid_t parent = getpid(), child = fork();
  if (child == 0) become(argv.data(), ends[1], parent, held.before);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    throw cannot_start(program);
  }

  ChildEnd end;
  bool told = false;
  for (;;) {
    if (interrupted() && !told) told = kill(child, SIGINT) == 0;
    pollfd more = {.fd = ends[0], .events = POLLIN, .revents = 0};
    const std::optional<timespec> left = end.too_long ? std::nullopt : time_left(began, at_most);
    const int ready = ppoll(&more, 1, left ? &*left : nullptr, &held.before);
    if (ready < 0) continue;  // an interrupt
    if (ready == 0) {
      kill(-child, SIGKILL);
      end.too_long = true;
      continue;
    }
    char bytes[4096];
    const ssize_t count = read(ends[0], bytes, sizeof bytes);
    if (count <= 0) break;
    end.said.append(bytes, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

}  // namespace assay
