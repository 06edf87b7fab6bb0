// SPDX-License-Identifier: Apache-2.0
// Models that look at images: ResNets and ViTs by their Hugging Face config.json, YOLOX by a file of our own.
// Keys that say nothing about the computation are accepted and ignored; defaults are those of transformers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.h"
#include "kernels/matmul/matmul.h"

namespace assay {

/// He et al., "Deep Residual Learning for Image Recognition", 2015 (arXiv 1512.03385). v1.5, which everybody
/// runs today, halves the image in the 3x3 convolution of a bottleneck and not in the first 1x1.
struct ResNetConfig {
  std::int64_t embedding = 64;       // channels behind the first convolution
  std::vector<std::int64_t> widths;  // channels that come out of each stage
  std::vector<std::int64_t> depths;  // blocks of each stage
  bool bottleneck = true;            // 1x1, 3x3, 1x1; else 3x3 twice
  bool downsample_in_first_stage = false;
  bool downsample_in_bottleneck = false;  // v1
  Activation activation = Activation::relu;
};

/// Dosovitskiy et al., "An Image is Worth 16x16 Words", 2020 (arXiv 2010.11929).
struct VitConfig {
  std::int64_t hidden = 768, layers = 12, heads = 12, intermediate = 3072;
  std::int64_t patch = 16;
  bool qkv_bias = true;
  double eps = 1e-12;
  Activation activation = Activation::gelu_erf;
};

/// Ge et al., "YOLOX", 2021 (arXiv 2107.08430).
struct YoloxConfig {
  double depth = 1, width = 1;
  bool depthwise = false;  // its 3x3 convolutions are a depthwise and a pointwise one
};

enum class VisionFamily : std::uint8_t { resnet, vit, yolox };

struct VisionModel {
  VisionFamily family = VisionFamily::resnet;
  std::string architecture;              // "ResNetForImageClassification"
  std::optional<DType> published_dtype;  // of the checkpoint; what is run is the run config's
  std::int64_t image = 224;              // side of the square that the network sees
  std::int64_t labels = 1000;            // classes
  ResNetConfig resnet;
  VitConfig vit;
  YoloxConfig yolox;

  bool detects() const { return family == VisionFamily::yolox; }
};

/// Error(bad_input) for an unknown architecture (listing the known), or a size that is missing or absurd.
VisionModel read_vision_model(JsonReader& model);

bool is_vision_model(const Json& model);

}  // namespace assay
