// SPDX-License-Identifier: Apache-2.0
// What a run is going to do: its cases, on its devices, each with an estimate of its time. Everything that
// can be wrong with what was asked for is found here, before anything is measured.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "cli/run_job.h"
#include "device/backend.h"
#include "measure/runner.h"
#include "measure/time_estimate.h"
#include "workloads/workload.h"

namespace assay {

/// One case on one device.
struct AgendaItem {
  std::size_t of_case = 0, device = 0;  // indices into the agenda's
  StopRule stop;                        // the case's, or what a budget leaves of it
  TimeEstimate estimate;
};

/// What --choices knows of a device.
struct FromChoices {
  std::map<std::string, ChosenKernel> kernels;  // by placed_key()
  double quiet_speed = 0;                       // what SpeedMeter may expect; 0: unknown
};

/// How what is said of cases that a budget leaves out begins.
inline constexpr std::string_view kOfBudget = "the budget of";

struct Agenda {
  RunSet set;
  std::vector<Case> cases;
  std::vector<DType> dtypes;  // whose peaks are probed
  std::shared_ptr<const SafeTensors> weights;
  std::vector<OpenDevice> devices;
  std::optional<OpenDevice>
      feeder;  // the CPU, where a case has stages of a host and it is not a device itself
  std::vector<FromChoices> choices;  // a device
  std::vector<AgendaItem> items;
  std::vector<std::string> left_out;  // by the budget: "ID on DEVICE"
  double least_s = 0, most_s = 0;     // of all items

  /// The CPU that feeds a device: itself where nothing has to be fed.
  OpenDevice& host_of(std::size_t device);
  std::size_t whole() const { return cases.size() * devices.size(); }
};

/// The configs that a job names, with what it overrides.
RunSet load_set(const RunJob& job);
/// Those whose ids match `only`; all where it is empty.
std::vector<Case> wanted_cases(const RunSet& set, const std::string& only);

Agenda make_agenda(const RunJob& job);

/// Adds the items, once the peaks of the devices are known; with a budget, as many as fit into it.
void add_items(Agenda& agenda, const RunJob& job, std::span<const Peaks> peaks);

}  // namespace assay
