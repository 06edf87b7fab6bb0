// SPDX-License-Identifier: Apache-2.0
// Which kernel serves each op of a plan: every candidate is checked against the reference; among those that
// are right the fastest is taken, by measurement, unless the user forces one. A wrong candidate is reported
// and never silently replaced: a library that gives wrong numbers is a finding.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/backend.h"
#include "measure/correctness.h"
#include "measure/runner.h"
#include "measure/sampler.h"

namespace assay {

struct KernelChoice {
  std::shared_ptr<const Op> op;
  std::string name;  // of the kernel; empty where none serves the op
  std::shared_ptr<Kernel> kernel;
  std::map<std::string, double> rejected;  // others that verified: median seconds, cold
  std::vector<OpVerification> checks;      // every candidate
  std::string problem;                     // why there is no kernel, or which one is wrong
  bool wrong = false;
};

/// The distinct ops of a plan, in the order of their first step.
std::vector<std::shared_ptr<const Op>> distinct_ops(const Plan& plan);

/// Error(bad_input) for a forced op or kernel that this backend does not have.
void check_forced_kernels(const std::map<std::string, std::string>& forced, const KernelTable& kernels);

/// Verifies the candidates of one op, and times those that are right where there are several and `time` is
/// set.
KernelChoice choose_kernel(std::shared_ptr<const Op> op, OpenDevice& device, const RunOptions& options,
                           const Watch& watch);

}  // namespace assay
