// SPDX-License-Identifier: Apache-2.0
// Reader of safetensors checkpoints: one file, or shards with model.safetensors.index.json. Opening reads the
// headers and checks them before any byte of a tensor is trusted: lengths, JSON, dtypes, shapes, offsets,
// overlaps, gaps. Tensors are read in the pieces that are asked for, never mapped: a mapped file that another
// program cuts short ends the process. Every complaint is an Error(bad_input) that names the file and the
// tensor. Format: https://github.com/huggingface/safetensors#format
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

class Descriptor;

/// A file that stays open, and is read at any place by any thread.
class CheckpointFile {
 public:
  explicit CheckpointFile(std::filesystem::path path);
  ~CheckpointFile();

  /// All the bytes asked for. A file that ends before them was cut short since it was opened, and an Error
  /// says so.
  void read(std::int64_t offset, std::int64_t bytes, void* out) const;
  std::int64_t bytes() const { return bytes_; }  // when it was opened

 private:
  const std::filesystem::path path_;
  const std::unique_ptr<Descriptor> file_;
  std::int64_t bytes_ = 0;
};

struct StoredTensor {
  std::string name;
  std::string stored_dtype;    // as the file spells it: "BF16"
  std::optional<DType> dtype;  // empty for kinds that no plan uses ("I64", "BOOL")
  std::vector<std::int64_t> shape;
  std::int64_t offset = 0;  // of its first byte in the file
  std::int64_t bytes = 0;
  std::filesystem::path file;
  std::shared_ptr<const CheckpointFile> open_file;

  std::int64_t elements() const;
  /// Reads `count` elements from `first` as they are stored, packed. Only for tensors with a dtype.
  void read(std::int64_t first, std::int64_t count, void* out) const;
  /// Reads them and converts them to `to`.
  void convert(std::int64_t first, std::int64_t count, DType to, void* out) const;
};

/// Reads nothing but headers; several threads may read its tensors at once, and a copy shares its open files.
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
  std::shared_ptr<const CheckpointFile> add_file(const std::filesystem::path& file);

  std::filesystem::path path_;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
};

}  // namespace assay
