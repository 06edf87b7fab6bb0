// SPDX-License-Identifier: Apache-2.0
#include "plan/run_config.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json_file.h"
#include "base/text.h"
#include "plan/overrides.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;  // of all includes; suites that include one another twice grow fast
constexpr std::size_t kMaxSlug = 100;    // characters; file systems take 255 bytes

/// The stem of a model's file; for .../Llama-3.1-8B/config.json the folder's name.
std::string name_of_file(const fs::path& file) {
  const std::string stem = file.stem().string();
  if (stem != "config") return stem;
  const std::string folder = fs::absolute(file).parent_path().filename().string();
  return folder.empty() ? stem : folder;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// A config.json of Hugging Face, as its publisher made it.
bool is_bare_model(const Json& document) {
  return document.is_object() && !document.contains("workload") && !document.contains("runs") &&
         document.contains("architectures");
}

/// One file name: ids and folders are made of it, and stand in regular expressions and shells.
std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_' || c == '+';
    if (plain || (!out.empty() && out.back() != '-')) out += plain ? c : '-';
  }
  out.erase(0, std::min(out.find_first_not_of(".-"), out.size()));
  out.resize(std::min(out.size(), kMaxSlug));
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "unnamed" : out;
}

class Loader {
 public:
  Loader(std::span<const Override> overrides, Workloads workloads)
      : overrides_(overrides), workloads_(workloads) {}

  /// All give the name of what they read.
  std::string load_file(const fs::path& path);
  /// `folder`: what paths in the document are relative to.
  std::string load_document(Json document, const std::string& file, const fs::path& folder);

  std::vector<RunConfig> runs;

 private:
  std::string load_suite(Json document, const std::string& file, const fs::path& folder);
  void load_run(Json document, const std::string& file, const std::string& pointer, const fs::path& folder,
                const fs::path& model_file = {});
  std::string load_bare_model(const Json& document, const std::string& file);
  const WorkloadEntry& workload_of(const JsonReader& reader, const std::string& name) const;

  std::span<const Override> overrides_;
  Workloads workloads_;
  std::vector<fs::path> open_;  // the chain of includes that we are in
  std::size_t files_ = 0;
};

std::string Loader::load_file(const fs::path& path) {
  std::error_code missing;
  fs::path file = path;
  if (fs::is_regular_file(path / "config.json", missing))
    file = path / "config.json";  // a checkpoint's folder
  const fs::path canonical = fs::weakly_canonical(file, missing);
  if (const auto seen = std::find(open_.begin(), open_.end(), canonical); seen != open_.end()) {
    std::string cycle;
    for (auto at = seen; at != open_.end(); ++at) cycle += at->filename().string() + " -> ";
    throw Error(ExitCode::bad_input,
                file.string() + ":/runs: includes itself (" + cycle + canonical.filename().string() + ")",
                "remove one of these includes");
  }
  if (++files_ > kMaxFiles)
    throw Error(ExitCode::bad_input, file.string() + ": is one of more than 1000 includes",
                "include each run config once");
  open_.push_back(canonical);
  std::string name = load_document(load_json(file), file.string(), file.parent_path());
  open_.pop_back();
  return name;
}

std::string Loader::load_document(Json document, const std::string& file, const fs::path& folder) {
  if (is_bare_model(document)) return load_bare_model(document, file);
  if (document.is_object() && document.contains("runs")) return load_suite(std::move(document), file, folder);
  load_run(std::move(document), file, "", folder);
  return runs.back().name;
}

std::string Loader::load_suite(Json document, const std::string& file, const fs::path& folder) {
  for (const Override& change : overrides_)
    if (change.starts_with("runs") && open_.size() <= 1) apply(change, document);
  JsonReader reader(document, file);
  std::string name = fs::path(file).stem().string(), schema;
  std::vector<Json> parts;
  reader.field("$schema", schema);
  reader.field("name", name, {.doc = "what reports call the suite"});
  reader.field("runs", parts, {.doc = "paths from this file, or inline run configs", .required = true});
  reader.done();
  if (parts.empty()) reader.fail_at("runs", "is empty", "list paths of run configs, or inline run configs");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string pointer = "/runs/" + std::to_string(i);
    if (parts[i].is_string())
      load_file(folder / parts[i].get<std::string>());
    else
      load_run(std::move(parts[i]), file, pointer, folder);
  }
  return name;
}

std::string Loader::load_bare_model(const Json& document, const std::string& file) {
  const WorkloadEntry* owner = nullptr;
  for (const WorkloadEntry& entry : workloads_)
    if (entry.takes_model && entry.takes_model(document)) owner = &entry;
  if (!owner) {
    // The first workload's own complaint lists the architectures it knows.
    JsonReader reader(document, file);
    for (const WorkloadEntry& entry : workloads_) entry.read_model(reader);
    reader.fail_at("architectures", "is not known to any workload", "see `assay list workloads`");
  }
  const std::string name = name_of_file(file);
  const Json run = {
      {"workload", std::string(owner->name)}, {"name", name}, {"model_name", name}, {"model", document}};
  load_run(run, file, "", {}, file);
  return runs.back().name;
}

const WorkloadEntry& Loader::workload_of(const JsonReader& reader, const std::string& name) const {
  std::vector<std::string> known;
  for (const WorkloadEntry& entry : workloads_) {
    if (entry.name == name) return entry;
    known.emplace_back(entry.name);
  }
  const std::string near = nearest(name, known);
  reader.fail_at("workload", "is \"" + name + "\"",
                 near.empty() ? "it must be one of " + join(known, ", ") : "did you mean \"" + near + "\"?");
}

