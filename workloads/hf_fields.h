// SPDX-License-Identifier: Apache-2.0
// What config.json files of Hugging Face say alike, whatever the model.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_fields.h"
#include "kernels/matmul/matmul.h"

namespace assay::hf {

/// The number format of the checkpoint, by either of its keys; nothing where it is left out, or is none that
/// plans know.
std::optional<DType> published_dtype(JsonReader& model);

/// `usual` where it is left out. Error(bad_input) for one that is not known.
Activation activation_of(JsonReader& model, std::string_view key, std::string usual);

/// Left out: `missing`. Null: nothing.
template <typename T>
std::optional<T> optional_field(JsonReader& model, std::string_view key, std::optional<T> missing,
                                const FieldRule& rule) {
  if (model.find(key) == nullptr) return missing;
  std::optional<T> value;
  model.field(key, value, rule);
  return value;
}

/// "The model is published in f32 and planned in bf16 ...", or "" where both are the same.
std::string dtype_note(const std::optional<DType>& published, DType stored, DType planned);

}  // namespace assay::hf
