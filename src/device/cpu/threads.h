// SPDX-License-Identifier: Apache-2.0
// Which cpus the threads of the CPU device run on. OpenMP binds them, and not we: where a team is smaller
// than the last (oneDNN asks for what it needs) libgomp ends the threads left over and later starts others,
// which would inherit the mask of the thread that starts them, all on one cpu. But OpenMP reads how it is to
// bind threads when a program is loaded, so the program starts itself again with the settings.
#pragma once

#include <string>

namespace assay {

/// First thing in main(). Runs the program again with OMP_PROC_BIND and OMP_PLACES for a thread a core,
/// unless that is done, the user has settings of his own, or masks cannot be set here. The calling thread is
/// left free: it may have a GPU to feed.
void bind_threads(char** argv);

/// The settings are ours, not the user's.
bool threads_bound_by_us();

/// For a run with several lanes of several threads each: OpenMP binds the first thread of every team to the
/// same place, so that lanes can only be bound by masks of their cores. Runs the program again with OpenMP's
/// binding off where it is on by us; else nothing.
void bind_lanes_instead();

/// Of `threads` threads: "cpus 0,1"; or "as set: OMP_PLACES=sockets"; or "no: " and why.
std::string describe_binding(int threads);

/// A hard pause of LLVM's OpenMP (tried: 14) leaves critical sections with locks that are gone, and crashes.
inline constexpr bool kThreadsAreRenewed =
#if defined(__clang__)
    false;
#else
    true;
#endif
/// Ends the team's threads, so that the next parallel region starts others; where that can be done.
void renew_threads();

/// While it lives the calling thread is bound where OpenMP takes its first thread to be.
class BoundCaller {
 public:
  BoundCaller();
  ~BoundCaller();
  BoundCaller(const BoundCaller&) = delete;
  BoundCaller& operator=(const BoundCaller&) = delete;
};

/// While it lives the calling thread, and the OpenMP team of `threads / count` threads that it makes, are on
/// the cores of share `index` of `count`: each thread on one of them where it is alone, all of them on all
/// where not.
class BoundTeam {
 public:
  BoundTeam(int threads, int index, int count);
  ~BoundTeam();
  BoundTeam(const BoundTeam&) = delete;
  BoundTeam& operator=(const BoundTeam&) = delete;

 private:
  int threads_before_;
};

}  // namespace assay
