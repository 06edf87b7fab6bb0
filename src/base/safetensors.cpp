// SPDX-License-Identifier: Apache-2.0
#include "base/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "base/descriptor.h"
#include "base/json_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little,
              "safetensors are little-endian, and read as they are");

constexpr std::uint64_t kHeaderLimitBytes = 100'000'000;  // the format's own limit
constexpr std::int64_t kLengthBytes = 8;                  // a file starts with its header's length
constexpr std::int64_t kBlockBytes = 1 << 16;             // read at once where types are converted
constexpr std::string_view kIndexName = "model.safetensors.index.json";

struct StoredType {
  std::string_view name;
  std::int64_t bytes;
  std::optional<DType> dtype;
};
const std::array kStoredTypes = {StoredType{"F32", 4, DType::f32}, StoredType{"BF16", 2, DType::bf16},
                                 StoredType{"F16", 2, DType::f16}, StoredType{"F8_E4M3", 1, DType::f8e4m3},
                                 StoredType{"I32", 4, DType::i32}, StoredType{"F64", 8, {}},
                                 StoredType{"F8_E5M2", 1, {}},     StoredType{"I64", 8, {}},
                                 StoredType{"U64", 8, {}},         StoredType{"U32", 4, {}},
                                 StoredType{"I16", 2, {}},         StoredType{"U16", 2, {}},
                                 StoredType{"I8", 1, DType::i8},   StoredType{"U8", 1, DType::u8},
                                 StoredType{"BOOL", 1, {}}};

[[noreturn]] void fail_file(
    const fs::path& file, const std::string& what,
    const std::string& hint = "the file is damaged or not a safetensors file; fetch it again") {
  throw Error(ExitCode::bad_input, file.string() + ": " + what, hint);
}

[[noreturn]] void fail_tensor(const fs::path& file, const std::string& tensor, const std::string& what) {
  fail_file(file, "tensor " + tensor + ": " + what);
}

/// A whole number that is not negative, or nothing.
std::optional<std::int64_t> natural(const Json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto number = value.get<std::uint64_t>();
  if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

const StoredType& stored_type(const fs::path& file, const std::string& tensor, const Json& entry) {
  const auto found = entry.find("dtype");
  if (found == entry.end() || !found->is_string()) fail_tensor(file, tensor, "has no dtype");
  const auto& spelled = found->get_ref<const std::string&>();
  for (const StoredType& type : kStoredTypes)
    if (type.name == spelled) return type;
  fail_tensor(file, tensor, "has the unknown dtype \"" + spelled.substr(0, 40) + "\"");
}

std::vector<std::int64_t> shape_of(const fs::path& file, const std::string& tensor, const Json& entry) {
  const auto found = entry.find("shape");
  if (found == entry.end() || !found->is_array() || found->size() > 16)
    fail_tensor(file, tensor, "has no shape");
  std::vector<std::int64_t> shape;
  for (const Json& dimension : *found) {
    const auto size = natural(dimension);
    if (!size) fail_tensor(file, tensor, "has a shape of something else than whole numbers");
    shape.push_back(*size);
  }
  return shape;
}

/// Bytes of a tensor of `shape`; empty where they overflow.
std::optional<std::int64_t> bytes_of_shape(const std::vector<std::int64_t>& shape,
                                           std::int64_t element_bytes) {
  std::int64_t bytes = element_bytes;
  for (const std::int64_t dimension : shape)
    if (__builtin_mul_overflow(bytes, dimension, &bytes)) return std::nullopt;
  return bytes;
}

struct Span {
  std::int64_t begin, end;
  const std::string* tensor;
};

/// Tensors must tile the data: a gap or an overlap means that an offset is wrong.
void check_tiling(const fs::path& file, std::vector<Span> spans, std::int64_t data_bytes) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::int64_t end = 0;
  for (const Span& span : spans) {
    if (span.begin < end) fail_tensor(file, *span.tensor, "overlaps the tensor before it");
    if (span.begin > end) fail_tensor(file, *span.tensor, "leaves unused bytes before it");
    end = span.end;
  }
  if (end != data_bytes)
    fail_file(file, "holds " + std::to_string(data_bytes - end) + " bytes past its last tensor");
}

}  // namespace

