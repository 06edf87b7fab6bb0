// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/json_fields.h"
#include "cli/catalogue_text.h"
#include "cli/context.h"
#include "device/backend.h"
#include "plan/op.h"
#include "reports/customer/customer.h"
#include "reports/report.h"
#include "workloads/workload.h"

namespace assay {
namespace {

/// Rows of named columns; the first column identifies.
struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

Listing list_ops() {
  Listing listing{{"op", "what"}, {}};
  for (const OpEntry& op : all_ops()) listing.rows.push_back({std::string(op.kind), std::string(op.summary)});
  return listing;
}

Listing list_kernels() {
  Listing listing{{"op", "backend", "kernel", "how"}, {}};
  for (const Backend* backend : backends().present)
    for (const KernelEntry& kernel : backend->kernels)
      listing.rows.push_back({std::string(kernel.op), std::string(backend->name), std::string(kernel.name),
                              std::string(kernel.summary)});
  return listing;
}

Listing list_workloads() {
  Listing listing{{"workload", "what"}, {}};
  for (const WorkloadEntry& workload : all_workloads())
    listing.rows.push_back({std::string(workload.name), std::string(workload.summary)});
  return listing;
}

Listing list_configs() {
  Listing listing{{"config"}, {}};
  const std::filesystem::path folder = data_folder() / "configs";
  std::error_code failed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failed))
    if (entry.path().extension() == ".json")
      listing.rows.push_back({entry.path().lexically_relative(std::filesystem::current_path()).string()});
  std::sort(listing.rows.begin(), listing.rows.end());
  return listing;
}

Listing list_devices() {
  Listing listing{{"device", "name", "memory_bytes"}, {}};
  for (const Backend* backend : backends().present) {
    try {
      for (const DeviceInfo& device : backend->find())
        listing.rows.push_back({device.id, device.name, std::to_string(device.memory_bytes)});
    } catch (const Error&) {
      // a backend with no device here lists none; `assay doctor` says why
    }
  }
  return listing;
}

Listing list_formats() {
  Listing listing{{"format", "what"}, {}};
  for (const ReportFormat& format : report_formats())
    listing.rows.push_back({std::string(format.name), std::string(format.summary)});
  return listing;
}

Listing list_templates() {
  Listing listing{{"template", "what"}, {}};
  for (const DocumentTemplate& one : document_templates())
    listing.rows.push_back({std::string(one.name), std::string(one.summary)});
  return listing;
}

struct Kind {
  std::string_view name;
  Listing (*list)();
};
constexpr Kind kKinds[] = {{"ops", list_ops},
                           {"kernels", list_kernels},
                           {"workloads", list_workloads},
                           {"configs", list_configs},
                           {"devices", list_devices},
                           {"formats", list_formats},
                           {"templates", list_templates}};

void print_json(const Listing& listing) {
  Json array = Json::array();
  for (const auto& row : listing.rows) {
    Json object;
    for (std::size_t c = 0; c < row.size(); ++c) object[listing.columns[c]] = row[c];
    array.push_back(std::move(object));
  }
  fmt::print("{}\n", array.dump(2));
}

void print_text(const Listing& listing) {
  std::vector<std::size_t> widths(listing.columns.size());
  for (const auto& row : listing.rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  for (const auto& row : listing.rows) {
    for (std::size_t c = 0; c + 1 < row.size(); ++c) fmt::print("{:<{}}  ", row[c], widths[c]);
    fmt::print("{}\n", row.back());
  }
}

}  // namespace

void add_list(CLI::App& app, Context&) {
  struct Options {
    std::string kind;
    bool json = false, catalogue = false;
  };
  const auto options = std::make_shared<Options>();
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  CLI::App* command = app.add_subcommand(
      "list",
      "What assay knows: ops, kernels, workloads, configs, devices, report formats, templates of documents");
  command->footer(
      "Examples:\n"
      "  assay list kernels\n"
      "  assay list devices --catalogue    GPUs that inspect knows, with memory and rates");
  command->add_option("kind", options->kind, "What to list")->required()->check(CLI::IsMember(names));
  command->add_flag("--json", options->json, "As JSON");
  command->add_flag("--catalogue", options->catalogue,
                    "Of devices: not those that are here, but those that `assay inspect` knows");
  command->callback([options] {
    if (options->catalogue && options->kind != "devices")
      throw Error(ExitCode::bad_input, "--catalogue: is of devices, and not of " + options->kind,
                  "assay list devices --catalogue");
    if (options->catalogue) {
      fmt::print("{}", options->json ? catalogue_json().dump(2) + "\n" : catalogue_text());
      return;
    }
    for (const Kind& kind : kKinds)
      if (kind.name == options->kind) options->json ? print_json(kind.list()) : print_text(kind.list());
  });
}

}  // namespace assay
