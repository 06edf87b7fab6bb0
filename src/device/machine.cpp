// SPDX-License-Identifier: Apache-2.0
#include "device/machine.h"

#include <omp.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/units.h"
#include "device/control_group.h"

namespace assay {
namespace fs = std::filesystem;
namespace {

/// "MemAvailable:   24203576 kB" -> bytes.
std::optional<std::int64_t> meminfo_bytes(const fs::path& root, const std::string& key) {
  std::ifstream file(root / "proc/meminfo");
  std::string word;
  std::int64_t kib = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    if (words >> word >> kib && word == key + ":") return kib * 1024;
  }
  return std::nullopt;
}

/// "32768K" -> bytes.
std::int64_t size_of_text(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return 0;
  const char unit = end == text.data() + text.size() ? ' ' : *end;
  return unit == 'K' ? value << 10 : unit == 'M' ? value << 20 : unit == 'G' ? value << 30 : value;
}

fs::path cpu_folder(const fs::path& root, int cpu) {
  return root / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu));
}

}  // namespace

MemoryState read_memory(const fs::path& root) {
  MemoryState memory{.total_bytes = meminfo_bytes(root, "MemTotal").value_or(0),
                     .free_bytes = meminfo_bytes(root, "MemAvailable").value_or(0)};
  for (const GroupMemory& group : read_group_memory(root)) {
    memory.total_bytes = std::min(memory.total_bytes, group.limit_bytes);
    memory.free_bytes =
        std::min(memory.free_bytes, std::max<std::int64_t>(0, group.limit_bytes - group.used_bytes));
  }
  return memory;
}

std::optional<std::int64_t> read_resident_bytes(const fs::path& root) {
  std::istringstream words(first_line(root / "proc/self/statm").value_or(""));  // pages: size resident ...
  std::int64_t size = 0, resident = 0;
  if (!(words >> size >> resident)) return std::nullopt;
  return resident * sysconf(_SC_PAGESIZE);
}

std::vector<int> one_cpu_a_core(const std::vector<int>& allowed, const fs::path& root) {
  std::vector<int> chosen;
  std::set<int> taken;
  for (const int cpu : allowed) {
    if (taken.contains(cpu)) continue;
    chosen.push_back(cpu);
    for (const int sibling :
         parse_cpu_list(first_line(cpu_folder(root, cpu) / "topology/thread_siblings_list").value_or("")))
      taken.insert(sibling);
  }
  return chosen;
}

std::int64_t read_cache_bytes(const std::vector<int>& cpus, const fs::path& root) {
  // By level, then by the list of cpus that share it: each cache counts once however many cpus name it.
  std::map<int, std::map<std::string, std::int64_t>> caches;
  for (const int cpu : cpus) {
    for (int index = 0; index < 8; ++index) {
      const fs::path folder = cpu_folder(root, cpu) / "cache" / ("index" + std::to_string(index));
      const auto level = first_line(folder / "level"), size = first_line(folder / "size");
      if (!level || !size || first_line(folder / "type") == "Instruction") continue;
      const std::string shared = first_line(folder / "shared_cpu_list").value_or(std::to_string(cpu));
      caches[std::atoi(level->c_str())][shared] = size_of_text(*size);
    }
  }
  std::int64_t bytes = 0;
  if (!caches.empty())
    for (const auto& [shared, size] : caches.rbegin()->second) bytes += size;
  return bytes;
}

std::string read_caches(const std::vector<int>& cpus, const fs::path& root) {
  std::string text;
  if (cpus.empty()) return text;
  for (int index = 0; index < 8; ++index) {
    const fs::path folder = cpu_folder(root, cpus.front()) / "cache" / ("index" + std::to_string(index));
    const auto level = first_line(folder / "level"), size = first_line(folder / "size");
    const std::string type = first_line(folder / "type").value_or("");
    if (!level || !size || type == "Instruction") continue;
    text += (text.empty() ? "L" : ", L") + *level + (type == "Data" ? " data " : " ") +
            bytes_text(static_cast<double>(size_of_text(*size)));
  }
  return text;
}

