// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "device/cpu/cpu_device.h"
#include "device/cpu/isa.h"
#include "device/cpu/onednn.h"
#include "device/cpu/threads.h"
#include "device/machine.h"

namespace assay {

int choose_threads() {
  if (std::getenv("OMP_NUM_THREADS") != nullptr) return omp_get_max_threads();
  auto threads = static_cast<int>(one_cpu_a_core(process_cpus()).size());
  if (const auto quota = read_cpu_quota()) threads = std::min(threads, static_cast<int>(std::ceil(*quota)));
  return std::max(threads, 1);
}

DeviceInfo describe_cpu() {
  const CpuFacts facts = read_cpu_facts();
  const std::vector<int>& allowed = process_cpus();
  DeviceInfo info{.id = "cpu",
                  .kind = "cpu",
                  .name = cpu_name(facts),
                  .memory_bytes = read_memory().total_bytes,
                  .cache_bytes = read_cache_bytes(allowed),
                  .units = choose_threads(),
                  .properties = {}};
  const auto add = [&info](const char* key, std::string value) {
    info.properties.emplace(key, std::move(value));
  };
  add("isa", text_of(detect_isa()));
  add("threads", std::to_string(info.units));
  add("pinned", describe_binding(info.units));
  add("threads_of_a_session", kThreadsAreRenewed ? "made anew" : "kept, as LLVM's OpenMP does");
  add("cores", std::to_string(one_cpu_a_core(allowed).size()));
  if (const std::string caches = read_caches(allowed); !caches.empty()) add("caches", caches);
  if (facts.sockets > 0) add("sockets", std::to_string(facts.sockets));
  if (facts.numa_nodes > 0) add("numa_nodes", std::to_string(facts.numa_nodes));
  if (facts.governor) add("governor", *facts.governor);
  add("virtualised", facts.virtualised ? "yes" : "no");
  add("onednn", onednn_version());
  return info;
}

}  // namespace assay
