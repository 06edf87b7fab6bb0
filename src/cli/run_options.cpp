// SPDX-License-Identifier: Apache-2.0
#include "cli/run_options.h"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/context.h"

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

void declare_run_options(CLI::App& command, RunOptionsRead& read) {
  RunJob& job = read.job;
  command.add_option("config", job.configs, "Run configs or suites (JSON)");
  command
      .add_option("--device", job.devices,
                  "auto, cpu, cuda, cuda:N, all; several make one comparative report")
      ->capture_default_str();
  command.add_option("--out", job.out,
                     "Folder for result.json and the reports; default out/<name>, or out/<name>-2 and so on "
                     "where that holds results already");
  command.add_option("--title", job.title, "Title of the reports; default the config's name");
  command.add_flag("--replace", job.replace,
                   "Replace results that are in --out already, which is an error otherwise");
  command.add_option(
      "--resume", read.resume,
      "DIR: go on with a run that was cut short, as its command said; cases that were measured "
      "or skipped are kept, those that failed or are no measurement run again. CONFIG and "
      "--format may be given, nothing else");
  command.add_option("--set", job.overrides, "/json/pointer=VALUE: override any part of the configs");
  command.add_flag(
      "--quick", job.quick,
      "Settle for a 5 % interval, and for 2 s of sampling a case where six blocks fit into them. "
      "Verifying stays whole and is most of the time: the estimate before the run has all of it");
  command.add_option("--weights", job.weights,
                     "Folder with safetensors weights; otherwise they come from the seed");
  command.add_option("--kernel", read.kernels, "OP=NAME: use this kernel for the op");
  command.add_option(
      "--choices", job.choices,
      "A result whose kernels are used again, instead of choosing anew; and, where this build made it "
      "here, the speed that a waiting case knows rest by");
  command.add_flag("--choose-missing", job.choose_missing,
                   "With --choices: choose anew where those cannot be used");
  command.add_flag(
      "--interleave", job.interleave,
      "Two configs, a and b, in fresh processes by turns (abba or baab), so that what drifts on the "
      "machine hits both alike; makes OUT/a/result.json, OUT/b/result.json and a report of both. "
      "/measure/sessions of each, 8 where that is 1");
  command.add_option("--against", job.against,
                     "ASSAY: interleave with another build of assay, as side a; this one is side b");
  command.add_option("--order-seed", job.order_seed, "N: of the order of turns; default the config's seed");
  command
      .add_option("--budget", job.budget_s, "SECONDS: fit the cases into this time; says which it leaves out")
      ->check(CLI::PositiveNumber);
  command.add_option("--only", job.only, "Only cases whose id matches this regular expression");
  command.add_flag("--no-time", job.no_time, "Verify, but time nothing");
  command.add_flag("--no-op-times", job.no_op_times, "Time stages alone, and not each operation");
  command.add_flag("--no-probes", job.no_probes,
                   "Probe peaks beside the blocks alone, and not before and after the cases");
  command.add_flag("--allow-skips", job.allow_skips, "A run whose cases are all skipped is no failure");
  command
      .add_option("--format", job.formats, "Report formats besides result.json; default markdown and html")
      ->check(CLI::IsMember(report_names()));
}

RunJob job_of(const RunOptionsRead& read) {
  RunJob job = read.job;
  job.forced_kernels = forced_kernels(read.kernels);
  if (job.order_seed && !job.interleave && !job.against)
    throw Error(ExitCode::bad_input, "--order-seed: one side takes no turns",
                "--interleave or --against makes two");
  return job;
}

RunJob job_of_command(const std::vector<std::string>& command, const std::string& place) {
  CLI::App app;
  Context spoken;  // as the words of then were, which are not said again
  RunOptionsRead read;
  add_global_options(app, spoken);
  declare_run_options(*app.add_subcommand("run"), read);
  try {
    // CLI11 takes the words from the back.
    std::vector<std::string> words(command.begin() + std::min<std::ptrdiff_t>(1, std::ssize(command)),
                                   command.end());
    std::ranges::reverse(words);
    app.require_subcommand(1);
    app.parse(words);
  } catch (const CLI::ParseError& problem) {
    throw Error(ExitCode::bad_input,
                fmt::format("{}:/command: is no command of this program ({})", place, problem.what()),
                "run the config anew, into another folder");
  }
  return job_of(read);
}

}  // namespace assay
