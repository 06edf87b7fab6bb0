// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <new>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/units.h"
#include "base/version.h"
#include "cli/context.h"
#include "device/backend.h"
#include "device/findings.h"
#include "device/host_watch.h"
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

/// Looks for a bit more than a second, with a probe of the CPU's peaks before and after: a GPU's host counts,
/// too.
MachineFacts look_around(const std::map<std::string, std::string>& environment) {
  const auto known = [&](const char* key) {
    const auto at = environment.find(key);
    return at == environment.end() ? std::string() : at->second;
  };
  const OpenDevice opened = std::move(open_devices({"cpu"}).front());
  Device& device = *opened.device;
  MachineFacts facts{.governor = known("cpu_governor"),
                     .boost = known("cpu_boost"),
                     .transparent_hugepages = known("transparent_hugepages")};
  facts.threads = device.info().units;
  facts.cpus = static_cast<int>(process_cpus().size());
  facts.cores = static_cast<int>(one_cpu_a_core(process_cpus()).size());
  facts.quota_cpus = read_cpu_quota();
  for (const auto& [key, value] : device.info().properties)
    if (key == "pinned") facts.pinned = value;
  std::unique_ptr<PeakProbe> probe;
  try {
    probe = device.peak_probe(std::vector{DType::f32, DType::bf16});
  } catch (const std::bad_alloc&) {  // the rest is worth saying
  }
  if (probe) facts.probes.push_back(probe->take());
  const HostCounters before = read_host_counters();
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  facts.watched = activity_between(before, read_host_counters());
  if (probe) facts.probes.push_back(probe->take());
  return facts;
}

Json to_json(const MachineFacts& facts) {
  const auto number = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  const HostActivity& seen = facts.watched;
  Json json = {{"watched",
                {{"seconds", seen.wall_s},
                 {"stolen_share", number(seen.stolen_share)},
                 {"others_share", number(seen.others_share)},
                 {"throttled_share", number(seen.throttled_share)}}},
               {"probes", Json::array()},
               {"findings", Json::array()}};
  for (const PeakDraw& draw : facts.probes) {
    Json row = {{"bytes_per_s", number(draw.bytes_per_s)}, {"flops_per_s", Json::object()}};
    for (const auto& [dtype, rate] : draw.flops_per_s) row["flops_per_s"][std::string(name(dtype))] = rate;
    json["probes"].push_back(std::move(row));
  }
  for (const Finding& finding : findings_of(facts))
    json["findings"].push_back({{"cause", finding.cause}, {"remedy", finding.remedy}});
  return json;
}

/// What this machine is, and what would spoil a measurement on it. Every part stands even where another
/// cannot be read.
Json inventory() {
  Json json = {{"schema", "assay.doctor/1"},
               {"tool",
                {{"version", std::string(version())},
                 {"git", std::string(git_revision())},
                 {"build", std::string(build_description())}}}};
  const auto environment = read_environment();
  json["environment"] = JsonWriter::write(environment);
  json["backends"] = Json::array();
  json["devices"] = Json::array();
  for (const Backend* backend : backends().present) {
    Json entry = {{"name", std::string(backend->name)},
                  {"version", backend->version()},
                  {"status", "present"},
                  {"reason", nullptr},
                  {"libraries", Json::array()}};
    const auto known = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
    for (const LibraryInUse& library : backend->libraries())
      entry["libraries"].push_back({{"name", library.name},
                                    {"version", known(library.version)},
                                    {"path", known(library.path)},
                                    {"reason", known(library.reason)}});
    try {
      for (const DeviceInfo& device : backend->find()) json["devices"].push_back(to_json(device));
    } catch (const Error& error) {
      entry["status"] = "no device";
      entry["reason"] = error.what();
    }
    json["backends"].push_back(std::move(entry));
  }
  for (const auto& missing : backends().missing)
    json["backends"].push_back({{"name", missing.name},
                                {"version", nullptr},
                                {"status", "missing"},
                                {"reason", missing.reason},
                                {"libraries", Json::array()}});
  json.update(to_json(look_around(environment)));
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
  for (const Json& backend : json["backends"]) {
    fmt::print(
        "  {:<24} {}{}\n", text_of(backend["name"]), text_of(backend["status"]),
        backend["reason"].is_null() ? ": " + text_of(backend["version"]) : ": " + text_of(backend["reason"]));
    for (const Json& library : backend["libraries"])
      fmt::print("    {:<22} {}\n", text_of(library["name"]),
                 library["reason"].is_null()
                     ? fmt::format("{}, {}", text_of(library["version"]), text_of(library["path"]))
                     : "not there: " + text_of(library["reason"]));
  }
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
  if (json["findings"].empty()) {
    fmt::print("\nnothing found that would spoil a measurement\n");
    return;
  }
  fmt::print("\nwhat would spoil a measurement\n");
  for (const Json& finding : json["findings"])
    fmt::print("  - {}\n      {}\n", text_of(finding["cause"]), text_of(finding["remedy"]));
}

}  // namespace

void add_doctor(CLI::App& app, Context&) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("doctor", "What this machine is, and what would spoil a measurement on it");
  command->footer("Example: assay doctor --json | jq .findings");
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
