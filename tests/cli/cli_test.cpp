// SPDX-License-Identifier: Apache-2.0
// The program as a user meets it: exit codes, the two-line error, what goes to stdout.
#include <gtest/gtest.h>
#include <sys/inotify.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::test::cli_tests {
namespace {

const std::string kConfigs = std::string(ASSAY_SOURCE_DIR) + "/configs/";
const std::string kTiny = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/tiny/";

/// "error: ..." and "  hint: ...", nothing else.
void expect_two_lines(const Said& said, int exit_code, const std::string& names) {
  EXPECT_EQ(said.exit_code, exit_code) << said.err;
  EXPECT_EQ(said.out, "");
  EXPECT_TRUE(said.err.starts_with("error: ")) << said.err;
  EXPECT_NE(said.err.find("\n  hint: "), std::string::npos) << said.err;
  EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 2) << said.err;
  EXPECT_NE(said.err.find(names), std::string::npos) << said.err;
}

TEST(Cli, HelpOfEveryCommandHasAnExample) {
  for (const char* command :
       {"", "run", "inspect", "list", "doctor", "verify", "bench", "report", "compare", "schema"}) {
    const Said said = assay(std::string(command) + " --help");
    EXPECT_EQ(said.exit_code, 0) << command;
    EXPECT_NE(said.out.find("Example"), std::string::npos) << command << ":\n" << said.out;
    EXPECT_NE(said.out.find("assay " + std::string(command)), std::string::npos) << command << ":\n"
                                                                                 << said.out;
  }
}

TEST(Cli, VersionNamesTheBackends) {
  const Said said = assay("--version");
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_NE(said.out.find("cpu: "), std::string::npos) << said.out;
}

TEST(Cli, WrongUsageIsTwoLinesAndExitCodeTwo) {
  expect_two_lines(assay("frobnicate"), 2, "frobnicate");
  expect_two_lines(assay("run"), 2, "config");
  expect_two_lines(assay("list rocks"), 2, "rocks");
  expect_two_lines(assay("list kernels --catalogue"), 2, "--catalogue");
  expect_two_lines(assay("inspect " + kConfigs + "models/llama-3.1-8b.json --device Abacus"), 2, "Abacus");
}

TEST(Cli, InspectCountsLlama31AsPublished) {
  const Said said = assay("inspect " + kConfigs + "models/llama-3.1-8b.json --json");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json found = parse_json(said.out, "stdout");
  EXPECT_EQ(found["schema"], "assay.inspect/1");
  EXPECT_EQ(found["architecture"], "LlamaForCausalLM");
  EXPECT_EQ(found["parameters"]["total"], 8030261248);
  EXPECT_EQ(found["kv_bytes_per_token"], 131072);
  EXPECT_EQ(found["weight_bytes"], 16060522496);
  EXPECT_TRUE(found["fits"].is_null());
  ASSERT_EQ(found["stages"].size(), 2u);
  EXPECT_GT(found["stages"][0]["ops"].size(), 5u);
}

