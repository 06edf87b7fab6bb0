// SPDX-License-Identifier: Apache-2.0
#include "workloads/hf_fields.h"

namespace assay::hf {

std::optional<DType> published_dtype(JsonReader& model) {
  static constexpr std::pair<std::string_view, DType> kNames[] = {
      {"float32", DType::f32}, {"float16", DType::f16}, {"bfloat16", DType::bf16}};
  for (const char* key : {"dtype", "torch_dtype"}) {
    const Json* found = model.find(key);
    if (found == nullptr || !found->is_string()) continue;
    for (const auto& [name, dtype] : kNames)
      if (found->get_ref<const std::string&>() == name) return dtype;
  }
  return std::nullopt;
}

Activation activation_of(JsonReader& model, std::string_view key, std::string usual) {
  model.field(key, usual);
  if (usual == "silu" || usual == "swish") return Activation::silu;
  if (usual == "gelu_pytorch_tanh" || usual == "gelu_new") return Activation::gelu_tanh;
  if (usual == "gelu") return Activation::gelu_erf;
  if (usual == "relu") return Activation::relu;
  model.fail_at(key, "is \"" + usual.substr(0, 60) + "\"",
                "known: silu, gelu_pytorch_tanh, gelu_new, gelu, relu");
}

std::string dtype_note(const std::optional<DType>& published, DType stored, DType planned) {
  if (!published || *published == stored) return {};
  const bool narrowed = *published == DType::f32;
  return "The model is published in " + std::string(name(*published)) + " and planned in " +
         std::string(name(planned)) + (narrowed ? ", as serving engines run it" : "") +
         "; --set /dtype=" + std::string(name(*published)) + " plans it as published.";
}

}  // namespace assay::hf