std::int64_t StoredTensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) product *= dimension;
  return product;
}

void StoredTensor::read(std::int64_t first, std::int64_t count, void* out) const {
  if (!dtype) throw std::logic_error("read: " + name + " has no dtype that plans use");
  if (first < 0 || count < 0 || first > elements() - count)
    throw std::logic_error("read: elements outside of " + name);
  const std::int64_t width = bytes_of(*dtype);
  open_file->read(offset + first * width, count * width, out);
}

void StoredTensor::convert(std::int64_t first, std::int64_t count, DType to, void* out) const {
  if (!dtype || *dtype == to) return read(first, count, out);
  alignas(16) std::byte block[kBlockBytes];
  const std::int64_t block_elements = kBlockBytes / bytes_of(*dtype);
  for (std::int64_t begin = 0; begin < count; begin += block_elements) {
    const std::int64_t size = std::min(block_elements, count - begin);
    read(first + begin, size, block);
    for (std::int64_t i = 0; i < size; ++i) store_element(to, out, begin + i, load_element(*dtype, block, i));
  }
}

CheckpointFile::CheckpointFile(fs::path path)
    : path_(std::move(path)),
      file_(std::make_unique<Descriptor>(::open(path_.c_str(), O_RDONLY | O_CLOEXEC))) {
  if (file_->get() < 0 && errno == ENOENT)
    fail_file(path_, "is missing", "--weights takes a folder with *.safetensors");
  if (file_->get() < 0)
    fail_file(path_, "cannot be opened (" + errno_text(errno) + ")", "check its permissions");
  struct stat status = {};
  if (::fstat(file_->get(), &status) != 0 || !S_ISREG(status.st_mode))
    fail_file(path_, "is not a file", "name a .safetensors file, or a folder that holds one");
  bytes_ = status.st_size;
  if (bytes_ == 0) fail_file(path_, "is empty");
}
CheckpointFile::~CheckpointFile() = default;

