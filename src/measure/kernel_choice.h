// SPDX-License-Identifier: Apache-2.0
// Which kernel serves each op of a plan, and which of its variants: every kernel is checked against the
// reference; among those that are right, all variants of all kernels are timed together, and the fastest is
// taken, unless the user forces one. Those as fast as the fastest are told apart by the order of the table
// and then of the variants. What is taken, and what a figure is given of, is checked in that very variant. A
// wrong candidate is reported and never silently replaced: a library that gives wrong numbers is a finding.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/backend.h"
#include "measure/chosen.h"
#include "measure/correctness.h"
#include "measure/runner.h"
#include "measure/sampler.h"

namespace assay {

struct KernelChoice {
  std::shared_ptr<const Op> op;
  Chosen chosen;                           // no entry where none serves the op
  std::int64_t workspace_bytes = 0;        // that the chosen kernel holds
  double flops_saved = 0;                  // Kernel::flops_saved() of it
  std::vector<std::size_t> packs;          // Kernel::packs() of it
  std::map<std::string, double> rejected;  // others that verified: median seconds of their best variant, cold
  std::vector<OpVerification> checks;      // every candidate kernel
  std::string problem;                     // why there is no kernel, or which one is wrong
  bool wrong = false;

  std::string name() const { return chosen.entry == nullptr ? "" : std::string(chosen.entry->name); }
};

/// Error(bad_input) for a forced op or kernel that one of the devices does not have.
void check_forced_kernels(const std::map<std::string, std::string>& forced,
                          std::span<const OpenDevice> devices);

/// `weights`: the inputs that are weights wherever the op is called (weight_inputs()); a kernel that packs
/// others is no candidate. Verifies the candidates of one op, and times those that are right where there are
/// several and `time` is set. An op in `choices` gets just that kernel and variant, verified and not timed;
/// Error(bad_input) where this build or device does not have it any more, unless `choose_missing` is set.
KernelChoice choose_kernel(std::shared_ptr<const Op> op, Place place, const Site& site,
                           const RunOptions& options, const Watch& watch,
                           std::span<const std::size_t> weights = {});

}  // namespace assay
