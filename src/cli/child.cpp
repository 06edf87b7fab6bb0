// SPDX-License-Identifier: Apache-2.0
#include "cli/child.h"

#include <cerrno>
#include <csignal>
#include <cstring>

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

Error cannot_start(const std::filesystem::path& program) {
  return {ExitCode::device_failed,
          fmt::format("{} could not be started: {}", program.string(), std::strerror(errno)),
          "see whether this machine has processes and memory left"};
}

}  // namespace

ChildEnd run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
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
    if (ppoll(&more, 1, nullptr, &held.before) < 0) continue;  // an interrupt
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
