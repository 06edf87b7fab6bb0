// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.h"
#include "base/version.h"
#include "cli/context.h"
#include "device/backend.h"
#include "device/cpu/threads.h"

namespace assay {
namespace {

std::string version_text() {
  std::string text = fmt::format("assay {} ({}), {}", version(),
                                 git_revision().empty() ? "release" : git_revision(), build_description());
  for (const Backend* backend : backends().present)
    text += fmt::format("\n  {}: {}", backend->name, backend->version());
  for (const auto& missing : backends().missing)
    text += fmt::format("\n  {}: not here ({})", missing.name, missing.reason);
  return text;
}

/// A first word that is no command; CLI11 would only say that one is missing.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& command) {
  for (std::size_t i = 1; i < command.size(); ++i) {
    if (command[i].starts_with('-')) continue;
    const auto known = app.get_subcommands([&](const CLI::App* c) { return c->get_name() == command[i]; });
    return known.empty() ? command[i] : "";
  }
  return "";
}

/// CLI11's complaint as our two lines. Help and version are no complaints.
ExitCode report_parse_error(const CLI::App& app, const CLI::ParseError& problem, const Context& context) {
  if (problem.get_exit_code() == 0) {
    app.exit(problem);
    return ExitCode::ok;
  }
  if (const std::string word = unknown_command(app, context.command); !word.empty()) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    const std::string near = nearest(word, known);
    context.error(
        {ExitCode::bad_input, fmt::format("there is no command \"{}\"", word),
         near.empty() ? "commands: " + join(known, ", ") : fmt::format("did you mean \"{}\"?", near)});
    return ExitCode::bad_input;
  }
  std::string what = problem.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  context.error(
      {ExitCode::bad_input, what,
       fmt::format("{} --help shows the options", at == &app ? "assay" : "assay " + at->get_name())});
  return ExitCode::bad_input;
}

ExitCode run(int argc, char** argv) {
  Context context;
  context.command.assign(argv, argv + argc);

  CLI::App app(
      "Runs real workloads on CPUs and NVIDIA GPUs, proves the numbers right, and reports how fast they ran "
      "beside their physical ceilings.",
      "assay");
  app.footer("Example: assay run configs/llm/quick.json --device cpu --out out/quick");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text, "Version, git revision, backends and architectures");
  add_global_options(app, context);

  add_run(app, context);
  add_inspect(app, context);
  add_list(app, context);
  add_doctor(app, context);
  add_verify(app, context);
  add_bench(app, context);
  add_report(app, context);
  add_compare(app, context);
  add_gate(app, context);
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
    context.error(
        {ExitCode::device_failed, "this machine ran out of memory", "use a smaller batch or model"});
    return ExitCode::device_failed;
  } catch (const std::exception& bug) {
    context.error({ExitCode::device_failed, fmt::format("a mistake inside assay: {}", bug.what()),
                   "please report it with the command line and the config"});
    return ExitCode::device_failed;
  }
}

/// Binding threads takes a second start, which what works from files alone can do without.
bool works_from_files(int argc, char** argv) {
  constexpr std::array<std::string_view, 4> kCommands = {"inspect", "report", "compare", "schema"};
  if (argc < 2) return false;
  const auto command = std::find_if(argv + 1, argv + argc, [](const char* text) { return text[0] != '-'; });
  return command != argv + argc && std::ranges::find(kCommands, *command) != kCommands.end();
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  if (!assay::works_from_files(argc, argv)) assay::bind_threads(argv);
  return static_cast<int>(assay::run(argc, argv));
}
