// SPDX-License-Identifier: Apache-2.0
#include "result/environment.h"

#include <sys/utsname.h>
#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace assay {
namespace {

namespace fs = std::filesystem;
using Facts = std::map<std::string, std::string>;

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" \t\n\""));
  text.erase(text.find_last_not_of(" \t\n\"") + 1);
  return text;
}

/// The first line of a file, or "".
std::string line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return trimmed(line);
}

/// The value after `key` and a separator in a file of such lines.
std::string value_of(const fs::path& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && trimmed(line.substr(0, at)) == key) return trimmed(line.substr(at + 1));
  }
  return {};
}

void add(Facts& facts, const std::string& key, const std::string& value) {
  if (!value.empty()) facts[key] = value;
}

/// "always [madvise] never" -> "madvise"
std::string chosen(const std::string& text) {
  const std::size_t open = text.find('['), close = text.find(']');
  return open == std::string::npos || close < open ? text : text.substr(open + 1, close - open - 1);
}

/// "AuthenticAMD family 25 model 17 stepping 1": which processor it is where its name does not tell.
std::string cpu_numbers(const fs::path& cpuinfo) {
  std::string text = value_of(cpuinfo, "vendor_id", ':');
  for (const auto& [key, word] :
       {std::pair("cpu family", "family"), std::pair("model", "model"), std::pair("stepping", "stepping")})
    if (const std::string value = value_of(cpuinfo, key, ':'); !value.empty())
      text += std::string(text.empty() ? "" : " ") + word + " " + value;
  return text;
}

std::string virtualisation(const fs::path& root) {
  const std::string flags = " " + value_of(root / "proc/cpuinfo", "flags", ':') + " ";
  if (flags == "  ") return {};
  if (flags.find(" hypervisor ") == std::string::npos) return "none";
  const std::string vendor = line_of(root / "sys/class/dmi/id/sys_vendor");
  return vendor.empty() ? "virtual machine" : "virtual machine (" + vendor + ")";
}

std::string container(const fs::path& root) {
  std::error_code ignored;
  if (fs::exists(root / ".dockerenv", ignored)) return "docker";
  if (fs::exists(root / "run/.containerenv", ignored)) return "podman";
  return {};
}

std::string numa_nodes(const fs::path& root) {
  int count = 0;
  std::error_code ignored;
  while (fs::exists(root / "sys/devices/system/node" / ("node" + std::to_string(count)), ignored)) ++count;
  return count > 0 ? std::to_string(count) : "";
}

std::string boost(const fs::path& root) {
  const fs::path cpu = root / "sys/devices/system/cpu";
  const std::string boost = line_of(cpu / "cpufreq/boost"), no_turbo = line_of(cpu / "intel_pstate/no_turbo");
  if (!boost.empty()) return boost == "1" ? "on" : "off";
  if (!no_turbo.empty()) return no_turbo == "0" ? "on" : "off";
  return {};
}

/// "3.5 CPUs" of a control group's quota, "" where there is none.
std::string cpu_quota(const fs::path& root) {
  std::istringstream text(line_of(root / "sys/fs/cgroup/cpu.max"));
  double quota = 0, period = 0;
  if (!(text >> quota >> period) || period <= 0) return {};  // "max 100000": no limit
  std::ostringstream out;
  out << quota / period << " CPUs";
  return out.str();
}

}  // namespace

std::map<std::string, std::string> read_environment(const fs::path& root) {
  static constexpr std::array kVariables = {
      "OMP_NUM_THREADS",  "OMP_PROC_BIND",        "OMP_PLACES",
      "KMP_AFFINITY",     "GOMP_CPU_AFFINITY",    "ONEDNN_MAX_CPU_ISA",
      "DNNL_MAX_CPU_ISA", "CUDA_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE"};
  const fs::path cpu = root / "sys/devices/system/cpu";
  Facts facts;
  add(facts, "os", value_of(root / "etc/os-release", "PRETTY_NAME", '='));
  add(facts, "kernel", line_of(root / "proc/sys/kernel/osrelease"));
  if (utsname name{}; uname(&name) == 0) add(facts, "architecture", name.machine);
  add(facts, "cpu", value_of(root / "proc/cpuinfo", "model name", ':'));
  add(facts, "cpu_numbers", cpu_numbers(root / "proc/cpuinfo"));
  add(facts, "cpu_microcode", value_of(root / "proc/cpuinfo", "microcode", ':'));
  add(facts, "cpus", line_of(cpu / "online"));
  add(facts, "cpu_governor", line_of(cpu / "cpu0/cpufreq/scaling_governor"));
  add(facts, "cpu_boost", boost(root));
  add(facts, "cpu_quota", cpu_quota(root));
  add(facts, "smt", line_of(cpu / "smt/control"));
  add(facts, "numa_nodes", numa_nodes(root));
  add(facts, "memory", value_of(root / "proc/meminfo", "MemTotal", ':'));
  add(facts, "transparent_hugepages", chosen(line_of(root / "sys/kernel/mm/transparent_hugepage/enabled")));
  add(facts, "virtualisation", virtualisation(root));
  add(facts, "container", container(root));
  const std::string load = line_of(root / "proc/loadavg");  // "0.52 0.58 0.59 1/803 12345"
  std::size_t end = 0;
  for (int i = 0; i < 3 && end != std::string::npos; ++i) end = load.find(' ', end + 1);
  add(facts, "load_average", load.substr(0, end));
  add(facts, "compiler",
      std::string(
#if defined(__clang__)
          "clang "
#elif defined(__GNUC__)
          "gcc "
#endif
          ) +
          __VERSION__);
#if defined(__GLIBC__)
  add(facts, "libc", std::string("glibc ") + gnu_get_libc_version());
#endif
  // src/device/cpu/threads.h: then two of them are not the user's.
  const bool ours = std::getenv("ASSAY_BOUND_THREADS") != nullptr;
  for (const std::string variable : kVariables) {
    if (ours && (variable == "OMP_PROC_BIND" || variable == "OMP_PLACES")) continue;
    if (const char* value = std::getenv(variable.c_str())) add(facts, variable, value);
  }
  return facts;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

std::optional<double> seconds_between(const std::string& first, const std::string& last) {
  std::time_t times[2] = {};
  for (const auto& [text, time] : {std::pair(&first, &times[0]), std::pair(&last, &times[1])}) {
    std::tm utc{};
    const char* end = strptime(text->c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (end == nullptr || *end != '\0') return std::nullopt;
    *time = timegm(&utc);
  }
  return std::difftime(times[1], times[0]);
}

}  // namespace assay