TEST(Cli, ListsTheCatalogueInWordsAndAsJson) {
  const Json found = parse_json(assay("list devices --catalogue --json").out, "stdout");
  const auto h100 = std::ranges::find_if(found, [](const Json& one) { return one["device"] == "H100-SXM"; });
  ASSERT_NE(h100, found.end());
  EXPECT_EQ((*h100)["memory_bytes"], 80'000'000'000);
  EXPECT_EQ((*h100)["bf16_flops_per_s"], 989.4e12);
  EXPECT_EQ((*h100)["bytes_per_s"], 3352e9);
  EXPECT_TRUE((*h100)["host_link_bytes_per_s"].is_null());
  const std::string words = assay("list devices --catalogue").out;
  for (const Json& one : found)
    EXPECT_NE(words.find("\n" + one["device"].get<std::string>() + " "), std::string::npos) << one;
  EXPECT_NE(words.find("80.0 GB"), std::string::npos) << words;
}

TEST(Cli, InspectAnswersForEveryCaseOnEveryDevice) {
  const std::string config = "inspect " + kConfigs + "models/llama-3.1-8b.json --set /load/batch='[1,8]'" +
                             " --set /load/prompt_tokens=2048 --device H100-SXM --device l40s --device L4";
  const Json found = parse_json(assay(config + " --json").out, "stdout");
  EXPECT_EQ(found["cases"], 2);
  EXPECT_EQ(found["device"], "H100-SXM");
  ASSERT_EQ(found["answers"].size(), 6u);
  const Json& last = found["answers"][5];
  EXPECT_EQ(last["device"], "L4");
  EXPECT_EQ(last["settings"]["batch"], 8);
  EXPECT_EQ(last["fits"], true);
  EXPECT_EQ(last["kv_bytes_by_context"]["131072"], 131072LL * 131072);
  EXPECT_EQ(found["answers"][2]["longest_context"]["limit"], "memory");

  const Said words = assay(config);
  ASSERT_EQ(words.exit_code, 0) << words.err;
  EXPECT_NE(words.out.find("bf16, prompt tokens 2,048, generate tokens 64"), std::string::npos) << words.out;
  EXPECT_EQ(words.out.find("lm_head"), std::string::npos) << "operations are asked for";
  EXPECT_NE(assay(config + " --ops").out.find("lm_head"), std::string::npos);
}

TEST(Cli, InspectSizesOtherNumberFormats) {
  const std::string model = "inspect " + kConfigs + "models/llama-3.1-8b.json --json";
  const auto of = [&](const std::string& options) {
    return parse_json(assay(model + options).out, "stdout")["answers"][0];
  };
  const Json plain = of(""), few_bits = of(" --dtype int4 --kv-dtype fp8");
  EXPECT_LT(few_bits["memory"]["weight_bytes"], plain["memory"]["weight_bytes"].get<double>() / 2);
  EXPECT_EQ(few_bits["kv_bytes_per_token"], 131072 / 2);
  EXPECT_EQ(few_bits["settings"]["dtype"], "int4");
}

TEST(Cli, InspectRefusesAPromptBeyondTheModel) {
  expect_two_lines(assay("inspect " + kConfigs +
                         "models/gpt2.json --set /load/prompt_tokens='[512,2048]' --device H100-SXM"),
                   2, "positions");
  expect_two_lines(assay("inspect " + kConfigs + "models/gpt2.json --device H100"), 2, "H100-PCIe");
}

TEST(Cli, InspectSaysThatAFloat32ModelIsPlannedInBf16) {
  const std::string model = "inspect " + kConfigs + "models/smollm2-135m.json --set /model/torch_dtype=";
  EXPECT_EQ(parse_json(assay(model + "float32 --json").out, "stdout")["notes"].size(), 1u);
  EXPECT_NE(assay(model + "float32").out.find("note: The model is published in f32 and planned in bf16"),
            std::string::npos);
  EXPECT_EQ(parse_json(assay(model + "bfloat16 --json").out, "stdout")["notes"], Json::array());
}

TEST(Cli, InspectSaysWhetherACatalogueDeviceHoldsTheModel) {
  const auto fits = [](const std::string& model, const std::string& device) {
    return parse_json(
        assay("inspect " + kConfigs + "models/" + model + ".json --json --device " + device).out, "stdout");
  };
  EXPECT_EQ(fits("llama-3.1-8b", "H100-SXM")["fits"], true);
  EXPECT_EQ(fits("llama-3.1-70b", "H100-SXM")["fits"], false);
  // A decode step cannot be faster than reading the weights that are multiplied: 15.0 GB at 3.352 TB/s.
  const double decode = fits("llama-3.1-8b", "H100-SXM")["roofline_seconds"]["decode"];
  EXPECT_GT(decode, 15.0e9 / 3.352e12);
  EXPECT_LT(decode, 16.5e9 / 3.352e12);
  const double bound = fits("llama-3.1-8b", "H100-SXM")["bound_seconds"]["decode"];
  EXPECT_GT(bound, 15.0e9 / 3.352e12);
  EXPECT_LE(bound, decode);
}

TEST(Cli, BadConfigsAreTwoLinesThatNameTheFileAndTheKey) {
  const TemporaryFolder folder;
  const std::string model = kConfigs + "models/smollm2-135m.json";
  const auto config = [&](const std::string& extra) {
    return "run " +
           folder.write("c.json", R"({"workload": "llm", "model": ")" + model + "\", " + extra + "}")
               .string() +
           " --device cpu --out " + (folder.path() / "out").string();
  };
  expect_two_lines(assay(config(R"("lode": {})")), 2, "/lode");
  expect_two_lines(assay(config(R"("load": {"batch": -1})")), 2, "/load/batch");
  expect_two_lines(assay(config(R"("load": {"batch": "two"})")), 2, "/load/batch");
  expect_two_lines(assay(config(R"("load": {"prompt_tokens": 1e18})")), 2, "/load/prompt_tokens");
  expect_two_lines(assay(config(R"("dtype": "bf17")")), 2, "/dtype");
  expect_two_lines(assay("run " + folder.write("broken.json", "{\"workload\": ").string()), 2, "broken.json");
  expect_two_lines(assay("run " + folder.write("text.json", "hello").string()), 2, "text.json");
  expect_two_lines(assay("run " + (folder.path() / "absent.json").string()), 2, "absent.json");
  expect_two_lines(assay("run " + folder.path().string()), 2, folder.path().string());
  expect_two_lines(assay("run " + folder.write("deep.json", std::string(100000, '[')).string()), 2,
                   "deep.json");
  expect_two_lines(assay("run " + folder.write("a.json", R"({"name": "a", "runs": ["a.json"]})").string()), 2,
                   "a.json");
}

