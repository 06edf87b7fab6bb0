// SPDX-License-Identifier: Apache-2.0
#include "experiments/launch_once.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/json_fields.h"
#include "base/text.h"
#include "experiments/kernels.h"
#include "experiments/op_copies.h"
#include "kernels/attention_decode/attention_decode.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "kernels/gated/gated.h"
#include "kernels/matmul/matmul.h"
#include "kernels/resize_normalise/resize_normalise.h"
#include "kernels/rmsnorm/rmsnorm.h"
#include "plan/fill_function.h"

namespace assay::experiments {
namespace {

using OpPointer = std::shared_ptr<const Op>;

/// Rows that are looked up twice are read twice where the cache does not hold them, and once in the Cost.
OpPointer bags() {
  constexpr std::int64_t kTables = 8, kRows = 4'000'000, kBatch = 8192, kBag = 20;
  EmbeddingBag::Params params{.table_rows = std::vector<std::int64_t>(kTables, kRows),
                              .dim = 128,
                              .batch = kBatch,
                              .lookups = kTables * kBatch * kBag,
                              .row_type = DType::bf16,
                              .out = DType::bf16};
  const TensorSpec ids = EmbeddingBag(params).inputs().at(EmbeddingBag::kIds);
  params.distinct_rows = distinct_rows(ids.fill, ids.elements(), OpCopies::key("embedding_bag", ids.name));
  return std::make_shared<const EmbeddingBag>(params);
}

OpPointer pictures() {
  constexpr PictureSize kFullHd{1080, 1920};
  return std::make_shared<const ResizeNormalise>(
      ResizeNormalise::Params{.sizes = std::vector<PictureSize>(64, kFullHd),
                              .capacity = kFullHd.rgb_bytes(),
                              .mean = {0.485f, 0.456f, 0.406f},
                              .deviation = {0.229f, 0.224f, 0.225f},
                              .type = DType::bf16});
}

struct Launch {
  const char *name, *kernel;
  OpPointer (*make)();
};
constexpr Launch kLaunches[] = {
    {"rmsnorm", "fused", [] { return OpPointer(new RmsNorm({.rows = 16384, .cols = 4096})); }},
    {"matmul_skinny", "skinny", [] { return OpPointer(new MatMul({.m = 1, .n = 14336, .k = 4096})); }},
    {"attention_decode", "paged_tensor",
     [] {
       return OpPointer(
           new AttentionDecode({.q_heads = 32, .cache = {8, 4096, 8, 128, DType::bf16}, .context = 4096}));
     }},
    {"gated", "fused", [] { return OpPointer(new Gated({.rows = 16384, .cols = 14336})); }},
    {"embedding_bag", "warps", bags},
    {"resize_normalise", "tiles", pictures},
};

const Launch& launch_named(const std::string& name) {
  for (const Launch& launch : kLaunches)
    if (launch.name == name) return launch;
  throw Error(ExitCode::bad_input, fmt::format("--launch: there is no \"{}\"", name),
              "one of " + join(launch_names(), ", "));
}

}  // namespace

std::vector<std::string> launch_names() {
  std::vector<std::string> names;
  for (const Launch& launch : kLaunches) names.emplace_back(launch.name);
  return names;
}

void launch_once(Bench& bench, const std::string& name) {
  const Launch& launch = launch_named(name);
  use_first_gpu();
  const OpPointer op = launch.make();
  const OpCopies data(op, bench, 1);
  const auto kernel = bench.kernel(op->kind(), launch.kernel).make(*op, bench.lane());
  Stream& stream = bench.lane().stream();
  data.launch(*kernel, 0, stream);
  bench.lane().flush_cache();
  bench.lane().synchronize();

  begin_profile();
  data.launch(*kernel, 0, stream);
  bench.lane().synchronize();
  end_profile();

  const Bytes bytes = op->cost().memory();
  fmt::print("{}\n", Json{{"launch", name},
                          {"op", op->kind()},
                          {"kernel", launch.kernel},
                          {"shape", op->shape()},
                          {"cost_bytes_read", bytes.read},
                          {"cost_bytes_written", bytes.written}}
                         .dump());
  std::fflush(stdout);
}

}  // namespace assay::experiments
