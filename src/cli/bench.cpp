// SPDX-License-Identifier: Apache-2.0
// Kernels under Google Benchmark, for people who work on kernels: the examples of each op, verified first.
#include <benchmark/benchmark.h>

#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/version.h"
#include "cli/context.h"
#include "device/backend.h"
#include "measure/bench.h"
#include "measure/verify.h"

namespace assay {
namespace {

constexpr std::uint64_t kSeed = 1;

void register_benchmark(OpenDevice& open, const KernelEntry& kernel, const std::shared_ptr<const Op>& op) {
  const std::string name =
      fmt::format("{}/{}/{}/{}", open.device->info().id, op->kind(), kernel.name, op->shape());
  benchmark::RegisterBenchmark(name.c_str(), [&open, kernel, op](benchmark::State& state) {
    const KernelCheck check = verify_kernel(*op, kernel, *open.device->lane({}), kSeed);
    if (check.status != KernelCheck::Status::passed) {
      state.SkipWithError(check.reason.c_str());
      return;
    }
    KernelBench bench(op, kernel, *open.device, kSeed);
    for (auto _ : state) state.SetIterationTime(bench.seconds());
    const Cost cost = op->cost();
    state.counters["FLOP/s"] =
        benchmark::Counter(cost.flops - bench.flops_saved(), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["bytes/s"] =
        benchmark::Counter(cost.all_paths().both(), benchmark::Counter::kIsIterationInvariantRate);
  })->UseManualTime();
}

/// What Google Benchmark has to say, without its word on itself: distributions build the library with its
/// assertions, and it then warns of timings. The seconds here are measured by assay, whose own build is named
/// among the context.
std::string without_library_build(const std::string& said) {
  std::istringstream lines(said);
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (line.find("Library was built as DEBUG") == std::string::npos) kept += line + "\n";
  return kept;
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  struct Options {
    std::vector<std::string> devices = {"auto"};
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("bench", "Kernels under Google Benchmark; takes its flags too");
  command->footer("Example: assay bench --device cpu --benchmark_filter=matmul");
  command->add_option("--device", options->devices, "auto, cpu, cuda, cuda:N, all")->capture_default_str();
  // Flags unknown here are Google Benchmark's: they stay here, instead of going up to the program's own.
  command->fallthrough(false)->allow_extras();
  command->add_flag("-q,--quiet", context.quiet, "Only results and errors");
  command->callback([options, command, &context] {
    std::vector<std::string> flags = {"assay bench"};
    for (const std::string& extra : command->remaining()) flags.push_back(extra);
    std::vector<char*> argv;
    for (std::string& flag : flags) argv.push_back(flag.data());
    int argc = static_cast<int>(argv.size());
    benchmark::Initialize(&argc, argv.data());
    if (argc > 1)
      throw Error(ExitCode::bad_input, fmt::format("assay bench does not know {}", argv[1]),
                  "assay bench --help, and Google Benchmark's flags: --benchmark_filter=REGEX, "
                  "--benchmark_format=json ...");
    benchmark::AddCustomContext("assay_build", std::string(build_description()));
    auto devices = open_devices(options->devices);
    for (OpenDevice& open : devices)
      for (const OpEntry& entry : all_ops())
        for (const KernelEntry& kernel : open.kernels)
          if (kernel.op == entry.kind)
            for (const auto& op : entry.examples())
              if (op->unserved().empty()) register_benchmark(open, kernel, op);
    // The library's own line for no match would be a third one beside our two.
    std::ostringstream complaints;
    const std::unique_ptr<benchmark::BenchmarkReporter> reporter(benchmark::CreateDefaultDisplayReporter());
    reporter->SetErrorStream(&complaints);
    if (benchmark::RunSpecifiedBenchmarks(reporter.get()) == 0)
      throw Error(ExitCode::bad_input, "no benchmark matches",
                  "assay bench --benchmark_list_tests lists them");
    if (!context.quiet) fmt::print(stderr, "{}", without_library_build(complaints.str()));
    benchmark::Shutdown();
  });
}

}  // namespace assay