TEST(Cli, AskingForAGpuThatIsNotThereIsExitCodeThree) {
  const Said said =
      assay("run " + kConfigs + "llm/quick.json --device cuda --out " + TemporaryFolder().path().string());
  EXPECT_EQ(said.exit_code, 3);
  EXPECT_TRUE(said.err.starts_with("error: ")) << said.err;
}

TEST(Cli, AnOutputFolderThatCannotBeWrittenFailsBeforeAnythingRuns) {
  expect_two_lines(assay("run " + kConfigs + "llm/quick.json --device cpu --out /proc/nowhere"), 2,
                   "/proc/nowhere");
}

TEST(Cli, ANameNeverLeadsOutOfTheFolderOut) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "here");
  const std::string config =
      folder
          .write(
              "c.json",
              R"({"workload": "llm", "name": "../../x", "model": ")" + kTiny +
                  R"(llama-llama3/config.json", "dtype": "f32", "load": {"prompt_tokens": 5, "generate_tokens": 2}})")
          .string();
  const Said said = run_program("cd " + (folder.path() / "here").string() + " && ASSAY_BACKENDS=cpu " +
                                std::string(ASSAY_BINARY) + " run " + config + " --device cpu --no-time");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out, "out/x/result.json\n");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "here/out/x/result.json"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x"));
}

