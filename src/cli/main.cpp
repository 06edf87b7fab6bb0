// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <new>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/version.h"
#include "cli/context.h"
#include "device/backend.h"

namespace assay {
namespace {

std::string version_text() {
  std::string text = fmt::format("assay {} ({}), {}", version(), git_revision().empty() ? "release" : git_revision(),
                                 build_description());
  for (const Backend* backend : backends().present) text += fmt::format("\n  {}: {}", backend->name, backend->version());
  for (const auto& missing : backends().missing) text += fmt::format("\n  {}: not here ({})", missing.name, missing.reason);
  return text;
}

/// CLI11's complaint as our two lines. Help and version are no complaints.
ExitCode report_parse_error(const CLI::App& app, const CLI::ParseError& problem, const Context& context) {
  if (problem.get_exit_code() == 0) {
    app.exit(problem);
    return ExitCode::ok;
  }
  std::string what = problem.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  context.error({ExitCode::bad_input, what, fmt::format("{} --help shows the options", at == &app ? "assay" : "assay " + at->get_name())});
  return ExitCode::bad_input;
}

ExitCode run(int argc, char** argv) {
  Context context;
  context.command.assign(argv, argv + argc);

  CLI::App app("Runs real workloads on CPUs and NVIDIA GPUs, proves the numbers right, and reports how fast they ran "
               "beside their physical ceilings.", "assay");
  app.footer("Example: assay run configs/llm/quick.json --device cpu --out out/quick");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text, "Version, git revision, backends and architectures");
  app.add_flag("-q,--quiet", context.quiet, "Only results and errors");
  app.add_flag("-v,--verbose", context.verbose, "Also say what is being done");
  app.add_option("--color", context.color, "Colour on stderr")->check(CLI::IsMember({"auto", "always", "never"}))->capture_default_str();
  app.fallthrough();

  add_run(app, context);
  add_inspect(app, context);
  add_list(app, context);
  add_doctor(app, context);
  add_verify(app, context);
  add_bench(app, context);
  add_report(app, context);
  add_schema(app, context);

  try {
    app.parse(argc, argv);
    return context.exit_code;
  } catch (const CLI::ParseError& problem) {
    return report_parse_error(app, problem, context);
  } catch (const Error& error) {
    context.error(error);
    return error.code;
  } catch (const std::bad_alloc&) {
    context.error({ExitCode::device_failed, "this machine ran out of memory", "use a smaller batch or model"});
    return ExitCode::device_failed;
  } catch (const std::exception& bug) {
    context.error({ExitCode::device_failed, fmt::format("a mistake inside assay: {}", bug.what()),
                   "please report it with the command line and the config"});
    return ExitCode::device_failed;
  }
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) { return static_cast<int>(assay::run(argc, argv)); }
