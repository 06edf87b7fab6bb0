// SPDX-License-Identifier: Apache-2.0
// What goes from a text and what stays, case by case.
#include <gtest/gtest.h>

#include "result/identifying.h"
#include "result/redact.h"

namespace assay::redact_words_tests {
namespace {

/// The text as a warning of a result whose host is gpu-node-17 and whose user is jo.doe.
std::string cleaned(const std::string& text) {
  Result result;
  result.environment = {{"hostname", "gpu-node-17.acme.com"}, {"user", "jo.doe"}};
  result.devices.emplace_back().properties = {{"serial", "1650221003344"}};
  result.config = {{"load", {{"batch", 1}}}, {"measure", {{"max_seconds", 4}}}};
  CaseResult& one = result.cases.emplace_back();
  one.id = "llm/qwen2.5-0.5b/bf16/batch=1";
  one.workload = "llm";
  one.model = "qwen2.5-0.5b";
  one.axes = {{"batch", 1}};
  one.choices = {{.op = "conv2d", .shape = {}, .kernel = "cudnn", .variant = {}}};
  result.warnings = {text};
  redact(result);
  return result.warnings[0];
}

TEST(RedactedText, LosesPathsOfEveryKind) {
  EXPECT_EQ(cleaned("cannot read /home/jo/x y"), "cannot read [path] y");
  EXPECT_EQ(cleaned("in ~/x, ~jo/x, ./x/y, ../x"), "in [path], [path], [path], [path]");
  EXPECT_EQ(cleaned("'/srv/My Customer/a b' is missing"), "'[path]' is missing");
  EXPECT_EQ(cleaned("weights at customer/secret/weights: none"), "weights at [path]: none");
  EXPECT_EQ(cleaned("out=results/today (acme/x)"), "out=[path] ([path])");
  EXPECT_EQ(cleaned(R"(C:\Users\jo\x and \\server\share, D:/x)"), "[path] and [path], [path]");
  EXPECT_EQ(cleaned("/srv/a.json:/load/batch: is 0"), "[path]:/load/batch: is 0");
  EXPECT_EQ(cleaned("at /dev/disk/by-id/x:y, /srv/x.py:12"), "at [path], [path]:12");
  EXPECT_EQ(cleaned("-I/usr/x"), "[path]");
}

TEST(RedactedText, LosesFileNamesByTheirEndings) {
  for (const char* file :
       {"x.json", "photo.JPG", "weights.safetensors", "model-00001-of-2.safetensors.index.json", "a.tar.gz",
        "x.json.bak", ".assay.toml", "libx.tar", "plugin.so", "run.py"})
    EXPECT_EQ(cleaned(std::string("see ") + file + ": it"), "see [path]: it") << file;
  EXPECT_EQ(cleaned("\"IMG 0001 of Acme.jpg\" is left out"), "\"[path]\" is left out");
}

TEST(RedactedText, LosesNamesOfHostAndUserAndSerialsWhereverTheyStand) {
  EXPECT_EQ(cleaned("gpu-node-17 (GPU-NODE-17.acme.com): jo.doe's"), "[removed] ([removed]): [removed]'s");
  EXPECT_EQ(cleaned("board 1650221003344, x_gpu-node-17"), "board [removed], x_[removed]");
  EXPECT_EQ(cleaned("gpu-node-170 is another"), "gpu-node-170 is another");
}

TEST(RedactedText, LosesAddresses) {
  for (const char* address :
       {"10.1.2.3", "fe80::1ff:fe23:4567:890a%eth0", "2001:db8:0:0:0:ff00:42:8329", "::1",
        "aa:bb:cc:0d:ee:ff", "aa-bb-cc-0d-ee-ff", "00aa.11bb.22cc", "0000:00:1e.0", "00000000:0F:00.0",
        "01:00.0", "123e4567-e89b-12d3-a456-426614174000", "GPU-123e4567-e89b-12d3-a456-426614174000",
        "GPU-8f2a1b", "jo@acme.com", "jo@node7", "db.internal"}) {
    EXPECT_EQ(cleaned(std::string("to ") + address + ", it"), "to [removed], it") << address;
    EXPECT_EQ(cleaned(std::string("x=") + address), "x=[removed]") << address;
  }
  EXPECT_EQ(cleaned("10.1.2.3:8080 and 10.1.0.0/16"), "[removed]:8080 and [removed]/16");
  EXPECT_EQ(cleaned("from https://jo@acme.com/x?y=1, ftp://x"), "from [address]=1, [address]");
}

TEST(RedactedText, KeepsWhatOnlyLooksAlike) {
  for (const char* text :
       {"12.5 GB/s of 35.7 GB/s, 1,310 tokens/s, 4 FLOP/byte",
        "llm/qwen2.5-0.5b/bf16/batch=1 and Qwen2.5 2.6.3",
        "14/2x64 of 80 bf16 +mean 0.485/0.456/0.406 k512 1x1 /2",
        "(0.00146 f32 sum of sqrt(k) + 0.0022) x 1/255 / 8 steps",
        "conv2d/cudnn takes filters in multiples of 8, not 12",
        "raise /measure/max_seconds (4), or lower /load/batch",
        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled", "0.52 0.58 0.59 1/803 12345",
        "2026-01-01T12:00:00Z/12345 at 12:26:40, 0:09",
        "cuda:0: libcudart.so.13 is missing; mAP@0.5; H100 / H200; ViT-B/16; I/O; and/or; w/ x",
        "driver 580.159.04, model.layers.0.weight, v1.2.3.4, llama.cpp, 6.18.44-fc-v595",
        "Intel(R) Xeon(R) CPU @ 2.10GHz, GNU/Linux 12, .json files, e.g. this. Next",
        "algo 23 tile 11 stages 13, 2x64, 7B13, 25 ~ 30, ~3/4"})
    EXPECT_EQ(cleaned(text), text);
}

TEST(RedactedText, KeepsAVendorsPageWhereAPeakComesFrom) {
  Result result;
  result.devices.emplace_back().peaks.bytes_per_s[Path::memory].source =
      "https://www.nvidia.com/h100/datasheet.html and https://wiki.acme.com/h100";
  redact(result);
  EXPECT_EQ(result.devices[0].peaks.bytes_per_s[Path::memory].source,
            "https://www.nvidia.com/h100/datasheet.html and [address]");
}

TEST(RedactedText, LosesTheNameOfWhoseHomeAPathIsIn) {
  Result result;
  result.warnings = {"cannot read /home/jdoe/x", "jdoe has no right to"};
  redact(result);
  EXPECT_EQ(result.warnings[1], "[removed] has no right to");
}

TEST(RedactedText, LosesAFoldersNameThatAConfigGivesAway) {
  Result result;
  result.config = {{"load", {{"images", "/data/acme-photos"}}}};
  CaseResult& one = result.cases.emplace_back();
  one.facts = {{.name = "image", .value = "acme-photos", .unit = {}, .definition = {}}};
  one.notes = {"The 3 files of acme-photos repeat."};
  redact(result);
  EXPECT_EQ(one.facts[0].value, "[removed]");
  EXPECT_EQ(one.notes[0], "The 3 files of [removed] repeat.");
}

TEST(RedactedText, LosesTheNameOfACheckpointsFolderUnlessItIsTheModels) {
  Result result;
  for (const char* weights : {"seed", "Qwen2.5-0.5B", "acme-finetune"}) {
    CaseResult& one = result.cases.emplace_back();
    one.model = "qwen2.5-0.5b";
    one.weights = weights;
  }
  result.warnings = {"acme-finetune has no lm_head"};
  redact(result);
  EXPECT_EQ(result.cases[0].weights, "seed");
  EXPECT_EQ(result.cases[1].weights, "Qwen2.5-0.5B");
  EXPECT_EQ(result.cases[2].weights, "[path]");
  EXPECT_EQ(result.warnings[0], "[removed] has no lm_head");
}

TEST(RedactedText, KeysThatNameAMachineAreKnownByTheirWords) {
  for (const char* key : {"hostname", "pci_bus_id", "gpuUuid", "serial", "user", "machine_id", "mac", "ip",
                          "host", "user_name"})
    EXPECT_TRUE(identifies(key)) << key;
  for (const char* key :
       {"memory_bus_bits", "driver", "users_per_s", "machine", "host_link", "macs", "hosting", "cpu_name"})
    EXPECT_FALSE(identifies(key)) << key;
}

TEST(RedactedResults, ShareTheirLabelsAndWhatTheyForget) {
  std::vector<Result> results(2);
  results[0].environment = {{"hostname", "gpu-node-17"}};
  results[0].config = {{"x", "/srv/a"}};
  results[1].config = {{"x", "/srv/b"}, {"y", "/srv/a"}};
  results[1].label = "gpu-node-17";
  std::string title = "gpu-node-17 beside my-laptop";
  const std::string here = "my-laptop";
  redact(results, {&title, 1}, {&here, 1});
  EXPECT_EQ(results[1].config.dump(), R"({"x":"[path 2]","y":"[path]"})");
  EXPECT_EQ(results[1].label, "[removed]");
  EXPECT_EQ(title, "[removed] beside [removed]");
}

TEST(RedactedResults, CasesWhoseIdsBecomeTheSameStayApart) {
  Result result;
  for (const char* id : {"llm/m/a/x", "llm/m/b/y", "llm/m/a/x"}) result.cases.emplace_back().id = id;
  redact(result);
  EXPECT_EQ(result.cases[0].id, "[path]");
  EXPECT_EQ(result.cases[1].id, "[path] (2)");
  EXPECT_EQ(result.cases[2].id, "[path]");  // on another device
}

}  // namespace
}  // namespace assay::redact_words_tests