TEST(Cli, RunLeavesAResultAndReportsThatReportCanMakeAgain) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::string config =
      folder
          .write(
              "tiny.json",
              R"({"workload": "llm", "name": "tiny", "model": ")" + kTiny +
                  R"(llama-llama3/config.json", "dtype": "f32", "load": {"batch": [1, 2], "prompt_tokens": 5, "generate_tokens": 4}})")
          .string();
  const Said ran =
      assay("run " + config + " --device cpu --quick --set /measure/max_seconds=0.05 --out " + out);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, out + "/result.json\n");

  const Json result = load_json(out + "/result.json");
  EXPECT_EQ(result["schema"], "assay.result/2");
  EXPECT_EQ(result["status"], "complete");
  ASSERT_EQ(result["cases"].size(), 2u);
  for (const Json& one : result["cases"]) {
    EXPECT_EQ(one["status"], "ok") << one["reason"];
    EXPECT_EQ(one["verification"]["status"], "passed");
    for (const char* metric : {"time_to_first_token_s", "inter_token_latency_s", "output_tokens_per_s"})
      EXPECT_GT(one["metrics"][metric]["value"].get<double>(), 0) << metric;
    EXPECT_NE(one["repro"].get<std::string>().find("--only"), std::string::npos);
  }
  EXPECT_TRUE(std::filesystem::exists(out + "/report.md"));
  const std::string html = text_of(out + "/report.html");
  EXPECT_NE(html.find("<svg"), std::string::npos);
  EXPECT_EQ(html.find("http://"), html.find("http://www.w3.org"));  // nothing is fetched

  const std::string again = (folder.path() / "again").string();
  ASSERT_EQ(assay("report " + out + "/result.json --format html --out " + again).exit_code, 0);
  EXPECT_EQ(text_of(again + "/report.html"), html);

  const std::string config_again = folder.write("again.json", result["config"].dump()).string();
  EXPECT_EQ(assay("run " + config_again + " --device cpu --no-time --out " + again).exit_code, 0);
  EXPECT_EQ(load_json(again + "/result.json")["cases"].size(), 2u);
}

/// Names of the files that are made in a folder while this lives.
class FolderWatch {
 public:
  explicit FolderWatch(const std::filesystem::path& folder) : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    std::filesystem::create_directories(folder);
    inotify_add_watch(fd_, folder.c_str(), IN_CREATE);
  }
  ~FolderWatch() { close(fd_); }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  std::vector<std::string> made() const {
    alignas(inotify_event) char events[65536];
    std::vector<std::string> names;
    for (ssize_t size; (size = read(fd_, events, sizeof events)) > 0;)
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(events + at);
        names.emplace_back(event->name);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    return names;
  }

 private:
  const int fd_;
};

// The proof writes megabytes and waits for the disk.
TEST(Cli, AReportProvesItsFolderOnceAndNotForEachChart) {
  const TemporaryFolder folder;
  const FolderWatch out(folder.path() / "out"), charts(folder.path() / "out" / "charts");
  const Said said = assay("report " + std::string(ASSAY_SOURCE_DIR) +
                          "/tests/golden/report.result.json --out " + (folder.path() / "out").string());
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const auto is_proof = [](const std::string& name) { return name.starts_with(".assay-probe"); };
  const std::vector<std::string> in_out = out.made(), in_charts = charts.made();
  EXPECT_EQ(std::count_if(in_out.begin(), in_out.end(), is_proof), 1);
  EXPECT_EQ(std::count_if(in_charts.begin(), in_charts.end(), is_proof), 0);
  EXPECT_FALSE(in_charts.empty());
}

TEST(Cli, AReportReplacesNeitherItsTemplateNorTheReportOfOneResultOfSeveral) {
  const TemporaryFolder folder;
  const std::string kept = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json";
  const std::string result = folder.write("result.json", text_of(kept)).string();
  const std::string house = folder.write("report.txt", "{{title}}").string();
  expect_two_lines(assay("report " + result + " --template " + house), 2, "over what it is made of");
  EXPECT_EQ(text_of(house), "{{title}}");
  EXPECT_EQ(assay("report " + result + " --template " + house + " --out " + (folder.path() / "out").string())
                .exit_code,
            0);
  expect_two_lines(assay("report " + result + " " + kept), 2, "--out");
}

TEST(Cli, VerifyListsKernelsAndPasses) {
  const Said said = assay("verify --device cpu --op '^kv_write$'");
  EXPECT_EQ(said.exit_code, 0) << said.out << said.err;
  EXPECT_NE(said.out.find("kv_write"), std::string::npos);
  expect_two_lines(assay("verify --device cpu --op '('"), 2, "--op");
}

