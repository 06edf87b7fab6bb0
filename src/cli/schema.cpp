// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "analyse/compare_results.h"
#include "cli/context.h"
#include "plan/run_config.h"
#include "result/result_json.h"
#include "workloads/workload.h"

namespace assay {

void add_schema(CLI::App& app, Context&) {
  const auto kind = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("schema", "The JSON Schema (2020-12) of a file");
  command->footer("Example: assay schema run > run.schema.json");
  command->add_option("file", *kind, "Which file")
      ->required()
      ->check(CLI::IsMember({"run", "result", "comparison"}));
  command->callback([kind] {
    const Json schema = *kind == "run"      ? run_schema()
                        : *kind == "result" ? result_schema()
                                            : comparison_schema();
    fmt::print("{}\n", schema.dump(2));
  });
}

}  // namespace assay
