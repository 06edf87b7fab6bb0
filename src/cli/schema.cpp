// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "acceptance/brief.h"
#include "analyse/compare_results.h"
#include "cli/context.h"
#include "gate/gate.h"
#include "plan/run_config.h"
#include "reports/customer/style.h"
#include "result/result_json.h"
#include "workloads/workload.h"

namespace assay {
namespace {

struct FileSchema {
  std::string_view name;
  Json (*schema)();
};
constexpr std::array kSchemas = {
    FileSchema{"run", [] { return run_schema(); }},
    FileSchema{"result", result_schema},
    FileSchema{"comparison", comparison_schema},
    FileSchema{"limits", limits_schema},
    FileSchema{"verdict", verdict_schema},
    FileSchema{"about", brief_schema},
    FileSchema{"style", style_schema},
};

std::vector<std::string> names_of(std::span<const FileSchema> schemas) {
  std::vector<std::string> names;
  for (const FileSchema& one : schemas) names.emplace_back(one.name);
  return names;
}

}  // namespace

void add_schema(CLI::App& app, Context&) {
  const auto kind = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("schema", "The JSON Schema (2020-12) of a file");
  command->footer("Example: assay schema run > run.schema.json");
  command->add_option("file", *kind, "Which file")->required()->check(CLI::IsMember(names_of(kSchemas)));
  command->callback([kind] {
    const auto found = std::ranges::find(kSchemas, *kind, &FileSchema::name);
    fmt::print("{}\n", found->schema().dump(2));
  });
}

}  // namespace assay
