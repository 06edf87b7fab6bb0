// SPDX-License-Identifier: Apache-2.0
// A workload turns one case of a run config (every axis at one value) into a Plan; it knows no device, no
// time, no output.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "plan/run_config.h"
#include "plan/workload_entry.h"

namespace assay {

std::span<const WorkloadEntry> all_workloads();  // workloads/table.cpp

/// load_runs() with the workloads of this program: run configs, suites, or a Hugging Face config.json.
RunSet load_runs(std::span<const std::filesystem::path> files, std::span<const std::string> overrides = {});

/// The JSON Schema (2020-12) of run configs and suites.
Json run_schema();

}  // namespace assay
