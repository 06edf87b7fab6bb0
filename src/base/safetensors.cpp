// SPDX-License-Identifier: Apache-2.0
#include "base/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "base/json_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian, and read in place");

constexpr std::uint64_t kHeaderLimitBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kLengthBytes = 8;                   // a file starts with its header's length
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
                                 StoredType{"I8", 1, {}},          StoredType{"U8", 1, {}},
                                 StoredType{"BOOL", 1, {}}};

[[noreturn]] void fail(
    const fs::path& file, const std::string& what,
    const std::string& hint = "the file is damaged or not a safetensors file; fetch it again") {
  throw Error(ExitCode::bad_input, file.string() + ": " + what, hint);
}

[[noreturn]] void fail_tensor(const fs::path& file, const std::string& tensor, const std::string& what) {
  fail(file, "tensor " + tensor + ": " + what);
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
    fail(file, "holds " + std::to_string(data_bytes - end) + " bytes past its last tensor");
}

}  // namespace

std::int64_t StoredTensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) product *= dimension;
  return product;
}

double StoredTensor::element(std::int64_t index) const {
  alignas(8) std::byte aligned[8];
  const std::int64_t width = bytes_of(dtype.value());
  std::memcpy(aligned, data + index * width, static_cast<std::size_t>(width));
  return load_element(*dtype, aligned, 0);
}

void StoredTensor::convert(std::int64_t first, std::int64_t count, DType to, void* out) const {
  if (!dtype) throw std::logic_error("convert: " + name + " has no dtype that plans use");
  if (*dtype == to) {
    const std::int64_t width = bytes_of(to);
    std::memcpy(out, data + first * width, static_cast<std::size_t>(count * width));
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) store_element(to, out, i, element(first + i));
}

/// A file in memory, read-only, for as long as a tensor may point into it.
class SafeTensors::Mapping {
 public:
  explicit Mapping(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) fail(file, "is missing", "--weights takes a folder with *.safetensors");
    if (fd < 0)
      fail(file, "cannot be opened (" + std::generic_category().message(errno) + ")",
           "check its permissions");
    struct stat status = {};
    const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (regular && status.st_size > 0) {
      bytes_ = static_cast<std::size_t>(status.st_size);
      data_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    const int error = errno;
    ::close(fd);
    if (!regular) fail(file, "is not a file", "name a .safetensors file, or a folder that holds one");
    if (bytes_ == 0) fail(file, "is empty");
    if (data_ == MAP_FAILED) fail(file, "cannot be mapped (" + std::generic_category().message(error) + ")");
  }
  ~Mapping() {
    if (data_ != MAP_FAILED) ::munmap(data_, bytes_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  const std::byte* data() const { return static_cast<const std::byte*>(data_); }
  std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = MAP_FAILED;
  std::size_t bytes_ = 0;
};

void SafeTensors::add_file(const fs::path& file) {
  const auto mapping = std::make_shared<const Mapping>(file);
  mappings_.push_back(mapping);
  if (mapping->bytes() < kLengthBytes) fail(file, "is too short for a header");
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, mapping->data(), kLengthBytes);
  if (header_bytes > kHeaderLimitBytes)
    fail(file, "says its header takes " + std::to_string(header_bytes) + " bytes");
  if (header_bytes > mapping->bytes() - kLengthBytes)
    fail(file, "is cut off: its header takes " + std::to_string(header_bytes) + " bytes, the file has " +
                   std::to_string(mapping->bytes()));

  const auto* text = reinterpret_cast<const char*>(mapping->data()) + kLengthBytes;
  const Json header = parse_json({text, header_bytes}, file.string());
  if (!header.is_object()) fail(file, "has a header that is not an object");
  const std::byte* data = mapping->data() + kLengthBytes + header_bytes;
  const auto data_bytes = static_cast<std::int64_t>(mapping->bytes() - kLengthBytes - header_bytes);

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
                                                                      .data = data + *begin,
                                                                      .bytes = *end - *begin,
                                                                      .file = file});
    if (!is_new) fail_tensor(file, name, "stands in " + stored->second.file.string() + " too");
    spans.push_back({*begin, *end, &stored->first});
  }
  check_tiling(file, std::move(spans), data_bytes);
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
      fail(path, "holds no model.safetensors and no " + std::string(kIndexName),
           "name a folder with a checkpoint");
  }
  if (file.extension() != ".json") {
    all.add_file(file);
    return all;
  }

  const Json index = load_json(file);
  const auto map = index.is_object() ? index.find("weight_map") : index.end();
  if (!index.is_object() || map == index.end() || !map->is_object()) fail(file, "has no weight_map");
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, shard] : map->items()) {
    // A shard lies beside its index: anything else would let an index read files elsewhere.
    if (!shard.is_string() || fs::path(shard.get<std::string>()).filename() != shard.get<std::string>())
      fail_tensor(file, tensor, "is mapped to something else than a file beside the index");
    shards[shard.get<std::string>()].push_back(tensor);
  }
  for (const auto& [shard, tensors] : shards) {
    const std::size_t before = all.tensors_.size();
    all.add_file(file.parent_path() / shard);
    for (const std::string& tensor : tensors)
      if (const auto found = all.tensors_.find(tensor);
          found == all.tensors_.end() || found->second.file != file.parent_path() / shard)
        fail_tensor(file, tensor, "is missing from " + shard);
    if (all.tensors_.size() - before != tensors.size())
      fail(file.parent_path() / shard, "holds tensors that the index does not list");
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
