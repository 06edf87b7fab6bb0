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

constexpr double kWorthALine = 0.5;  // seconds of one op
constexpr double kRedraw = 0.1;      // seconds: often enough to look alive, too rare to disturb

std::size_t terminal_width() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

void ProgressLine::start_case(std::size_t index, const std::string& id) {
  index_ = index;
  id_ = id;
  phase_.clear();
  detail_.clear();
  drawn_s_ = 0;
}

void ProgressLine::note_phase(const Progress& progress) {
  if (!context_.verbose) return;
  const double now_s = watch_.now_s();
  const auto note = [&](const std::string& what) {
    context_.note(fmt::format("{:7.2f} s  {}: {}", now_s - started_s_, id_, what));
  };
  if (detail_ != progress.detail) {
    const double took_s = now_s - detail_began_s_;
    if (took_s > kWorthALine && !detail_.empty()) note(fmt::format("{:.1f} s for {}", took_s, detail_));
    detail_ = progress.detail;
    detail_began_s_ = now_s;
  }
  if (phase_ == progress.phase) return;
  phase_ = progress.phase;
  clear();
  note(phase_);
}

void ProgressLine::show(const Progress& progress) {
  note_phase(progress);
  const double now_s = watch_.now_s(), elapsed = now_s - started_s_;
  if (!shown_ || now_s - drawn_s_ < kRedraw) return;
  drawn_s_ = now_s;
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
