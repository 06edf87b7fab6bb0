// SPDX-License-Identifier: Apache-2.0
#include "cli/context.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "reports/report.h"

namespace assay {
namespace {

volatile std::sig_atomic_t interrupt_count = 0;

extern "C" void on_interrupt(int) {
  interrupt_count = interrupt_count + 1;
  if (interrupt_count > 1) _exit(static_cast<int>(ExitCode::interrupted));
}

}  // namespace

bool Context::colored() const {
  if (color != "auto") return color == "always";
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) && (no_color == nullptr || *no_color == '\0');
}

bool Context::progress() const {
  return !quiet && isatty(STDERR_FILENO);
}

void Context::note(const std::string& line) const {
  if (!quiet) fmt::print(stderr, "{}\n", line);
}

void Context::warn(const std::string& line) const {
  fmt::print(stderr, "{} {}\n", colored() ? "\033[33mwarning:\033[0m" : "warning:", line);
}

void Context::error(const Error& error) const {
  fmt::print(stderr, "{} {}\n", colored() ? "\033[31merror:\033[0m" : "error:", error.what());
  if (!error.hint.empty()) fmt::print(stderr, "  hint: {}\n", error.hint);
}

void add_global_options(CLI::App& app, Context& context) {
  app.add_flag("-q,--quiet", context.quiet, "Only results and errors");
  app.add_flag("-v,--verbose", context.verbose, "Also say what is being done");
  app.add_option("--color", context.color, "Colour on stderr")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.fallthrough();
}

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return interrupt_count > 0;
}

std::filesystem::path data_folder() {
  std::error_code failed;
  const std::filesystem::path binary = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const char* candidate : {"../share/assay", ".."})
    if (std::filesystem::exists(binary / candidate / "configs"))
      return (binary / candidate).lexically_normal();
  return {};
}

std::vector<std::string> report_names() {
  std::vector<std::string> names;
  for (const ReportFormat& format : report_formats()) names.emplace_back(format.name);
  return names;
}

}  // namespace assay
