// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/interleaved.h"
#include "cli/resume.h"
#include "cli/run_job.h"
#include "cli/run_options.h"

namespace assay {
namespace {

/// Options other than those that may stand beside --resume: a run that goes on is the one that began.
void refuse_others(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (const std::string name = option->get_name();
        option->count() > 0 && name != "--resume" && name != "--format" && name != "config")
      throw Error(ExitCode::bad_input, name + ": a run that is resumed goes on as its command said",
                  "leave it out, or run anew into another folder");
}

void run(const CLI::App& command, const RunOptionsRead& read, Context& context) {
  RunJob job = job_of(read);
  if (!read.resume.empty()) {
    refuse_others(command);
    job = resumed_job(read.resume, job);
  } else if (job.configs.empty()) {
    throw Error(ExitCode::bad_input, "config is required: nothing says what is to be run",
                "for example assay run configs/llm/quick.json; assay list configs names those that are here");
  }
  job.interleave || job.against ? run_interleaved(job, context) : run_job(job, context);
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  const auto read = std::make_shared<RunOptionsRead>();
  CLI::App* command =
      app.add_subcommand("run", "Plans, verifies and times workloads, and writes result.json and reports");
  command->footer(
      "Examples:\n"
      "  assay run configs/llm/quick.json --device cpu\n"
      "  assay run configs/llm/llama-3.1-8b.json --device all --set /load/batch=4 --out out/llama\n"
      "  assay run --resume out/llama                             what an interrupt or a crash left undone\n"
      "  assay run a.json b.json --interleave --out out/ab        two configs, their sessions in turn\n"
      "  assay run a.json --against build-before/assay            two builds: side a is the one named\n"
      "Exit codes: 0 fine, 2 bad input, 3 device failed or not there, 4 a result was numerically wrong, 5 no "
      "case is a "
      "measurement, 130 interrupted");
  declare_run_options(*command, *read);
  command->callback([read, command, &context] { run(*command, *read, context); });
}

}  // namespace assay
