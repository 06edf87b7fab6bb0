// SPDX-License-Identifier: Apache-2.0
// What every subcommand shares: the global options, the exit code it sets, and how it talks to people.
// Results go to stdout; everything else to stderr.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
}

namespace assay {

struct Context {
  bool quiet = false, verbose = false;
  std::string color = "auto";  // auto | always | never
  ExitCode exit_code = ExitCode::ok;
  std::vector<std::string> command;  // argv, for the result file

  bool colored() const;                      // stderr: a terminal, not forbidden by NO_COLOR or --color
  bool progress() const;                     // stderr is a terminal, and not --quiet
  void note(const std::string& line) const;  // unless --quiet
  void warn(const std::string& line) const;
  void error(const Error& error) const;  // the two lines
};

/// A Ctrl-C or SIGTERM asks the run to stop after the sample at hand; a second one ends the program.
void catch_interrupts();
bool interrupted();

/// Folder of configs and templates: ../share/assay of a bundle, or the source tree a build lies in.
std::filesystem::path data_folder();

/// Names that --format takes.
std::vector<std::string> report_names();

/// --quiet, --verbose and --color; also behind the subcommand.
void add_global_options(CLI::App& app, Context& context);

void add_run(CLI::App& app, Context& context);
void add_inspect(CLI::App& app, Context& context);
void add_list(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_compare(CLI::App& app, Context& context);
void add_gate(CLI::App& app, Context& context);
void add_schema(CLI::App& app, Context& context);

}  // namespace assay
