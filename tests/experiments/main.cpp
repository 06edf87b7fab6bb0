// SPDX-License-Identifier: Apache-2.0
// Settles questions that only a GPU answers: tests/experiments/table.cpp lists them. Not a test and not a
// measurement of record: what it prints is read by people who then change a kernel, a constant, or a doc.
#include <unistd.h>

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.h"
#include "base/version.h"
#include "experiments/experiment.h"
#include "experiments/launch_once.h"

namespace assay::experiments {
namespace {

struct Options {
  std::vector<std::string> only, skip;
  std::string json, launch, device = "cuda:0";
  double limit_s = 100;
  bool list = false;
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Experiment& experiment : all_experiments()) all.emplace_back(experiment.name);
  return all;
}

void list() {
  for (const Experiment& experiment : all_experiments())
    fmt::print("{:<18}at most {:>2} s  {}\n", experiment.name, experiment.limit_s, experiment.question);
  for (const std::string& name : launch_names()) fmt::print("--launch {}\n", name);
}

OpenDevice open_gpu(const std::string& device) {
  try {
    return std::move(open_devices({device}).at(0));
  } catch (const Error& error) {
    throw Error(error.code, error.what(),
                "these experiments are about a GPU: run them where `nvidia-smi` lists one");
  }
}

Json header_of(const DeviceInfo& info) {
  Json header = {{"schema", "assay.gpu-experiments/1"},
                 {"assay", std::string(version())},
                 {"revision", std::string(git_revision())},
                 {"device", info.name},
                 {"memory_bytes", info.memory_bytes},
                 {"cache_bytes", info.cache_bytes},
                 {"multiprocessors", info.units}};
  for (const auto& [name, value] : info.properties) header["properties"][name] = value;
  return header;
}

void run_all(Bench& bench, const Options& options) {
  const double end_s = now_s() + options.limit_s;
  const auto has = [](const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const Experiment& experiment : all_experiments()) {
    if (has(options.skip, experiment.name) || (!options.only.empty() && !has(options.only, experiment.name)))
      continue;
    const double began_s = now_s();
    bench.record().begin(std::string(experiment.name), std::string(experiment.question));
    bench.begin_experiment(std::min(experiment.limit_s, end_s - began_s));
    bench.attempt("all of it", [&] { experiment.run(bench); });
    fmt::print("took {:.1f} s\n", now_s() - began_s);
    bench.record().end();
  }
}

void run(const Options& options) {
  if (options.list) return list();
  // A GPU that hangs is not to hold the machine: what was measured stands in the file.
  constexpr double kGrace_s = 30;
  alarm(static_cast<unsigned>(options.limit_s + kGrace_s));
  OpenDevice gpu = open_gpu(options.device);
  Json header = header_of(gpu.device->info());
  Record record(options.json, std::move(header));
  Bench bench(std::move(gpu), record);
  if (!options.launch.empty()) return launch_once(bench, options.launch);
  run_all(bench, options);
}

ExitCode complain(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  if (!error.hint.empty()) fmt::print(stderr, "  hint: {}\n", error.hint);
  return error.code;
}

ExitCode run(int argc, char** argv) {
  Options options;
  CLI::App app("Settles questions that only a GPU answers.", "gpu_experiments");
  app.add_flag("--list", options.list, "Names and questions of the experiments, and what --launch takes");
  app.add_option("--only", options.only, "These experiments alone")->check(CLI::IsMember(names()));
  app.add_option("--skip", options.skip, "Not these experiments")->check(CLI::IsMember(names()));
  app.add_option("--json", options.json, "File of the figures, written anew after each");
  app.add_option("--limit", options.limit_s, "Seconds for all of it; what is left then gets a reason")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  app.add_option("--device", options.device, "cpu rehearses what needs no kernel of CUDA's")
      ->check(CLI::IsMember({"cuda:0", "cpu"}))
      ->capture_default_str();
  app.add_option("--launch", options.launch, "Launches one op once, for a profiler, and prints its Cost")
      ->check(CLI::IsMember(launch_names()));
  try {
    app.parse(argc, argv);
    run(options);
    return ExitCode::ok;
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return static_cast<ExitCode>(app.exit(problem));
    std::string what = problem.what();
    std::ranges::replace(what, '\n', ' ');
    return complain({ExitCode::bad_input, what, "gpu_experiments --help shows the options"});
  } catch (const Error& error) {
    return complain(error);
  } catch (const std::exception& problem) {
    return complain({ExitCode::device_failed, problem.what(), "see the figures before it"});
  }
}

}  // namespace
}  // namespace assay::experiments

int main(int argc, char** argv) {
  return static_cast<int>(assay::experiments::run(argc, argv));
}