/// One or a list, spelled as results spell them.
Json dtypes_of(const JsonReader& reader, const Json& dtype) {
  const std::vector<std::string> known = config_dtypes();
  Json spelled = Json::array();
  for (const Json& one : dtype.is_array() ? dtype : Json::array({dtype})) {
    std::string text = one.is_string() ? one.get<std::string>() : "";
    if (const auto found = dtype_from(text)) text = name(*found);
    if (std::ranges::find(known, text) == known.end())
      reader.fail_at("dtype", "holds " + one.dump().substr(0, 60),
                     "it must be one of " + join(known, ", ") + ", or a list");
    spelled.push_back(text);
  }
  return dtype.is_array() ? spelled : spelled.front();
}

/// What stands in the config over the workload's defaults, in the order of their declaration.
Json complete_load(JsonReader& run, const WorkloadEntry& entry) {
  Json load = entry.default_load();
  const Json* given = run.find("load");
  if (!given || given->is_null()) return load;
  JsonReader reader = run.child(*given, "load");
  for (auto& [key, value] : load.items())
    if (const Json* found = reader.find(key)) value = *found;
  reader.done();
  return load;
}

void Loader::load_run(Json document, const std::string& file, const std::string& pointer,
                      const fs::path& folder, const fs::path& bare_model) {
  if (document.is_object())
    for (const Override& change : overrides_)
      if (!change.starts_with("runs") && !(change.starts_with("model") && change.path.size() > 1))
        apply(change, document);

  fs::path model_file = bare_model;
  if (document.is_object() && document.contains("model") && document["model"].is_string()) {
    model_file = folder / document["model"].get<std::string>();
    std::error_code missing;
    if (fs::is_regular_file(model_file / "config.json", missing)) model_file /= "config.json";
    document["model"] = load_json(model_file);
  }
  if (document.is_object())
    for (const Override& change : overrides_)
      if (change.starts_with("model") && change.path.size() > 1) apply(change, document);

  RunConfig run;
  run.file = file;
  run.pointer = pointer;
  JsonReader reader(document, file, pointer);
  std::string schema;
  reader.field("$schema", schema);
  reader.field("workload", run.workload, {.doc = "what is run", .required = true});
  const WorkloadEntry& entry = workload_of(reader, run.workload);
  if (!reader.has("model"))
    reader.fail_at("model", "is missing",
                   "name a Hugging Face config.json, by path from this file, or inline");
  run.entry = &entry;
  run.model = *reader.find("model");
  JsonReader model =
      model_file.empty() ? reader.child(run.model, "model") : JsonReader(run.model, model_file.string());
  run.parsed_model = entry.read_model(model);
  reader.field("name", run.name);
  reader.field("model_name", run.model_name);
  run.dtype =
      reader.has("dtype") ? dtypes_of(reader, *reader.find("dtype")) : Json(std::string(name(DType::bf16)));
  run.load = complete_load(reader, entry);
  reader.field("seed", run.seed, {.min = 0});
  reader.field("measure", run.measure);
  reader.done();

  if (run.model_name.empty() && !model_file.empty()) run.model_name = name_of_file(model_file);
  if (run.model_name.empty())
    run.model_name = fs::path(text_at(run.model, "_name_or_path")).filename().string();
  if (run.model_name.empty()) run.model_name = run.name.empty() ? run.workload : run.name;
  run.model_name = slug(run.model_name);
  if (run.name.empty()) run.name = run.model_name;
  runs.push_back(std::move(run));
}

}  // namespace

std::vector<std::string> config_dtypes() {
  std::vector<std::string> names;
  for (const DType dtype : all_dtypes())
    if (is_floating(dtype)) names.emplace_back(name(dtype));
  names.insert(names.end(), {"int8", "int4"});
  return names;
}

Json RunConfig::document() const {
  return {{"workload", workload},
          {"name", name},
          {"model_name", model_name},
          {"model", model},
          {"dtype", dtype},
          {"load", load},
          {"seed", seed},
          {"measure", JsonWriter::write(measure)}};
}

Json RunSet::document() const {
  if (runs.size() == 1 && runs.front().name == name) return runs.front().document();
  Json all = Json::array();
  for (const RunConfig& run : runs) all.push_back(run.document());
  return {{"name", name}, {"runs", std::move(all)}};
}

std::string RunSet::folder_name() const {
  return slug(name);
}

RunSet load_runs(std::span<const fs::path> files, std::span<const std::string> overrides,
                 Workloads workloads) {
  if (files.empty()) throw Error(ExitCode::bad_input, "no config is named", "name a run config or a suite");
  const std::vector<Override> changes = parse_overrides(overrides);
  Loader loader(changes, workloads);
  RunSet set;
  for (const fs::path& file : files) {
    const std::string name = loader.load_file(file);
    if (set.name.empty()) set.name = name;
  }
  if (files.size() > 1) set.name += " and " + std::to_string(files.size() - 1) + " more";
  set.runs = std::move(loader.runs);
  return set;
}

RunSet runs_of(const Json& document, const std::string& file, Workloads workloads) {
  Loader loader({}, workloads);
  RunSet set;
  set.name = loader.load_document(document, file, fs::path(file).parent_path());
  set.runs = std::move(loader.runs);
  return set;
}

}  // namespace assay
