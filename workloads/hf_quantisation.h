// SPDX-License-Identifier: Apache-2.0
// Which weights of a checkpoint are stored in few bits, and how: `quantization_config` of Hugging Face, and
// MLX's `quantization`. Sizes are those of the tensors that each method's own files hold.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fields.h"
#include "kernels/weight_format.h"

namespace assay {

class Quantisation {
 public:
  /// Nothing where the config has none. `type` is what scales are stored in that follow the model's own type.
  /// Error(bad_input) for a method that is not known: sized as if it were not there, a model would be four
  /// times too large.
  static std::optional<Quantisation> read(JsonReader& model, DType type);
  /// What people call "fp8", "int8" and "int4": all matrices of layers, none of the router, the embedding and
  /// the head. Nothing for another name.
  static std::optional<Quantisation> named(const std::string& name, DType type);

  /// How the matrix [rows, cols] of a module ("model.layers.0.mlp.down_proj") is stored; nothing: as
  /// published.
  std::optional<WeightFormat> format_of(const std::string& module, std::int64_t cols) const;
  /// Of its products, where activations are brought to 8 bits too.
  std::optional<DType> multiplied() const { return usual_->multiplied; }
  const std::string& text() const { return text_; }  // "gptq: int4 in groups of 128 with zero points"

 private:
  /// What a config says of some modules by name, against the rule: another format, or none.
  std::optional<WeightFormat> usual_;
  std::map<std::string, std::optional<WeightFormat>> by_module_;
  std::vector<std::string>
      skipped_;  // as transformers match them: a start, an end, or "re:" and an expression
  bool router_ = false, head_ = false, embedding_ = false;
  bool experts_alone_ = false;  // gpt-oss
  std::string text_;

  void read_method(JsonReader& config, DType type);
  void read_compressed(JsonReader& config, DType type);
  void read_mlx(JsonReader& config, DType type);
};

}  // namespace assay