TEST(Cli, VerifyLeavesLargeExamplesOutOnRequest) {
  const auto rows = [](const std::string& options) {
    const Said said = assay("verify --device cpu --op '^gated$' --json" + options);
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return parse_json(said.out, "stdout").size();
  };
  EXPECT_GT(rows(" --small"), 0u);
  EXPECT_LT(rows(" --small"), rows(""));
}

TEST(Cli, DoctorSaysTheSameInWordsAndAsJson) {
  const Said words = assay("doctor"), json = assay("doctor --json");
  ASSERT_EQ(words.exit_code, 0) << words.err;
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const Json found = parse_json(json.out, "stdout");
  ASSERT_FALSE(found["devices"].empty());
  for (const auto& [key, value] : found["devices"][0]["properties"].items()) {
    EXPECT_NE(words.out.find(key), std::string::npos) << key;
    EXPECT_NE(words.out.find(value.get<std::string>()), std::string::npos) << value;
  }
}

TEST(Cli, DoctorBindsThreadsAndSaysWhatWouldSpoilAMeasurement) {
  const Said said = assay("doctor --json");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json found = parse_json(said.out, "stdout");
  EXPECT_GT(found["watched"]["seconds"].get<double>(), 1);
  EXPECT_EQ(found["probes"].size(), 2u);
  for (const Json& finding : found["findings"]) {
    EXPECT_FALSE(finding["cause"].get<std::string>().empty());
    EXPECT_FALSE(finding["remedy"].get<std::string>().empty());
  }
  // Both are ours to set, and no fact of the environment.
  EXPECT_TRUE(found["devices"][0]["properties"]["pinned"].get<std::string>().find("cpus ") !=
              std::string::npos)
      << found["devices"][0];
  EXPECT_FALSE(found["environment"].contains("OMP_PLACES"));

  const Said bound_by_user = run_program("OMP_PROC_BIND=false ASSAY_BACKENDS=cpu " ASSAY_BINARY " doctor");
  EXPECT_NE(bound_by_user.out.find("not bound to cores: no, as set: OMP_PROC_BIND=false"), std::string::npos)
      << bound_by_user.out;
}

TEST(Cli, BenchRunsKernelsUnderGoogleBenchmark) {
  const Said said = assay(
      "bench --device cpu --benchmark_filter=kv_write/copy --benchmark_min_time=0.001 "
      "--benchmark_format=json");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json found = parse_json(said.out, "stdout");
  ASSERT_FALSE(found["benchmarks"].empty());
  for (const Json& row : found["benchmarks"]) EXPECT_GT(row["bytes/s"].get<double>(), 0) << row;
  EXPECT_FALSE(found["context"]["assay_build"].get<std::string>().empty());
  const Said words =
      assay("bench --device cpu --benchmark_filter=kv_write/copy.*f32 --benchmark_min_time=0.001");
  EXPECT_EQ(words.err.find("DEBUG"), std::string::npos) << "the distribution's library is, assay is not";
  EXPECT_NE(words.err.find("assay_build"), std::string::npos) << words.err;
  expect_two_lines(assay("bench --device cpu --benchmark_filter=nothing_like_it"), 2, "no benchmark matches");
}

TEST(Cli, SchemasAreJson) {
  for (const char* file : {"run", "result", "comparison", "limits", "verdict", "about", "style"}) {
    const Said said = assay("schema " + std::string(file));
    ASSERT_EQ(said.exit_code, 0);
    EXPECT_EQ(parse_json(said.out, "stdout")["$schema"], "https://json-schema.org/draft/2020-12/schema");
  }
}

TEST(Cli, BrokenWeightsNameTheFile) {
  const TemporaryFolder folder;
  folder.write("model.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
  const Said said = assay("run " + kConfigs + "llm/quick.json --device cpu --weights " +
                          folder.path().string() + " --out " + (folder.path() / "out").string());
  EXPECT_EQ(said.exit_code, 2) << said.err;
  EXPECT_NE(said.err.find("model.safetensors"), std::string::npos) << said.err;
}

}  // namespace
}  // namespace assay::test::cli_tests
