// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/columns.h"

namespace assay::inspect_text_tests {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

Answer answer(std::int64_t batch, const std::string& device, std::int64_t free_gib) {
  Answer one{.case_id = "llm/tiny/bf16/batch=" + std::to_string(batch),
             .workload = "llm",
             .model = "tiny",
             .architecture = "TinyForCausalLM",
             .parameters = 1'000'000,
             .active_parameters = 250'000,
             .memory = {.weight_bytes = 15 * kGiB, .state_bytes = batch * kGiB, .activation_bytes = kGiB / 2},
             .memory_bytes = (15 + batch) * kGiB + kGiB / 2,
             .kv_bytes_per_token = 131072,
             .kv_bytes_by_context = {{1024, kGiB / 8}, {8192, kGiB}},
             .device = device,
             .device_bytes = 0,
             .reserve_bytes = kReserveBytes,
             .free_bytes = free_gib * kGiB,
             .fits = free_gib >= 0,
             .largest_batch = Largest{.value = free_gib < 0 ? 0 : 65536, .limit = LimitOfSize::assay},
             .longest_context = Largest{.value = 8192, .limit = LimitOfSize::model},
             .devices_needed = free_gib < 0 ? 2 : 1,
             .notes = {"It is made up."}};
  one.settings = {{"dtype", "bf16"}, {"batch", batch}, {"prompt_tokens", 2048}, {"images", ""}};
  if (free_gib < 0) return one;
  one.binds = {{"prefill", "compute"}, {"decode", nullptr}};
  one.metrics = {
      {.name = "time_to_first_token_s", .unit = "s", .of = "stage/prefill", .bound = 0.24, .op_by_op = 0.269},
      {.name = "output_tokens_per_s",
       .unit = "tokens/s",
       .of = "stage/decode",
       .bound = 1560,
       .op_by_op = std::nullopt}};
  return one;
}

TEST(InspectText, IsModelsThenMemoryThenSpeed) {
  const std::vector<Answer> answers = {answer(1, "Large", 40), answer(1, "Small", -3), answer(8, "Large", 33),
                                       answer(8, "Small", -10)};
  EXPECT_EQ(answers_text(answers),
            R"(tiny: TinyForCausalLM, 1,000,000 parameters (250,000 active), weights 15.0 GiB
  bf16, prompt tokens 2,048
  KV cache 128 KiB a token; of a sequence 128 MiB at 1,024 tokens, 1.00 GiB at 8,192

                                                                                                       longest
case     device  fits   weights  KV and state  activations   reserve       free   largest batch        context  GPUs
batch 1  Large   yes   15.0 GiB      1.00 GiB      512 MiB  1.00 GiB   40.0 GiB  65,536 (assay)  8,192 (model)     1
batch 1  Small   no    15.0 GiB      1.00 GiB      512 MiB  1.00 GiB  -3.00 GiB            none  8,192 (model)     2
batch 8  Large   yes   15.0 GiB      8.00 GiB      512 MiB  1.00 GiB   33.0 GiB  65,536 (assay)  8,192 (model)     1
batch 8  Small   no    15.0 GiB      8.00 GiB      512 MiB  1.00 GiB  -10.0 GiB            none  8,192 (model)     2

                               time to
case     device  at best   first token   output tokens  what binds
batch 1  Large   bound          240 ms  1,560 tokens/s  prefill: compute, decode: -
                 op by op       269 ms               -
batch 8  Large   bound          240 ms  1,560 tokens/s  prefill: compute, decode: -
                 op by op       269 ms               -

  reserve: 1.00 GiB for driver, kernels and allocator; activations are the most alive at once, with inputs; GPUs: by
  memory alone, split evenly.
  largest batch, longest context: all else as it is; a context is the prompt, read in one pass, and what is generated.
  bound: nothing that does these FLOPs is faster; op by op: each operation at its own ceiling, unfused. By the
  datasheet, on one GPU.
note: It is made up.
)");
}

TEST(InspectText, WithoutADeviceIsTheMemoryAlone) {
  Answer one = answer(4, "", 1);
  one.device.reset();
  one.fits.reset();
  one.metrics.clear();
  one.notes.clear();
  const std::string text = answers_text(std::vector{one});
  EXPECT_EQ(text.substr(text.find("\n\n")), R"(

 weights  KV and state  activations       all
15.0 GiB      4.00 GiB      512 MiB  19.5 GiB

  activations: the most alive at once, with inputs.
)");
}

TEST(InspectText, StaysOnAScreen) {
  std::vector<Answer> answers;
  for (const char* device : {"H100-SXM", "L40S", "RTX-PRO-6000"}) answers.push_back(answer(8, device, 10));
  std::istringstream lines(answers_text(answers));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 120u) << line;
  EXPECT_LE(count, 30);
}

TEST(Columns, AreAsWideAsTheirCellsAndHeadingsStandOnThem) {
  Columns table;
  table.add("name", Columns::Side::left);
  table.add("a heading of several words");
  table.add("never filled");
  table.row({"µs", "1"});
  table.row({"long name", "22"});
  EXPECT_EQ(table.text(),
            "           a heading of\n"
            "                several\n"
            "name              words\n"
            "µs                    1\n"
            "long name            22\n");
}

}  // namespace
}  // namespace assay::inspect_text_tests
