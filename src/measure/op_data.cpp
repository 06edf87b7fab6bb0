// SPDX-License-Identifier: Apache-2.0
#include "measure/op_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "base/random.h"

namespace assay {
namespace {

constexpr std::int64_t kPieceBytes = 16 << 20;  // read back at a time: an input may be a gigabyte of weights
constexpr std::int64_t kShownBytes = 4096;      // of each piece of an input that is evaluated
// The second poison: no NaN, no -1, no likely answer of a kernel that gives another one each time.
constexpr std::byte kOtherPoison{0x5a};

std::vector<std::byte> read_all(Lane& lane, Buffer buffer, std::int64_t bytes) {
  std::vector<std::byte> host(static_cast<std::size_t>(bytes));
  lane.read(host.data(), buffer, bytes);
  return host;
}

/// `work(at, bytes)` of each piece of a tensor.
template <typename Work>
void for_pieces(std::int64_t bytes, const Work& work) {
  for (std::int64_t at = 0; at < bytes; at += kPieceBytes) work(at, std::min(kPieceBytes, bytes - at));
}

Buffer part_of(Buffer buffer, std::int64_t at, std::int64_t bytes) {
  return {static_cast<std::byte*>(buffer.data) + at, bytes};
}

TensorView view_of(const TensorSpec& spec, const std::vector<std::byte>& host) {
  return {host.data(), spec.dtype, spec.elements()};
}

}  // namespace

OpData::OpData(std::shared_ptr<const Op> op, Lane& lane, std::uint64_t seed, OpDataLayout layout)
    : op_(std::move(op)),
      lane_(lane),
      seed_(seed),
      layout_(layout),
      inputs_(op_->inputs()),
      outputs_(op_->outputs()) {
  const std::optional<Place> to = op_->moves_to();
  const Place takes = to == Place::device ? Place::host : Place::device;  // all but copies: the device
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const TensorSpec& spec = inputs_[i];
    in_.push_back(take(spec.bytes(), op_->input_place(i).value_or(takes)));
    lane_.fill(in_.back(), spec, key(spec));
  }
  lane_.synchronize();
  before_.resize(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const TensorSpec& spec = inputs_[i];
    if (spec.bytes() <= layout_.most_copied_bytes || is_aliased(i)) {
      before_[i].copy = read_all(lane_, in_[i], spec.bytes());
      continue;
    }
    before_[i].fill.emplace(spec.fill, spec.elements(), key(spec));
    for_pieces(spec.bytes(), [&](std::int64_t at, std::int64_t bytes) {
      before_[i].checksums.push_back(lane_.checksum(part_of(in_[i], at, bytes)));
      // The judge will believe the definition; here the device shows that it filled by it.
      const std::int64_t size = std::min(bytes, kShownBytes);
      const auto shown = read_all(lane_, part_of(in_[i], at, size), size);
      if (const auto element = first_difference(i, at, shown))
        throw Error(ExitCode::wrong_result,
                    fmt::format("{} fills {} with other bits than its definition at element {}",
                                lane_.device().info().id, spec.name, *element));
    });
  }
  for (const TensorSpec& spec : outputs_)
    out_.push_back(spec.aliases_input ? in_.at(*spec.aliases_input) : take(spec.bytes(), to.value_or(takes)));
}

/// Memory of the host is such that the device reaches it too: it fills and reads it as its own.
Buffer OpData::take(std::int64_t bytes, Place place) {
  const std::int64_t all = bytes + 2 * layout_.guard_bytes;
  Device& device = lane_.device();
  memory_.push_back(place == Place::host ? device.allocate_host(all) : device.allocate(all));
  return part_of(memory_.back()->buffer(), layout_.guard_bytes, bytes);
}

std::uint64_t OpData::key(const TensorSpec& input) const {
  return random_key(seed_, fmt::format("op/{}/{}", op_->kind(), input.name));
}

bool OpData::is_aliased(std::size_t input) const {
  return std::ranges::any_of(outputs_, [&](const TensorSpec& spec) { return spec.aliases_input == input; });
}

std::int64_t OpData::host_bytes() const {
  std::int64_t bytes = 0;
  for (const Before& before : before_) bytes += static_cast<std::int64_t>(before.copy.size());
  return bytes;
}

std::vector<TensorView> OpData::views_before() const {
  std::vector<TensorView> views;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (before_[i].fill)
      views.push_back({nullptr, inputs_[i].dtype, inputs_[i].elements(), &*before_[i].fill});
    else
      views.push_back(view_of(inputs_[i], before_[i].copy));
  }
  return views;
}

void OpData::reset() {
  reset_in_place();
  for (std::size_t o = 0; o < outputs_.size(); ++o)
    if (!outputs_[o].aliases_input) lane_.poison(out_[o]);
  if (layout_.guard_bytes == 0) return;
  for (const auto& memory : memory_) {
    const Buffer whole = memory->buffer();
    lane_.poison(part_of(whole, 0, layout_.guard_bytes));
    lane_.poison(part_of(whole, whole.bytes - layout_.guard_bytes, layout_.guard_bytes));
  }
}

void OpData::reset_in_place() {
  for (const TensorSpec& output : outputs_)
    if (const auto aliased = output.aliases_input)
      lane_.write(in_[*aliased], before_[*aliased].copy.data(), inputs_[*aliased].bytes());
}

void OpData::pack(Kernel& kernel) {
  if (kernel.packs().empty()) return;
  for (const std::size_t input : kernel.packs())
    if (is_aliased(input))
      throw std::logic_error("a kernel packs an input that the op overwrites: " + inputs_.at(input).name);
  kernel.pack(lane_.stream(), in_);
  lane_.synchronize();
}

