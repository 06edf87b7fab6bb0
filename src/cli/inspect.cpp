// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/units.h"
#include "cli/context.h"
#include "device/catalogue.h"
#include "inspect/inspect.h"
#include "workloads/workload.h"

namespace assay {
namespace {

struct Options {
  std::filesystem::path config;
  std::vector<std::string> overrides;
  std::string device;
  bool json = false;
};

std::string spaced(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

double sum_of(const BytesByPath& bytes) {
  double sum = 0;
  for (const auto& [path, moved] : bytes) sum += moved;
  return sum;
}

void print_text(const Inspection& found) {
  fmt::print("{} ({}), {}\n", found.name, found.architecture, found.case_id);
  if (found.cases > 1)
    fmt::print("the first of {} cases; --set picks another, for example --set /load/batch=8\n", found.cases);
  fmt::print("\n{:<22} {}\n", "parameters", count_text(found.parameters.total));
  if (found.parameters.active != found.parameters.total)
    fmt::print("{:<22} {}\n", "  active at once", count_text(found.parameters.active));
  fmt::print("{:<22} {}\n", "weights", bytes_text(static_cast<double>(found.weight_bytes)));
  if (found.kv_bytes_per_token)
    fmt::print("{:<22} {} bytes a token\n", "KV cache", *found.kv_bytes_per_token);
  fmt::print("{:<22} {}\n", "peak memory", bytes_text(static_cast<double>(found.peak_memory_bytes)));
  if (found.fits) fmt::print("{:<22} {}\n", "fits the device", *found.fits ? "yes" : "no");
  for (const StageInspection& stage : found.stages) {
    fmt::print("\n{}{} x{}: {}, reads {}, writes {}", stage.name, stage.place == Place::host ? " (host)" : "",
               stage.iterations, si_text(stage.flops, "FLOP"), bytes_text(stage.bytes_read),
               bytes_text(stage.bytes_written));
    for (const auto& [path, bytes] : stage.bytes)
      if (path != Path::memory) fmt::print(", over the {} {}", spaced(name(path)), bytes_text(bytes));
    if (found.bound_seconds && found.roofline_seconds && stage.place == Place::device &&
        found.fits.value_or(true))
      fmt::print("; on {} at least {}, op by op {}", found.device,
                 si_text(found.bound_seconds->at(stage.name), "s"),
                 si_text(found.roofline_seconds->at(stage.name), "s"));
    fmt::print("\n  {:<16} {:<18} {:>5}  {:>12} {:>12}  {}\n", "step", "op", "calls", "each", "bytes each",
               "shape");
    for (const OpInspection& op : stage.ops)
      fmt::print("  {:<16} {:<18} {:>5}  {:>12} {:>12}  {}\n", op.name, op.kind, op.calls,
                 si_text(op.flops, "FLOP"), bytes_text(sum_of(op.bytes)), op.shape);
  }
  if (!found.notes.empty()) fmt::print("\n");
  for (const std::string& note : found.notes) fmt::print("note: {}\n", note);
}

void inspect(const Options& options) {
  const RunSet set = load_runs({{options.config}}, options.overrides);
  const std::vector<Case> cases = set.expand();
  const CatalogueDevice* device = options.device.empty() ? nullptr : &find_catalogue_device(options.device);
  Inspection found = inspect_plan(*cases.front().plan(), device);
  found.case_id = cases.front().id;
  found.cases = static_cast<std::int64_t>(cases.size());
  if (options.json)
    fmt::print("{}\n", JsonWriter::write(found).dump(2));
  else
    print_text(found);
}

}  // namespace

void add_inspect(CLI::App& app, Context&) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inspect", "Parameters, memory, FLOPs and bytes of a workload; needs no device");
  command->footer(
      "Examples:\n"
      "  assay inspect configs/models/llama-3.1-8b.json --json | jq .parameters\n"
      "  assay inspect configs/llm/llama-3.1-70b.json --device H100-SXM");
  command->add_option("config", options->config, "A run config, or a Hugging Face config.json as it is")
      ->required();
  command->add_option("--set", options->overrides, "/json/pointer=VALUE: override any part of the config");
  command->add_option("--device", options->device,
                      "A device of the catalogue: does it fit, and how fast at best");
  command->add_flag("--json", options->json, "As JSON (assay.inspect/1)");
  command->callback([options] { inspect(*options); });
}

}  // namespace assay
