// SPDX-License-Identifier: Apache-2.0
// Reader of safetensors checkpoints: one file, or shards with model.safetensors.index.json. Files are mapped,
// not read; headers are checked before any byte of a tensor is trusted: lengths, JSON, dtypes, shapes,
// offsets, overlaps, gaps. Every complaint is an Error(bad_input) that names the file and the tensor. Format:
// https://github.com/huggingface/safetensors#format
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"

namespace assay {

struct StoredTensor {
  std::string name;
  std::string stored_dtype;    // as the file spells it: "BF16"
  std::optional<DType> dtype;  // empty for kinds that no plan uses ("I64", "BOOL")
  std::vector<std::int64_t> shape;
  const std::byte* data = nullptr;  // mapped; not aligned to anything
  std::int64_t bytes = 0;
  std::filesystem::path file;

  std::int64_t elements() const;
  /// Element `index` as double, whatever the alignment. Only for tensors with a dtype.
  double element(std::int64_t index) const;
  /// Converts `count` elements from `first` into a packed array of `to`; bytes are copied where the types
  /// agree.
  void convert(std::int64_t first, std::int64_t count, DType to, void* out) const;
};

class SafeTensors {
 public:
  /// A .safetensors file, an index, or a folder that holds either.
  static SafeTensors open(const std::filesystem::path& path);

  /// By name; where the file leaves out the leading module ("h.0..." for "transformer.h.0..."), by the rest
  /// of it.
  const StoredTensor* find(std::string_view name) const;
  const std::map<std::string, StoredTensor, std::less<>>& tensors() const { return tensors_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  class Mapping;
  void add_file(const std::filesystem::path& file);

  std::filesystem::path path_;
  std::vector<std::shared_ptr<const Mapping>> mappings_;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
};

}  // namespace assay
