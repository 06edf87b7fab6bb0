// SPDX-License-Identifier: Apache-2.0
#include "device/host_watch.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <string>
#include <string_view>
#include <system_error>

namespace assay {
namespace fs = std::filesystem;
namespace {

constexpr double kTickS = 0.01;  // USER_HZ is 100 on every machine that Linux runs on today

/// "" where it cannot be read. Streams take several times as long.
std::string content_of(const fs::path& file) {
  std::string text;
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return text;
  std::array<char, 16384> part;
  for (ssize_t got; (got = ::read(descriptor, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  close(descriptor);
  return text;
}

/// The next number of `text`, which it is taken from.
std::optional<std::int64_t> next_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// "cpu3 user nice system idle iowait irq softirq steal guest guest_nice", in ticks (proc_stat(5)); the last
/// two are counted in the first two.
HostCounters::Cpu cpu_of(std::string_view line) {
  double ticks[8] = {};
  for (double& value : ticks) value = static_cast<double>(next_number(line).value_or(0));
  HostCounters::Cpu cpu;
  for (const double value : ticks) cpu.total_s += value * kTickS;
  cpu.idle_s = (ticks[3] + ticks[4]) * kTickS;
  cpu.stolen_s = ticks[7] * kTickS;
  return cpu;
}

std::vector<HostCounters::Cpu> read_cpus(const fs::path& root, const std::vector<int>& watched) {
  const std::string text = content_of(root / "proc/stat");
  std::vector<HostCounters::Cpu> cpus;
  std::size_t found = 0;
  cpus.resize(watched.size());
  for (std::string_view rest = text; rest.substr(0, 3) == "cpu";) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line.remove_prefix(3);
    if (line.empty() || line.front() == ' ') continue;  // the sum of all
    const auto number = next_number(line);
    const auto at = std::ranges::find(watched, number.value_or(-1));
    if (at == watched.end()) continue;
    cpus[static_cast<std::size_t>(at - watched.begin())] = cpu_of(line);
    ++found;
  }
  if (found != watched.size()) cpus.clear();
  return cpus;
}

/// schedstat: "ran waited timeslices", in ns; sched has a line "se.nr_migrations : 3" where the kernel keeps
/// it.
std::vector<HostCounters::Thread> read_threads(const fs::path& root) {
  std::vector<HostCounters::Thread> threads;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "proc/self/task", error)) {
    const std::string name = entry.path().filename().string();
    std::string_view digits = name;
    HostCounters::Thread thread{.id = next_number(digits).value_or(0)};
    const std::string stat = content_of(entry.path() / "schedstat"),
                      sched = content_of(entry.path() / "sched");
    std::string_view rest = stat;
    if (next_number(rest))
      if (const auto waited = next_number(rest)) thread.waited_s = static_cast<double>(*waited) * 1e-9;
    if (const std::size_t at = sched.find("nr_migrations"); at != std::string::npos) {
      rest = std::string_view(sched).substr(std::min(sched.find(':', at), sched.size() - 1) + 1);
      thread.migrations = next_number(rest);
    }
    threads.push_back(thread);
  }
  return threads;
}

void add_to(std::optional<double>& sum, std::optional<double> part) {
  sum = sum && part && *part >= 0 ? std::optional(*sum + *part) : std::nullopt;
}

}  // namespace

HostCounters read_host_counters(const fs::path& root, const std::vector<int>& cpus) {
  HostCounters counters;
  counters.cpus = read_cpus(root, cpus);
  counters.threads = read_threads(root);
  counters.groups = read_group_throttling(root);
  if (rusage usage{}; getrusage(RUSAGE_SELF, &usage) == 0) counters.involuntary_switches = usage.ru_nivcsw;
  if (timespec used{}; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0)
    counters.own_cpu_s = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  counters.at_s = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  return counters;
}

void HostTally::add_cpus(const HostCounters& before, const HostCounters& after) {
  const auto count = static_cast<double>(after.cpus.size());
  const double cpu_s = (after.at_s - before.at_s) * count;
  double total_s = 0, idle_s = 0, stolen_s = 0;
  bool whole = count > 0 && before.cpus.size() == after.cpus.size();
  for (std::size_t i = 0; whole && i < after.cpus.size(); ++i) {
    const double idle = after.cpus[i].idle_s - before.cpus[i].idle_s,
                 stolen = after.cpus[i].stolen_s - before.cpus[i].stolen_s;
    // A cpu that was switched off and on begins anew; iowait may fall (proc_stat(5)).
    whole = idle >= 0 && stolen >= 0;
    total_s += after.cpus[i].total_s - before.cpus[i].total_s;
    idle_s += idle;
    stolen_s += stolen;
  }
  // Some containers show counters that stand still, or those of another machine.
  const double slack_s = 8 * kTickS * count;
  whole = whole && std::abs(total_s - cpu_s) <= cpu_s / 2 + slack_s;
  add_to(stolen_s_, whole ? std::optional(stolen_s) : std::nullopt);
  add_to(busy_s_, whole ? std::optional(std::max(0.0, cpu_s - idle_s)) : std::nullopt);
  cpu_s_ += cpu_s;
  rounding_ += 2 * count;  // idle and stolen
}

void HostTally::add_threads(const HostCounters& before, const HostCounters& after) {
  std::optional<double> longest_s;
  for (const HostCounters::Thread& now : after.threads) {
    const auto was = std::ranges::find(before.threads, now.id, &HostCounters::Thread::id);
    const bool is_new = was == before.threads.end();  // all that it did, it did meanwhile
    const auto since = [&](auto HostCounters::Thread::*counter) {
      auto difference = now.*counter;
      if (difference && !is_new) *difference -= ((*was).*counter).value_or(0);
      return difference;
    };
    longest_s = std::max(longest_s, since(&HostCounters::Thread::waited_s));  // an empty one is the least
    const auto moved = since(&HostCounters::Thread::migrations);
    migrations_ = migrations_ && moved ? std::optional(*migrations_ + *moved) : std::nullopt;
  }
  if (after.threads.empty()) migrations_.reset();
  add_to(waited_s_, longest_s);
}

void HostTally::add(const HostCounters& before, const HostCounters& after) {
  const double wall_s = after.at_s - before.at_s;
  wall_s_ += wall_s;
  own_s_ += after.own_cpu_s - before.own_cpu_s;
  add_cpus(before, after);
  add_threads(before, after);
  switches_ = switches_ && before.involuntary_switches && after.involuntary_switches
                  ? std::optional(*switches_ + *after.involuntary_switches - *before.involuntary_switches)
                  : std::nullopt;
  std::optional<double> throttled_s;
  if (before.groups.size() == after.groups.size())
    for (std::size_t g = 0; g < after.groups.size(); ++g) {
      // The kernel adds up the time of all the cpus that it held: as many as the quota has.
      const double held_s = after.groups[g].held_s - before.groups[g].held_s;
      throttled_s =
          std::max(throttled_s.value_or(0), held_s / std::max(1.0, std::ceil(after.groups[g].cores)));
    }
  add_to(throttled_s_, throttled_s);
}

HostActivity HostTally::activity() const {
  HostActivity activity{.wall_s = wall_s_};
  if (wall_s_ <= 0) return activity;
  // Each rounding down at both ends of an interval has a variance of a sixth of a tick squared.
  const double error = 2 * kTickS * std::sqrt(rounding_ / 6) / std::max(cpu_s_, 1e-9);
  const auto share = [](double part_s, double of_s) { return std::clamp(part_s / of_s, 0.0, 1.0); };
  if (stolen_s_ && busy_s_ && error <= kShareError) {
    activity.stolen_share = share(*stolen_s_, cpu_s_);
    // Some kernels count stolen time as ours, too: then it would hide what others used.
    activity.others_share = share(std::max(*stolen_s_, *busy_s_ - own_s_), cpu_s_);
  }
  if (throttled_s_) activity.throttled_share = share(*throttled_s_, wall_s_);
  if (waited_s_) activity.waited_share = *waited_s_ / wall_s_;
  activity.involuntary_switches = switches_;
  activity.migrations = migrations_;
  return activity;
}

HostActivity activity_between(const HostCounters& before, const HostCounters& after) {
  HostTally tally;
  tally.add(before, after);
  return tally.activity();
}

}  // namespace assay
