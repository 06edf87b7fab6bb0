// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/threads.h"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "device/machine.h"

namespace assay {
namespace {

constexpr const char* kBind = "OMP_PROC_BIND";
constexpr const char* kPlaces = "OMP_PLACES";
constexpr const char* kOurs = "ASSAY_BOUND_THREADS";  // the two above are ours; "lanes": masks are
constexpr const char* kLanes = "lanes";
char** arguments = nullptr;  // main()'s
constexpr const char* kSettings[] = {kBind, kPlaces, "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};

std::string settings_of_the_user() {
  std::string text;
  if (threads_bound_by_us()) return text;
  for (const char* name : kSettings)
    if (const char* value = std::getenv(name))
      text += (text.empty() ? "" : ", ") + std::string(name) + "=" + value;
  return text;
}

/// Some sandboxes refuse it.
bool masks_can_be_set() {
  return set_cpus_of_thread(allowed_cpus());
}

bool bound_as_lanes() {
  const char* ours = std::getenv(kOurs);
  return ours != nullptr && std::string_view(ours) == kLanes;
}

std::vector<int> cpus_of_place(int place) {
  std::vector<int> cpus(static_cast<std::size_t>(omp_get_place_num_procs(place)));
  if (!cpus.empty()) omp_get_place_proc_ids(place, cpus.data());
  return cpus;
}

}  // namespace

bool threads_bound_by_us() {
  return std::getenv(kOurs) != nullptr;
}

void bind_lanes_instead() {
  if (arguments == nullptr || !threads_bound_by_us() || bound_as_lanes()) return;
  unsetenv(kBind);
  unsetenv(kPlaces);
  setenv(kOurs, kLanes, 1);
  set_cpus_of_thread(process_cpus());  // the program started again may use them all
  execv("/proc/self/exe", arguments);
  setenv(kOurs, "1", 1);  // it could not be started again: as it was
}

void bind_threads(char** argv) {
  arguments = argv;
  if (threads_bound_by_us()) {
    set_cpus_of_thread(process_cpus());  // OpenMP has bound it when it was loaded
    return;
  }
  if (!settings_of_the_user().empty() || !masks_can_be_set()) return;
  // Without this file OpenMP does not know which cpus share a core, and says so on stderr.
  std::error_code ignored;
  const bool cores =
      std::filesystem::exists("/sys/devices/system/cpu/cpu" + std::to_string(process_cpus().front()) +
                                  "/topology/thread_siblings_list",
                              ignored);
  setenv(kBind, "close", 1);
  setenv(kPlaces, cores ? "cores" : "threads", 1);
  setenv(kOurs, "1", 1);
  execv("/proc/self/exe", argv);
  for (const char* name : {kBind, kPlaces, kOurs}) unsetenv(name);  // it could not be started again
}

std::string describe_binding(int threads) {
  if (bound_as_lanes()) {
    std::vector<int> cpus = one_cpu_a_core(process_cpus());
    cpus.resize(std::min(cpus.size(), static_cast<std::size_t>(threads)));
    return "lanes to their shares of cpus " + text_of_cpu_list(std::move(cpus));
  }
  const std::string users = settings_of_the_user();
  const bool bound = omp_get_proc_bind() != omp_proc_bind_false && omp_get_num_places() > 0;
  if (!users.empty()) return (bound ? "as set: " : "no, as set: ") + users;
  if (!bound)
    return masks_can_be_set() ? "no: the program did not start itself again with OMP_PROC_BIND"
                              : "no: this system does not let the program set affinity masks";
  std::vector<int> first;
  bool alone = true;
  for (int place = 0; place < std::min(threads, omp_get_num_places()); ++place) {
    const std::vector<int> cpus = cpus_of_place(place);
    if (!cpus.empty()) first.push_back(cpus.front());
    alone = alone && cpus.size() <= 1;
  }
  return (alone ? "cpus " : "cores of cpus ") + text_of_cpu_list(std::move(first));
}

void renew_threads() {
  if (!kThreadsAreRenewed) return;
  const int threads = omp_get_max_threads();
  if (omp_pause_resource_all(omp_pause_hard) != 0)
    throw std::logic_error("threads cannot be renewed inside a parallel region");
  omp_set_num_threads(threads);  // a runtime may forget it
}

BoundCaller::BoundCaller() {
  if (threads_bound_by_us() && omp_get_num_places() > 0) set_cpus_of_thread(cpus_of_place(0));
}

BoundCaller::~BoundCaller() {
  if (threads_bound_by_us()) set_cpus_of_thread(process_cpus());
}

BoundTeam::BoundTeam(int threads, int index, int count) : threads_before_(omp_get_max_threads()) {
  const int team = std::max(1, threads / count);
  omp_set_num_threads(team);
#pragma omp parallel  // OpenMP binds a team once, when it is first used: what is set now stays
  { asm volatile(""); }
  const std::vector<int> cores = one_cpu_a_core(process_cpus());
  std::vector<int> mine;
  for (int t = 0; t < team; ++t)
    mine.push_back(cores[static_cast<std::size_t>(index * team + t) % cores.size()]);
#pragma omp parallel
  set_cpus_of_thread(mine);  // those that OpenMP starts later have the mask of the thread that starts them
}

BoundTeam::~BoundTeam() {
  set_cpus_of_thread(process_cpus());
  omp_set_num_threads(threads_before_);
}

}  // namespace assay
