// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/inspect_text.h"
#include "device/catalogue.h"
#include "workloads/workload.h"

namespace assay {
namespace {

struct InspectOptions {
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> overrides, devices;
  std::string dtype, kv_dtype;
  bool ops = false, json = false;
};

void inspect(const InspectOptions& options) {
  std::vector<const CatalogueDevice*> devices;
  for (const std::string& name : options.devices) {
    const CatalogueDevice* device = &find_catalogue_device(name);
    if (std::ranges::find(devices, device) == devices.end()) devices.push_back(device);
  }
  std::vector<std::string> overrides = options.overrides;
  if (!options.dtype.empty()) overrides.push_back("/dtype=" + options.dtype);
  if (!options.kv_dtype.empty()) overrides.push_back("/load/kv_dtype=" + options.kv_dtype);
  const std::vector<Case> cases = load_runs(options.configs, overrides).expand();
  const Inspection found = inspect_cases(cases, devices);
  if (options.json) {
    fmt::print("{}\n", JsonWriter::write(found).dump(2));
    return;
  }
  fmt::print("{}", answers_text(found.answers));
  if (!options.ops) return;
  for (const Case& one : cases) {
    Inspection operations = inspect_plan(one.make_plan());
    operations.case_id = one.id;
    fmt::print("{}", operations_text(operations));
  }
}

}  // namespace

void add_inspect(CLI::App& app, Context&) {
  const auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Does it fit, how fast at best, what binds: of every case; needs no device");
  command->footer(
      "Examples:\n"
      "  assay inspect configs/models/llama-3.1-8b.json --json | jq .parameters\n"
      "  assay inspect configs/models/llama-3.1-8b.json --device H100-SXM --device L40S \\\n"
      "      --set /load/batch=8 --set /load/prompt_tokens=2048\n"
      "What the columns mean: docs/inspect.md");
  command
      ->add_option("config", options->configs, "Run configs, suites, or a Hugging Face config.json as it is")
      ->required();
  command->add_option("--set", options->overrides, "/json/pointer=VALUE: override any part of the config");
  command
      ->add_option("--device", options->devices,
                   "Devices of the catalogue (assay list devices --catalogue): does it fit, how fast at best")
      ->expected(1)
      ->take_all();
  command->add_option("--dtype", options->dtype, "Number format, also int8 or int4 of weights: /dtype");
  command->add_option("--kv-dtype", options->kv_dtype, "Number format of the KV cache: /load/kv_dtype");
  command->add_flag("--ops", options->ops, "Also every operation of every stage");
  command->add_flag("--json", options->json, "As JSON (assay.inspect/1)");
  command->callback([options] { inspect(*options); });
}

}  // namespace assay
