// SPDX-License-Identifier: Apache-2.0
// A workload turns one case of a run config (every axis at one value) into a Plan; it knows no device, no
// time, no output.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "plan/plan.h"
#include "plan/run_config.h"
#include "plan/workload_entry.h"

namespace assay {

std::span<const WorkloadEntry> all_workloads();  // workloads/table.cpp
const WorkloadEntry* find_workload(std::string_view name);

/// load_runs() with the workloads of this program: run configs, suites, or a Hugging Face config.json.
RunSet load_runs(std::span<const std::filesystem::path> files, std::span<const std::string> overrides = {});

/// Error(bad_input) names the config's file and the place in it.
Plan plan_case(const Case& one);

/// The JSON Schema (2020-12) of run configs and suites.
Json run_schema();

}  // namespace assay
