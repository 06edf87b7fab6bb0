// SPDX-License-Identifier: Apache-2.0
// What the kernel says of this machine, in /proc and /sys: how much of it this process may use. Every
// function takes the root of the file system, so that tests bring files of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay {

/// Memory that can still be had: MemAvailable, or what the tightest control group (v1 or v2) leaves,
/// whichever is less; and all there is by the same measure.
struct MemoryState {
  std::int64_t total_bytes = 0, free_bytes = 0;
};
MemoryState read_memory(const std::filesystem::path& root = "/");

/// Bytes of this process in memory now: code, heap, stacks, thread pools and files mapped, not only what was
/// asked for; pages that nobody has touched are not in it. nullopt where /proc/self/statm cannot be read.
std::optional<std::int64_t> read_resident_bytes(const std::filesystem::path& root = "/");

/// Cores' worth of time that the tightest control group grants; nullopt: no limit.
std::optional<double> read_cpu_quota(const std::filesystem::path& root = "/");

/// One cpu number of each physical core among `allowed`.
std::vector<int> one_cpu_a_core(const std::vector<int>& allowed, const std::filesystem::path& root = "/");

/// Bytes of all last-level caches that serve `cpus`; 0 unknown.
std::int64_t read_cache_bytes(const std::vector<int>& cpus, const std::filesystem::path& root = "/");

/// "L1 data 32 KiB, L2 1.00 MiB, L3 32.0 MiB" of the first of `cpus`; "" unknown.
std::string read_caches(const std::vector<int>& cpus, const std::filesystem::path& root = "/");

struct CpuFacts {
  std::string model;                            // "AMD EPYC 7B13 64-Core Processor"
  std::string vendor;                           // "AuthenticAMD"
  std::optional<int> family, number, stepping;  // of the model, as the processor numbers itself
  int sockets = 0, numa_nodes = 0;              // 0 unknown
  std::optional<std::string> governor;
  bool virtualised = false;
};
CpuFacts read_cpu_facts(const std::filesystem::path& root = "/");

/// The model; where a hypervisor hides which one it is ("AMD EPYC"), with what the processor says of itself:
/// "AMD EPYC (Zen 4, family 25 model 17 stepping 1)".
std::string cpu_name(const CpuFacts& facts);

/// Cpu numbers in the calling thread's affinity mask.
std::vector<int> allowed_cpus();
/// False where that is not permitted.
bool set_cpus_of_thread(const std::vector<int>& cpus);
/// Those that this process may use: the mask at the first call and, since OpenMP binds the first thread to
/// one place where it is told to bind, all its places. In order.
const std::vector<int>& process_cpus();

/// "0-2,5" -> 0 1 2 5; the kernel's cpu list format.
std::vector<int> parse_cpu_list(const std::string& text);
/// The other way round; two neighbours are no range: "0,1,4-9".
std::string text_of_cpu_list(std::vector<int> cpus);

}  // namespace assay
