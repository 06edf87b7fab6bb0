// SPDX-License-Identifier: Apache-2.0
#include <regex>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/json_fields.h"
#include "cli/context.h"
#include "device/backend.h"
#include "measure/verify.h"

namespace assay {
namespace {

struct Options {
  std::vector<std::string> devices = {"auto"};
  std::string op = ".*", kernel = ".*";
  std::uint64_t seed = 1;
  bool small = false, no_tune = false;
  bool json = false;
};

/// Small enough to be run under a tool that slows a kernel down a hundred times.
bool is_small(const Op& op) {
  const Cost cost = op.cost();
  return cost.flops <= 2e7 && cost.all_paths().both() <= 1 << 20;
}

constexpr std::string_view name(KernelCheck::Status status) {
  switch (status) {
    case KernelCheck::Status::passed: return "passed";
    case KernelCheck::Status::failed: return "failed";
    case KernelCheck::Status::skipped: return "skipped";
  }
  return "";
}

struct Count {
  std::int64_t passed = 0, failed = 0, skipped = 0;
  void add(KernelCheck::Status status) {
    ++(status == KernelCheck::Status::passed   ? passed
       : status == KernelCheck::Status::failed ? failed
                                               : skipped);
  }
};

std::regex pattern(std::string_view option, const std::string& text, std::string_view example) {
  try {
    return std::regex(text);
  } catch (const std::regex_error&) {
    throw Error(ExitCode::bad_input, fmt::format("{}: \"{}\" is not a regular expression", option, text),
                fmt::format("for example {} '{}'", option, example));
  }
}

Json to_json(const KernelCheck& check, const DeviceInfo& device, const KernelEntry& kernel, const Op& op) {
  Json row = {{"device", device.id},
              {"op", std::string(op.kind())},
              {"kernel", std::string(kernel.name)},
              {"shape", op.shape()},
              {"status", std::string(name(check.status))}};
  row["error"] = JsonWriter::write(check.error);
  row["tolerance"] = JsonWriter::write(check.tolerance);
  row["tolerance_factors"] = check.tolerance_factors;
  row["checked"] = check.checked;
  row["reason"] = check.reason;
  return row;
}

void verify(const Options& options, Context& context) {
  const std::regex wanted = pattern("--op", options.op, "matmul|rope");
  const std::regex by = pattern("--kernel", options.kernel, "cublaslt");
  // A library has tens of variants, each of which a tool that slows kernels down would take apart.
  const Variants variants = options.small || options.no_tune ? Variants::first : Variants::all;
  Json rows = Json::array();
  Count count;
  catch_interrupts();  // what was verified until then is said
  for (OpenDevice& open : open_devices(options.devices)) {
    const DeviceInfo& info = open.device->info();
    const std::unique_ptr<Lane> lane = open.device->lane({});
    for (const OpEntry& entry : all_ops()) {
      if (!std::regex_search(std::string(entry.kind), wanted)) continue;
      auto examples = entry.examples();
      if (options.small) std::erase_if(examples, [](const auto& op) { return !is_small(*op); });
      for (const KernelEntry& kernel : open.kernels) {
        if (kernel.op != entry.kind || !std::regex_search(std::string(kernel.name), by)) continue;
        Count here;
        double worst = 0;  // error as a share of its tolerance
        for (const auto& op : examples) {
          if (interrupted()) break;
          const KernelCheck check = verify_kernel(*op, kernel, *lane, options.seed, variants);
          here.add(check.status);
          count.add(check.status);
          if (check.status == KernelCheck::Status::passed && check.tolerance > 0)
            worst = std::max(worst, check.error / check.tolerance);
          if (options.json) rows.push_back(to_json(check, info, kernel, *op));
          if (!options.json && (check.status == KernelCheck::Status::failed || context.verbose))
            fmt::print("  {} {}/{} {}: {}\n", name(check.status), entry.kind, kernel.name, op->shape(),
                       check.reason.empty() ? fmt::format("error {:.2e}, tolerance {:.2e} = {}", check.error,
                                                          check.tolerance, check.tolerance_factors)
                                            : check.reason);
        }
        if (!options.json && !interrupted())
          fmt::print(
              "{:<8} {:<18} {:<12} {:>3} passed {:>3} failed {:>3} not served   worst error {:>3.0f} % of "
              "tolerance\n",
              info.id, entry.kind, kernel.name, here.passed, here.failed, here.skipped, worst * 100);
      }
    }
  }
  if (options.json)
    fmt::print("{}\n", rows.dump(2));
  else
    fmt::print("{} passed, {} failed, {} skipped\n", count.passed, count.failed, count.skipped);
  if (interrupted()) context.exit_code = ExitCode::interrupted;
  if (count.passed + count.failed == 0 && !interrupted())
    throw Error(ExitCode::bad_input,
                fmt::format("--op \"{}\" with --kernel \"{}\" matches nothing that is served here",
                            options.op, options.kernel),
                "assay list kernels");
  if (count.failed > 0) context.exit_code = ExitCode::wrong_result;
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("verify", "Every kernel, variant and example shape against its float64 reference");
  command->footer("Example: assay verify --device cpu --op matmul");
  command->add_option("--device", options->devices, "auto, cpu, cuda, cuda:N, all")->capture_default_str();
  command->add_option("--op", options->op, "Only ops whose kind matches this regular expression");
  command->add_option("--kernel", options->kernel, "Only kernels whose name matches this regular expression");
  command->add_flag("--no-tune", options->no_tune,
                    "Each kernel's first variant alone: of a library the one its heuristics think best");
  command->add_option("--seed", options->seed, "Of the random inputs")->capture_default_str();
  command->add_flag(
      "--small", options->small,
      "Only examples of at most 20 MFLOP and 1 MiB, and each kernel's first variant: for use under "
      "compute-sanitizer");
  command->add_flag("--json", options->json, "As JSON, a row a kernel and shape");
  command->callback([options, &context] { verify(*options, context); });
}

}  // namespace assay
