// SPDX-License-Identifier: Apache-2.0
#include "cli/run_job.h"

#include <regex>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/interleaved.h"
#include "reports/report.h"

namespace assay {
namespace {

/// "matmul=rows" -> {"matmul", "rows"}
std::map<std::string, std::string> forced_kernels(const std::vector<std::string>& choices) {
  std::map<std::string, std::string> forced;
  for (const std::string& choice : choices) {
    const std::size_t equals = choice.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == choice.size())
      throw Error(ExitCode::bad_input, fmt::format("--kernel: \"{}\" is not OP=NAME", choice),
                  "for example --kernel matmul=onednn; assay list kernels names them");
    forced[choice.substr(0, equals)] = choice.substr(equals + 1);
  }
  return forced;
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  struct Options {
    std::vector<std::filesystem::path> configs;
    RunJob job;
    std::vector<std::string> kernels;
  };
  const auto options = std::make_shared<Options>();
  RunJob& job = options->job;
  CLI::App* command =
      app.add_subcommand("run", "Plans, verifies and times workloads, and writes result.json and reports");
  command->footer(
      "Examples:\n"
      "  assay run configs/llm/quick.json --device cpu\n"
      "  assay run configs/llm/llama-3.1-8b.json --device all --set /load/batch=4 --out out/llama\n"
      "  assay run a.json b.json --interleave --out out/ab        two configs, their sessions in turn\n"
      "  assay run a.json --against build-before/assay            two builds: side a is the one named\n"
      "Exit codes: 0 fine, 2 bad input, 3 device failed or not there, 4 a result was numerically wrong, 5 no "
      "case is a "
      "measurement, 130 interrupted");
  command->add_option("config", job.configs, "Run configs or suites (JSON)")->required();
  command
      ->add_option("--device", job.devices,
                   "auto, cpu, cuda, cuda:N, all; several make one comparative report")
      ->capture_default_str();
  command->add_option("--out", job.out,
                      "Folder for result.json and the reports; default out/<name>, or out/<name>-2 and so on "
                      "where that holds results already");
  command->add_flag("--replace", job.replace,
                    "Replace results that are in --out already, which is an error otherwise");
  command->add_option("--set", job.overrides, "/json/pointer=VALUE: override any part of the configs");
  command->add_flag("--quick", job.quick, "Settle for a 5 % interval and 2 s a case");
  command->add_option("--weights", job.weights,
                      "Folder with safetensors weights; otherwise they come from the seed");
  command->add_option("--kernel", options->kernels, "OP=NAME: use this kernel for the op");
  command->add_option("--choices", job.choices,
                      "A result whose kernels are used again, instead of choosing anew");
  command->add_flag("--choose-missing", job.choose_missing,
                    "With --choices: choose anew where those cannot be used");
  command->add_flag(
      "--interleave", job.interleave,
      "Two configs, a and b, in fresh processes by turns (abba or baab), so that what drifts on the "
      "machine hits both alike; makes OUT/a/result.json, OUT/b/result.json and a report of both. "
      "/measure/sessions of each, 8 where that is 1");
  command->add_option("--against", job.against,
                      "ASSAY: interleave with another build of assay, as side a; this one is side b");
  command->add_option("--order-seed", job.order_seed, "N: of the order of turns; default the config's seed");
  command
      ->add_option("--budget", job.budget_s,
                   "SECONDS: fit the cases into this time; says which it leaves out")
      ->check(CLI::PositiveNumber);
  command->add_option("--only", job.only, "Only cases whose id matches this regular expression");
  command->add_flag("--no-time", job.no_time, "Verify, but time nothing");
  command->add_flag("--no-op-times", job.no_op_times, "Time stages alone, and not each operation");
  command->add_flag("--no-probes", job.no_probes,
                    "Probe peaks beside the blocks alone, and not before and after the cases");
  command->add_flag("--allow-skips", job.allow_skips, "A run whose cases are all skipped is no failure");
  command
      ->add_option("--format", job.formats, "Report formats besides result.json; default markdown and html")
      ->check(CLI::IsMember(report_names()));
  command->callback([options, &context] {
    options->job.forced_kernels = forced_kernels(options->kernels);
    const bool in_turns = options->job.interleave || options->job.against;
    if (options->job.order_seed && !in_turns)
      throw Error(ExitCode::bad_input, "--order-seed: one side takes no turns",
                  "--interleave or --against makes two");
    in_turns ? run_interleaved(options->job, context) : run_job(options->job, context);
  });
}

}  // namespace assay
