// SPDX-License-Identifier: Apache-2.0
#include "cli/print_pdf.h"

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "cli/child.h"
#include "cli/context.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNames[] = {"chromium",       "chromium-browser",
                                  "google-chrome",  "google-chrome-stable",
                                  "microsoft-edge", "headless_shell"};
constexpr const char* kAnyBrowser = "--format html prints to the same PDF from any browser";
constexpr std::int64_t kLimitBytes = std::int64_t{1} << 30;
constexpr double kSeconds = 300;  // a report of a thousand cases takes 80 on two busy cores

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool is_program(const fs::path& path) {
  std::error_code unreadable;
  return fs::is_regular_file(path, unreadable) && access(path.c_str(), X_OK) == 0;
}

/// As a shell finds it; empty where it does not.
fs::path in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_program(name) ? fs::absolute(name) : fs::path();
  const std::string path = variable("PATH");
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find(':', from), path.size());
    const fs::path file = fs::path(path.substr(from, to - from)) / name;
    if (to > from && is_program(file)) return fs::absolute(file);
    from = to + 1;
  }
  return {};
}

std::chrono::milliseconds time_limit() {
  const double asked = std::strtod(variable("ASSAY_CHROMIUM_SECONDS").c_str(), nullptr);
  const double seconds = asked > 0 && asked < 1e6 ? asked : kSeconds;
  return std::chrono::milliseconds(static_cast<std::int64_t>(1000 * seconds));
}

/// Beside what is written, not in /tmp: a Chromium that is a snap has a /tmp of its own.
class Workplace {
 public:
  explicit Workplace(const fs::path& pdf)
      : path_(fs::absolute(pdf).string() + "." + std::to_string(getpid()) + ".print") {
    make_folder(path_);
  }
  ~Workplace() {
    std::error_code left_behind;
    fs::remove_all(path_, left_behind);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string file_url(const fs::path& path) {
  std::string url = "file://";
  for (const char c : path.string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return url;
}

/// Flags that a Chromium does not know it leaves unheeded: the newest are no risk.
std::vector<std::string> arguments(const Workplace& at) {
  std::vector<std::string> flags = {"headless",
                                    "disable-gpu",
                                    "no-first-run",
                                    "no-default-browser-check",
                                    "disable-extensions",
                                    "disable-sync",
                                    "disable-background-networking",
                                    "disable-component-update",
                                    "disable-dev-shm-usage",
                                    "host-resolver-rules=MAP * ~NOTFOUND",
                                    "no-pdf-header-footer",
                                    "print-to-pdf-no-header",  // the same, before Chromium 112
                                    "generate-pdf-document-outline",
                                    "user-data-dir=" + (at / "profile").string(),
                                    "print-to-pdf=" + (at / "page.pdf").string()};
  if (geteuid() == 0) flags.emplace_back("no-sandbox");  // as root its sandbox refuses to work
  for (std::string& flag : flags) flag.insert(0, "--");
  flags.push_back(file_url(at / "page.html"));
  return flags;
}

/// Of a desktop that is not there, and of Debian's script around it: said however well it prints.
bool is_usual(const std::string& line) {
  return line.find_first_not_of(' ') == std::string::npos || line.find("dbus") != std::string::npos ||
         line.find("unexpected operator") != std::string::npos;
}

/// The last line that it said of what went wrong.
std::string last_line(const std::string& said) {
  std::string last, line;
  for (const char c : said + "\n") {
    if (c != '\n') {
      line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
      continue;
    }
    if (!is_usual(line)) last = line;
    line.clear();
  }
  constexpr std::size_t kMost = 200;
  return last.size() > kMost ? last.substr(0, kMost) + "..." : last;
}

/// Why this is no PDF, or nothing.
std::string fault_of(const std::string& bytes) {
  constexpr std::size_t kTail = 1024;  // in which its readers look for the end
  if (!bytes.starts_with("%PDF-")) return bytes.empty() ? "an empty file" : "something that is no PDF";
  return bytes.find("%%EOF", bytes.size() - std::min(bytes.size(), kTail)) == std::string::npos
             ? "half of a PDF"
             : "";
}

std::string how_it_failed(const ChildEnd& end, bool wrote) {
  if (end.too_long)
    return fmt::format("had not printed after {:g} s", static_cast<double>(time_limit().count()) / 1000);
  if (end.signal != 0) return fmt::format("was ended by signal {}", end.signal);
  if (end.exit_code != 0) return fmt::format("ended with code {}", end.exit_code);
  return wrote ? "" : "ended without a PDF";
}

}  // namespace

fs::path find_chromium() {
  if (const std::string asked = variable("ASSAY_CHROMIUM"); !asked.empty()) {
    fs::path program = in_path(asked);
    if (program.empty())
      throw Error(ExitCode::bad_input, "--format pdf: ASSAY_CHROMIUM names no program: " + asked,
                  fmt::format("the path of a Chromium; or {}", kAnyBrowser));
    return program;
  }
  for (const char* name : kNames)
    if (fs::path program = in_path(name); !program.empty()) return program;
  throw Error(ExitCode::bad_input,
              "--format pdf: no Chromium is here (chromium, google-chrome, microsoft-edge)",
              fmt::format("apt-get install chromium, or name one: ASSAY_CHROMIUM=PATH; or {}", kAnyBrowser));
}

void print_pdf(const std::string& html, const fs::path& pdf) {
  const fs::path program = find_chromium();
  const Workplace at(pdf);
  write_file_atomically(at / "page.html", html);
  const ChildEnd end = run_child(program, arguments(at), time_limit());
  if (interrupted())
    throw Error(ExitCode::interrupted, pdf.string() + " was not printed: interrupted",
                "`assay report` makes it again");
  const bool wrote = fs::exists(at / "page.pdf");
  std::string fault = how_it_failed(end, wrote), bytes;
  if (fault.empty()) {
    bytes = read_file(at / "page.pdf", kLimitBytes);
    if (const std::string of = fault_of(bytes); !of.empty()) fault = "left " + of;
  }
  if (!fault.empty()) {
    const std::string said = last_line(end.said);
    throw Error(
        ExitCode::device_failed,
        fmt::format("--format pdf: {} {}{}", program.string(), fault, said.empty() ? "" : " (" + said + ")"),
        fmt::format("name another with ASSAY_CHROMIUM=PATH; or {}", kAnyBrowser));
  }
  write_file_atomically(pdf, bytes);
}

}  // namespace assay