CpuFacts read_cpu_facts(const fs::path& root) {
  CpuFacts facts;
  std::set<std::string> sockets;
  std::ifstream file(root / "proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const std::string value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    const auto number = [&value] {
      int found = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), found);
      return error == std::errc{} ? std::optional(found) : std::nullopt;
    };
    if (key == "model name") facts.model = value;
    if (key == "vendor_id") facts.vendor = value;
    if (key == "cpu family") facts.family = number();
    if (key == "model") facts.number = number();
    if (key == "stepping") facts.stepping = number();
    if (key == "physical id") sockets.insert(value);
    if (key == "flags") facts.virtualised = (" " + value + " ").find(" hypervisor ") != std::string::npos;
  }
  facts.sockets = static_cast<int>(sockets.size());
  facts.numa_nodes = static_cast<int>(
      parse_cpu_list(first_line(root / "sys/devices/system/node/online").value_or("")).size());
  facts.governor = first_line(cpu_folder(root, 0) / "cpufreq/scaling_governor");
  return facts;
}

namespace {

/// An affinity mask for as many cpus as any kernel takes.
class CpuMask {
 public:
  static constexpr int kCpus = 8192;
  CpuMask() : set_(CPU_ALLOC(kCpus)) { CPU_ZERO_S(bytes(), set_); }
  ~CpuMask() { CPU_FREE(set_); }
  CpuMask(const CpuMask&) = delete;
  CpuMask& operator=(const CpuMask&) = delete;
  static std::size_t bytes() { return CPU_ALLOC_SIZE(kCpus); }
  cpu_set_t* get() { return set_; }

 private:
  cpu_set_t* set_;
};

}  // namespace

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  CpuMask mask;
  if (sched_getaffinity(0, CpuMask::bytes(), mask.get()) == 0)
    for (int cpu = 0; cpu < CpuMask::kCpus; ++cpu)
      if (CPU_ISSET_S(cpu, CpuMask::bytes(), mask.get())) cpus.push_back(cpu);
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

bool set_cpus_of_thread(const std::vector<int>& cpus) {
  CpuMask mask;
  for (const int cpu : cpus)
    if (cpu >= 0 && cpu < CpuMask::kCpus) CPU_SET_S(cpu, CpuMask::bytes(), mask.get());
  return sched_setaffinity(0, CpuMask::bytes(), mask.get()) == 0;
}

const std::vector<int>& process_cpus() {
  static const std::vector<int> all = [] {
    const std::vector<int> own = allowed_cpus();
    std::set<int> cpus(own.begin(), own.end());
    for (int place = 0; place < omp_get_num_places(); ++place) {
      std::vector<int> of_place(static_cast<std::size_t>(omp_get_place_num_procs(place)));
      omp_get_place_proc_ids(place, of_place.data());
      cpus.insert(of_place.begin(), of_place.end());
    }
    return std::vector<int>(cpus.begin(), cpus.end());
  }();
  return all;
}

std::vector<int> parse_cpu_list(const std::string& text) {
  std::vector<int> cpus;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    int first = 0, last = 0;
    const char* const end = part.data() + part.size();
    const auto [after, error] = std::from_chars(part.data(), end, first);
    if (error != std::errc{}) continue;
    last = first;
    if (after != end && *after == '-') std::from_chars(after + 1, end, last);
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::string text_of_cpu_list(std::vector<int> cpus) {
  std::ranges::sort(cpus);
  std::string text;
  for (std::size_t first = 0, last = 0; first < cpus.size(); first = ++last) {
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (last < first + 2) last = first;  // two neighbours: each by itself
    text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
    if (last > first) text += "-" + std::to_string(cpus[last]);
  }
  return text;
}

}  // namespace assay