/// Of a copy byte by byte. Of an input that is evaluated by the checksum of each piece before: evaluating a
/// table of 100 GB after every launch would take minutes, its checksums take what a comparison would.
std::string OpData::changed_input() {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (is_aliased(i)) continue;
    std::string changed;
    for_pieces(inputs_[i].bytes(), [&](std::int64_t at, std::int64_t bytes) {
      if (!changed.empty()) return;
      const Buffer piece = part_of(in_[i], at, bytes);
      if (before_[i].fill &&
          lane_.checksum(piece) == before_[i].checksums[static_cast<std::size_t>(at / kPieceBytes)])
        return;
      const auto now = read_all(lane_, piece, bytes);
      const bool same =
          !before_[i].fill && std::memcmp(now.data(), before_[i].copy.data() + at, now.size()) == 0;
      if (!same)
        changed = fmt::format("input {} was overwritten at element {}", inputs_[i].name,
                              first_difference(i, at, now).value_or(at / bytes_of(inputs_[i].dtype)));
    });
    if (changed.empty()) continue;
    // Later kernels must find the inputs that the reference saw.
    if (before_[i].fill)
      lane_.fill(in_[i], inputs_[i], key(inputs_[i]));
    else
      lane_.write(in_[i], before_[i].copy.data(), inputs_[i].bytes());
    return changed;
  }
  return "";
}

std::optional<std::int64_t> OpData::first_difference(std::size_t input, std::int64_t at,
                                                     std::span<const std::byte> now) const {
  const TensorSpec& spec = inputs_[input];
  const TensorView before = views_before()[input];
  const std::int64_t width = bytes_of(spec.dtype);
  std::uint64_t element = 0;
  for (std::int64_t from = 0; from < static_cast<std::int64_t>(now.size()); from += width) {
    store_element(spec.dtype, &element, 0, before[(at + from) / width]);
    const void* was = before.data != nullptr ? static_cast<const std::byte*>(before.data) + at + from
                                             : static_cast<const void*>(&element);
    if (std::memcmp(now.data() + from, was, static_cast<std::size_t>(width)) != 0) return (at + from) / width;
  }
  return std::nullopt;
}

std::string OpData::stray_write() {
  if (layout_.guard_bytes == 0) return "";
  const auto written = [&](Buffer guard) {
    const auto now = read_all(lane_, guard, guard.bytes);
    return std::ranges::any_of(now, [](std::byte b) { return b != std::byte{0xff}; });
  };
  std::size_t next = 0;  // memory was taken for the inputs, and then for the outputs that have their own
  const auto look = [&](std::string_view what, const TensorSpec& spec) -> std::string {
    const Buffer whole = memory_[next++]->buffer();
    if (written(part_of(whole, 0, layout_.guard_bytes)))
      return fmt::format("memory before {} {} was written", what, spec.name);
    if (written(part_of(whole, whole.bytes - layout_.guard_bytes, layout_.guard_bytes)))
      return fmt::format("memory behind {} {} was written", what, spec.name);
    return "";
  };
  std::string stray;
  for (const TensorSpec& spec : inputs_)
    if (stray.empty()) stray = look("input", spec);
  for (const TensorSpec& spec : outputs_)
    if (stray.empty() && !spec.aliases_input) stray = look("output", spec);
  return stray;
}

/// An integer may well be -1, which is the poison. What nobody writes is another poison the next time.
std::string OpData::kept_poison(Kernel& kernel, std::span<const TensorView> outputs) {
  reset();
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    if (outputs_[o].aliases_input || is_floating(outputs_[o].dtype)) continue;
    for_pieces(outputs_[o].bytes(), [&](std::int64_t at, std::int64_t bytes) {
      const std::vector<std::byte> poison(static_cast<std::size_t>(bytes), kOtherPoison);
      lane_.write(part_of(out_[o], at, bytes), poison.data(), bytes);
    });
  }
  lane_.synchronize();
  kernel.launch(lane_.stream(), in_, out_);
  lane_.synchronize();
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    if (outputs_[o].aliases_input || is_floating(outputs_[o].dtype)) continue;
    const auto again = read_all(lane_, out_[o], outputs_[o].bytes());
    const std::string reason = reference_->unwritten(outputs, o, view_of(outputs_[o], again), kOtherPoison);
    if (!reason.empty()) return reason;
  }
  return "";
}

KernelCheck OpData::verify(Kernel& kernel) {
  if (!inputs_wrong_) inputs_wrong_ = op_->check_inputs(views_before());
  if (!inputs_wrong_->empty()) return {.status = KernelCheck::Status::failed, .reason = *inputs_wrong_};
  if (!reference_) reference_.emplace(*op_, views_before(), seed_);
  reset();
  pack(kernel);
  lane_.synchronize();
  kernel.launch(lane_.stream(), in_, out_);
  lane_.synchronize();

  std::vector<std::vector<std::byte>> after;
  std::vector<TensorView> views;
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    after.push_back(read_all(lane_, out_[o], outputs_[o].bytes()));
    views.push_back(view_of(outputs_[o], after.back()));
  }
  KernelCheck check = reference_->compare(views);
  const auto object = [&](const std::string& reason) {
    if (check.status != KernelCheck::Status::passed || reason.empty()) return;
    check.status = KernelCheck::Status::failed;
    check.reason = reason;
  };
  object(stray_write());
  object(changed_input());
  if (check.status == KernelCheck::Status::passed && reference_->may_be_unwritten(views))
    object(kept_poison(kernel, views));
  reset();  // an in-place op stands on its first inputs again
  return check;
}

}  // namespace assay
