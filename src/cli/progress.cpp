// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/units.h"

namespace assay {
namespace {

constexpr double kWorthALine = 0.5;                       // seconds of one op
constexpr auto kRedraw = std::chrono::milliseconds(100);  // often enough to look alive, too rare to disturb

std::size_t terminal_width() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

void ProgressLine::start_case(std::size_t index, const std::string& id) {
  index_ = index;
  id_ = id;
  phase_.clear();
  drawn_ = {};
}

void ProgressLine::note_phase(const Progress& progress) {
  if (!context_.verbose) return;
  const auto now = Clock::now();
  const auto seconds_since = [&](Clock::time_point then) {
    return std::chrono::duration<double>(now - then).count();
  };
  if (seconds_since(detail_began_) > kWorthALine && !detail_.empty())
    context_.note(fmt::format("{:7.2f} s  {}: {:.1f} s for {}", seconds_since(started_), id_,
                              seconds_since(detail_began_), detail_));
  if (detail_ != progress.detail) {
    detail_ = progress.detail;
    detail_began_ = now;
  }
  if (phase_ == progress.phase) return;
  phase_ = progress.phase;
  clear();
  context_.note(fmt::format("{:7.2f} s  {}: {}", seconds_since(started_), id_, phase_));
}

void ProgressLine::show(const Progress& progress) {
  note_phase(progress);
  const auto now = Clock::now();
  if (!shown_ || now - drawn_ < kRedraw) return;
  drawn_ = now;
  const double elapsed = std::chrono::duration<double>(now - started_).count();
  std::string line =
      fmt::format("[{}/{}] {} | {} {}", index_ + 1, cases_, id_, progress.phase, progress.detail);
  if (progress.total > 0) line += fmt::format(" {}/{}", progress.done, progress.total);
  line += " | " + duration_text(elapsed);
  if (index_ > 0) {  // cases so far tell about the rest
    const double each = elapsed / (static_cast<double>(index_) + 0.5);
    line += fmt::format(" of about {}", duration_text(std::max(elapsed, each * static_cast<double>(cases_))));
  }
  fmt::print(stderr, "\r\033[K{}", line.substr(0, terminal_width() - 1));
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

}  // namespace assay
