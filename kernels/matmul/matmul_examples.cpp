// SPDX-License-Identifier: Apache-2.0
#include "kernels/matmul/matmul.h"

namespace assay {

std::vector<std::shared_ptr<const Op>> matmul_examples() {
  using enum DType;
  using enum Activation;
  const auto op = [](const MatMul::Params& params) { return std::make_shared<const MatMul>(params); };
  return {
      // Divides nothing.
      op({.m = 3, .n = 5, .k = 7, .type = f32, .out = f32}),
      op({.m = 17, .n = 33, .k = 77, .type = f32, .out = f32, .bias = true, .residual = true}),
      op({.m = 17, .n = 33, .k = 77, .type = bf16, .out = bf16, .bias = true, .residual = true}),
      op({.m = 17, .n = 33, .k = 77, .type = f16, .out = f16, .bias = true}),
      op({.m = 17, .n = 36, .k = 76, .type = tf32, .out = f32}),
      op({.m = 1, .n = 1, .k = 1, .type = f32, .out = f32}),
      op({.m = 1, .n = 67, .k = 129, .type = bf16, .out = f32}),
      // Every activation.
      op({.m = 8, .n = 96, .k = 64, .type = f32, .out = f32, .activation = relu}),
      op({.m = 8, .n = 96, .k = 64, .type = f32, .out = f32, .bias = true, .activation = silu}),
      op({.m = 8, .n = 96, .k = 64, .type = f32, .out = f32, .bias = true, .activation = gelu_tanh}),
      op({.m = 8, .n = 96, .k = 64, .type = f32, .out = f32, .bias = true, .activation = gelu_erf}),
      op({.m = 8, .n = 96, .k = 64, .type = f32, .out = f32, .activation = softcap, .cap = 2}),
      op({.m = 8, .n = 96, .k = 64, .type = f32, .out = f32, .bias = true, .activation = sigmoid}),
      op({.m = 8, .n = 96, .k = 64, .type = bf16, .out = bf16, .bias = true, .activation = relu}),
      op({.m = 8, .n = 96, .k = 64, .type = bf16, .out = bf16, .bias = true, .activation = silu}),
      op({.m = 8, .n = 96, .k = 64, .type = bf16, .out = bf16, .bias = true, .activation = gelu_tanh}),
      op({.m = 8, .n = 96, .k = 64, .type = bf16, .out = bf16, .bias = true, .activation = gelu_erf}),
      op({.m = 8, .n = 96, .k = 64, .type = bf16, .out = f32, .activation = softcap, .cap = 1.5f}),
      op({.m = 2,
          .n = 40,
          .k = 24,
          .type = f32,
          .out = f32,
          .bias = true,
          .activation = gelu_tanh,
          .residual = true}),
      // Layers of Qwen2.5-0.5B and its kin: decode (m = sequences) and prefill (m = tokens).
      op({.m = 1, .n = 1152, .k = 896, .type = bf16, .out = bf16, .bias = true}),
      op({.m = 1, .n = 896, .k = 4864, .type = bf16, .out = bf16, .residual = true}),
      op({.m = 1, .n = 16384, .k = 896, .type = bf16, .out = f32}),
      op({.m = 2, .n = 9728, .k = 896, .type = bf16, .out = bf16}),
      op({.m = 8, .n = 896, .k = 4864, .type = bf16, .out = bf16, .residual = true}),
      op({.m = 17, .n = 896, .k = 896, .type = bf16, .out = bf16, .residual = true}),
      op({.m = 512, .n = 1152, .k = 896, .type = bf16, .out = bf16, .bias = true}),
      op({.m = 512, .n = 896, .k = 4864, .type = bf16, .out = bf16, .residual = true}),
      op({.m = 1, .n = 1536, .k = 576, .type = f32, .out = f32}),
      op({.m = 8, .n = 576, .k = 1536, .type = f32, .out = f32, .residual = true}),
      op({.m = 512, .n = 960, .k = 576, .type = f32, .out = f32}),
      op({.m = 512,
          .n = 3072,
          .k = 768,
          .type = bf16,
          .out = bf16,
          .bias = true,
          .activation = gelu_tanh}),  // GPT-2
      op({.m = 1, .n = 896, .k = 4864, .type = f16, .out = f16, .residual = true}),
      op({.m = 512, .n = 1152, .k = 896, .type = f16, .out = f16, .bias = true}),
      // A recommender: thirteen numbers in, hundreds of pairs, one score out.
      op({.m = 300, .n = 512, .k = 13, .type = f32, .out = f32, .bias = true, .activation = relu}),
      op({.m = 300, .n = 512, .k = 13, .type = f16, .out = f16, .bias = true, .activation = relu}),
      op({.m = 300, .n = 1024, .k = 479, .type = bf16, .out = bf16, .bias = true, .activation = relu}),
      op({.m = 300, .n = 1, .k = 256, .type = f32, .out = f32, .bias = true, .activation = sigmoid}),
      op({.m = 300, .n = 1, .k = 256, .type = bf16, .out = f32, .bias = true, .activation = sigmoid}),
      op({.m = 3, .n = 1, .k = 256, .type = f16, .out = f32, .bias = true, .activation = sigmoid}),
      op({.m = 512, .n = 1152, .k = 896, .type = tf32, .out = f32, .bias = true}),
      op({.m = 512, .n = 4096, .k = 4096, .type = tf32, .out = f32}),
      op({.m = 16, .n = 48, .k = 80, .type = f8e4m3, .out = bf16}),
      op({.m = 16, .n = 1152, .k = 896, .type = f8e4m3, .out = bf16, .bias = true}),
      op({.m = 512, .n = 4096, .k = 4096, .type = f8e4m3, .out = bf16}),
  };
}

}  // namespace assay
