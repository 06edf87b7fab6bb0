// SPDX-License-Identifier: Apache-2.0
#include "workloads/vision_config.h"

#include <array>

#include "base/text.h"
#include "workloads/hf_fields.h"

namespace assay {
namespace {

constexpr FieldRule kImage = {.doc = "side of the square image that the network sees", .min = 8, .max = 8192};
constexpr FieldRule kWidth = {.doc = "channels", .min = 1, .max = 65536};
constexpr std::size_t kMostStages = 16;
constexpr std::int64_t kMostBlocks = 1024;

struct Architecture {
  std::string_view name, model_type;
  VisionFamily family;
};
constexpr std::array kArchitectures = {
    Architecture{"ResNetForImageClassification", "resnet", VisionFamily::resnet},
    Architecture{"ViTForImageClassification", "vit", VisionFamily::vit},
    Architecture{"YOLOX", "yolox", VisionFamily::yolox},
};

std::vector<std::string> known() {
  std::vector<std::string> names;
  for (const Architecture& a : kArchitectures) names.emplace_back(a.name);
  return names;
}

const Architecture& architecture_of(JsonReader& model) {
  std::vector<std::string> names;
  model.field("architectures", names);
  std::string model_type;
  if (names.empty()) model.field("model_type", model_type);
  for (const Architecture& a : kArchitectures)
    if (names.empty() ? a.model_type == model_type : a.name == names.front()) return a;
  if (names.empty() && model_type.empty())
    model.fail_at("architectures", "is missing", "give one of " + join(known(), ", ") + " in a list");
  model.fail_at(
      names.empty() ? "model_type" : "architectures",
      "names \"" + (names.empty() ? model_type : names.front()).substr(0, 60) + "\", which is not known",
      "known: " + join(known(), ", "));
}

/// As many as have names, or their number; 1000 where neither stands there.
std::int64_t read_labels(JsonReader& model) {
  std::int64_t labels = 1000;
  model.field("num_labels", labels, {.doc = "classes", .min = 1, .max = 1 << 20});
  if (const Json* names = model.find("id2label"); names != nullptr && names->is_object() && !names->empty())
    labels = static_cast<std::int64_t>(names->size());
  return labels;
}

void check_channels(JsonReader& model) {
  std::int64_t channels = 3;
  model.field("num_channels", channels);
  if (channels != 3)
    model.fail_at("num_channels", "is " + std::to_string(channels), "images have three: red, green and blue");
}

ResNetConfig read_resnet(JsonReader& model) {
  ResNetConfig c;
  std::string layer = "bottleneck";
  model.field("layer_type", layer);
  if (layer != "bottleneck" && layer != "basic")
    model.fail_at("layer_type", "is \"" + layer.substr(0, 60) + "\"", "known: bottleneck, basic");
  c.bottleneck = layer == "bottleneck";
  c.widths = {256, 512, 1024, 2048};
  c.depths = {3, 4, 6, 3};
  model.field("embedding_size", c.embedding, kWidth);
  model.field("hidden_sizes", c.widths, kWidth);
  model.field("depths", c.depths, {.doc = "blocks of each stage", .min = 1, .max = kMostBlocks});
  model.field("downsample_in_first_stage", c.downsample_in_first_stage);
  model.field("downsample_in_bottleneck", c.downsample_in_bottleneck);
  c.activation = hf::activation_of(model, "hidden_act", "relu");
  if (c.activation != Activation::relu && c.activation != Activation::silu)
    model.fail_at("hidden_act", "is not one that convolutions are followed by here", "known: relu, silu");
  if (c.widths.empty() || c.widths.size() > kMostStages)
    model.fail_at("hidden_sizes", "has " + std::to_string(c.widths.size()) + " stages",
                  "1 to 16 are supported");
  if (c.depths.size() != c.widths.size())
    model.fail_at("depths", "has " + std::to_string(c.depths.size()) + " numbers",
                  "it needs one for each of the " + std::to_string(c.widths.size()) + " hidden_sizes");
  if (c.bottleneck)
    for (const std::int64_t width : c.widths)
      if (width % 4 != 0)
        model.fail_at("hidden_sizes", "holds " + std::to_string(width),
                      "a bottleneck has a quarter of it inside");
  return c;
}

VitConfig read_vit(JsonReader& model, std::int64_t image) {
  VitConfig c;
  model.field("hidden_size", c.hidden, {.doc = "width of a token", .min = 1, .max = 1 << 16});
  model.field("num_hidden_layers", c.layers, {.doc = "layers", .min = 1, .max = 1024});
  model.field("num_attention_heads", c.heads, {.doc = "attention heads", .min = 1, .max = 1024});
  model.field("intermediate_size", c.intermediate, {.doc = "width inside the MLP", .min = 1, .max = 1 << 18});
  model.field("patch_size", c.patch, {.doc = "side of a patch", .min = 1, .max = 1024});
  model.field("layer_norm_eps", c.eps, {.doc = "added to a variance", .min = 0, .max = 1});
  model.field("qkv_bias", c.qkv_bias);
  c.activation = hf::activation_of(model, "hidden_act", "gelu");
  if (c.hidden % c.heads != 0)
    model.fail_at("num_attention_heads", "is " + std::to_string(c.heads),
                  "it must divide hidden_size, " + std::to_string(c.hidden));
  if (image % c.patch != 0)
    model.fail_at("patch_size", "is " + std::to_string(c.patch),
                  "it must divide image_size, " + std::to_string(image));
  return c;
}

YoloxConfig read_yolox(JsonReader& model, std::int64_t image) {
  YoloxConfig c;
  model.field("depth", c.depth,
              {.doc = "of the number of bottlenecks", .required = true, .min = 0.05, .max = 10});
  model.field("width", c.width, {.doc = "of the channels", .required = true, .min = 0.03125, .max = 10});
  model.field("depthwise", c.depthwise);
  if (image % 32 != 0)
    model.fail_at("image_size", "is " + std::to_string(image), "the coarsest grid has cells of 32 pixels");
  return c;
}

}  // namespace

bool is_vision_model(const Json& model) {
  const auto names = model.find("architectures");
  if (names == model.end() || !names->is_array() || names->empty() || !names->front().is_string())
    return false;
  return std::ranges::any_of(kArchitectures, [&](const Architecture& a) {
    return a.name == names->front().get_ref<const std::string&>();
  });
}

VisionModel read_vision_model(JsonReader& model) {
  model.ignore_rest();
  VisionModel m;
  const Architecture& architecture = architecture_of(model);
  m.architecture = architecture.name;
  m.family = architecture.family;
  m.published_dtype = hf::published_dtype(model);
  m.image = m.detects() ? 640 : 224;
  model.field("image_size", m.image, kImage);
  check_channels(model);
  if (m.detects()) {
    m.labels = 80;
    model.field("classes", m.labels, {.doc = "classes of objects", .min = 1, .max = 65536});
  } else {
    m.labels = read_labels(model);
  }
  switch (m.family) {
    case VisionFamily::resnet: m.resnet = read_resnet(model); break;
    case VisionFamily::vit: m.vit = read_vit(model, m.image); break;
    case VisionFamily::yolox: m.yolox = read_yolox(model, m.image); break;
  }
  return m;
}

}  // namespace assay
