// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/units.h"
#include "base/version.h"
#include "cli/context.h"
#include "device/backend.h"
#include "result/environment.h"

namespace assay {
namespace {

Json to_json(const DeviceInfo& device) {
  Json json = {{"id", device.id},
               {"kind", device.kind},
               {"name", device.name},
               {"memory_bytes", device.memory_bytes},
               {"cache_bytes", device.cache_bytes > 0 ? Json(device.cache_bytes) : Json(nullptr)},
               {"units", device.units}};
  for (const auto& [key, value] : device.properties) json["properties"][key] = value;
  return json;
}

/// What this machine is. Every part stands even where another cannot be read.
Json inventory() {
  Json json = {{"schema", "assay.doctor/1"},
               {"tool",
                {{"version", std::string(version())},
                 {"git", std::string(git_revision())},
                 {"build", std::string(build_description())}}}};
  json["environment"] = JsonWriter::write(read_environment());
  json["backends"] = Json::array();
  json["devices"] = Json::array();
  for (const Backend* backend : backends().present) {
    Json entry = {{"name", std::string(backend->name)},
                  {"version", backend->version()},
                  {"status", "present"},
                  {"reason", nullptr}};
    try {
      for (const DeviceInfo& device : backend->find()) json["devices"].push_back(to_json(device));
    } catch (const Error& error) {
      entry["status"] = "no device";
      entry["reason"] = error.what();
    }
    json["backends"].push_back(std::move(entry));
  }
  for (const auto& missing : backends().missing)
    json["backends"].push_back(
        {{"name", missing.name}, {"version", nullptr}, {"status", "missing"}, {"reason", missing.reason}});
  return json;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print_text(const Json& json) {
  fmt::print("assay {} {}\n\nmachine\n", text_of(json["tool"]["version"]), text_of(json["tool"]["git"]));
  for (const auto& [key, value] : json["environment"].items())
    fmt::print("  {:<24} {}\n", key, text_of(value));
  fmt::print("\nbackends\n");
  for (const Json& backend : json["backends"])
    fmt::print(
        "  {:<24} {}{}\n", text_of(backend["name"]), text_of(backend["status"]),
        backend["reason"].is_null() ? ": " + text_of(backend["version"]) : ": " + text_of(backend["reason"]));
  for (const Json& device : json["devices"]) {
    fmt::print("\n{}: {}\n", text_of(device["id"]), text_of(device["name"]));
    fmt::print("  {:<24} {}\n", "memory", bytes_text(device["memory_bytes"].get<double>()));
    if (!device["cache_bytes"].is_null())
      fmt::print("  {:<24} {}\n", "last-level cache", bytes_text(device["cache_bytes"].get<double>()));
    fmt::print("  {:<24} {}\n", device["kind"] == "cpu" ? "threads" : "multiprocessors",
               device["units"].get<int>());
    const Json properties = device.value("properties", Json::object());
    for (const auto& [key, value] : properties.items()) fmt::print("  {:<24} {}\n", key, text_of(value));
  }
}

}  // namespace

void add_doctor(CLI::App& app, Context&) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("doctor", "What this machine is: system, backends, devices");
  command->footer("Example: assay doctor --json | jq .devices");
  command->add_flag("--json", *json, "As JSON");
  command->callback([json] {
    const Json found = inventory();
    if (*json)
      fmt::print("{}\n", found.dump(2));
    else
      print_text(found);
  });
}

}  // namespace assay