void CheckpointFile::read(std::int64_t offset, std::int64_t bytes, void* out) const {
  auto* to = static_cast<std::byte*>(out);
  while (bytes > 0) {
    const ssize_t count = ::pread(file_->get(), to, static_cast<std::size_t>(bytes), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_file(path_, "cannot be read (" + errno_text(errno) + ")", "check the disk");
    if (count == 0) {
      struct stat status = {};
      ::fstat(file_->get(), &status);
      fail_file(path_,
                "was " + std::to_string(bytes_) + " bytes when opened, is " + std::to_string(status.st_size) +
                    " now",
                "leave a checkpoint as it is while it is read, and run again");
    }
    to += count;
    offset += count;
    bytes -= count;
  }
}

std::shared_ptr<const CheckpointFile> SafeTensors::add_file(const fs::path& file) {
  const auto open_file = std::make_shared<const CheckpointFile>(file);
  if (open_file->bytes() < kLengthBytes) fail_file(file, "is too short for a header");
  std::uint64_t stated = 0;
  open_file->read(0, kLengthBytes, &stated);
  if (stated > kHeaderLimitBytes)
    fail_file(file, "says its header takes " + std::to_string(stated) + " bytes");
  const auto header_bytes = static_cast<std::int64_t>(stated);
  if (header_bytes > open_file->bytes() - kLengthBytes)
    fail_file(file, "is cut off: its header takes " + std::to_string(header_bytes) + " bytes, the file has " +
                        std::to_string(open_file->bytes()));

  std::string text(stated, '\0');
  open_file->read(kLengthBytes, header_bytes, text.data());
  const Json header = parse_json(text, file.string());
  if (!header.is_object()) fail_file(file, "has a header that is not an object");
  const std::int64_t data = kLengthBytes + header_bytes;
  const std::int64_t data_bytes = open_file->bytes() - data;

  std::vector<Span> spans;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    if (!entry.is_object()) fail_tensor(file, name, "is not described by an object");
    const StoredType& type = stored_type(file, name, entry);
    std::vector<std::int64_t> shape = shape_of(file, name, entry);
    const auto offsets = entry.find("data_offsets");
    if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2)
      fail_tensor(file, name, "has no data_offsets");
    const auto begin = natural((*offsets)[0]), end = natural((*offsets)[1]);
    if (!begin || !end || *begin > *end) fail_tensor(file, name, "has wrong data_offsets " + offsets->dump());
    if (*end > data_bytes)
      fail_tensor(file, name,
                  "ends at byte " + std::to_string(*end) + " of " + std::to_string(data_bytes) +
                      ": the file is cut off, or the offset wrong");
    const auto needed = bytes_of_shape(shape, type.bytes);
    if (!needed || *needed != *end - *begin)
      fail_tensor(file, name,
                  "takes " + std::to_string(*end - *begin) + " bytes, which is not its shape in " +
                      std::string(type.name));
    const auto [stored, is_new] = tensors_.emplace(name, StoredTensor{.name = name,
                                                                      .stored_dtype = std::string(type.name),
                                                                      .dtype = type.dtype,
                                                                      .shape = std::move(shape),
                                                                      .offset = data + *begin,
                                                                      .bytes = *end - *begin,
                                                                      .file = file,
                                                                      .open_file = open_file});
    if (!is_new) fail_tensor(file, name, "stands in " + stored->second.file.string() + " too");
    spans.push_back({*begin, *end, &stored->first});
  }
  check_tiling(file, std::move(spans), data_bytes);
  return open_file;
}

SafeTensors SafeTensors::open(const fs::path& path) {
  SafeTensors all;
  all.path_ = path;
  fs::path file = path;
  std::error_code unreadable;
  if (fs::is_directory(path, unreadable)) {
    file = path / "model.safetensors";
    if (!fs::exists(file, unreadable)) file = path / kIndexName;
    if (!fs::exists(file, unreadable))
      fail_file(path, "holds no model.safetensors and no " + std::string(kIndexName),
                "name a folder with a checkpoint");
  }
  if (file.extension() != ".json") {
    all.add_file(file);
    return all;
  }

  const Json index = load_json(file);
  const auto map = index.is_object() ? index.find("weight_map") : index.end();
  if (!index.is_object() || map == index.end() || !map->is_object()) fail_file(file, "has no weight_map");
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, shard] : map->items()) {
    // A shard lies beside its index: anything else would let an index read files elsewhere.
    if (!shard.is_string() || fs::path(shard.get<std::string>()).filename() != shard.get<std::string>())
      fail_tensor(file, tensor, "is mapped to something else than a file beside the index");
    shards[shard.get<std::string>()].push_back(tensor);
  }
  for (const auto& [shard, tensors] : shards) {
    const std::size_t before = all.tensors_.size();
    const auto opened = all.add_file(file.parent_path() / shard);
    for (const std::string& tensor : tensors)
      if (const auto found = all.tensors_.find(tensor);
          found == all.tensors_.end() || found->second.open_file != opened)
        fail_tensor(file, tensor, "is missing from " + shard);
    if (all.tensors_.size() - before != tensors.size())
      fail_file(file.parent_path() / shard, "holds tensors that the index does not list");
  }
  return all;
}

const StoredTensor* SafeTensors::find(std::string_view name) const {
  auto found = tensors_.find(name);
  if (const std::size_t dot = name.find('.'); found == tensors_.end() && dot != std::string_view::npos)
    found = tensors_.find(name.substr(dot + 1));
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace assay
