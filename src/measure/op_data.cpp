// SPDX-License-Identifier: Apache-2.0
#include "measure/op_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/random.h"

namespace assay {
namespace {

constexpr std::int64_t kCompareBytes = 16
                                       << 20;  // read back at a time: an input may be a gigabyte of weights

std::vector<std::byte> read_all(Lane& lane, Buffer buffer, std::int64_t bytes) {
  std::vector<std::byte> host(static_cast<std::size_t>(bytes));
  lane.read(host.data(), buffer, bytes);
  return host;
}

TensorView view_of(const TensorSpec& spec, const std::vector<std::byte>& host) {
  return {host.data(), spec.dtype, spec.elements()};
}

}  // namespace

OpData::OpData(std::shared_ptr<const Op> op, Lane& lane, std::uint64_t seed)
    : op_(std::move(op)), lane_(lane), seed_(seed), inputs_(op_->inputs()), outputs_(op_->outputs()) {
  for (const TensorSpec& spec : inputs_) {
    memory_.push_back(lane_.device().allocate(spec.bytes()));
    in_.push_back({memory_.back()->buffer().data, spec.bytes()});
    lane_.fill(in_.back(), spec, random_key(seed_, fmt::format("op/{}/{}", op_->kind(), spec.name)));
  }
  lane_.synchronize();
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    before_.push_back(read_all(lane_, in_[i], inputs_[i].bytes()));
  for (const TensorSpec& spec : outputs_) {
    if (spec.aliases_input) {
      out_.push_back(in_.at(*spec.aliases_input));
    } else {
      memory_.push_back(lane_.device().allocate(spec.bytes()));
      out_.push_back({memory_.back()->buffer().data, spec.bytes()});
    }
  }
}

void OpData::reset() {
  reset_in_place();
  for (std::size_t o = 0; o < outputs_.size(); ++o)
    if (!outputs_[o].aliases_input) lane_.poison(out_[o]);
}

void OpData::reset_in_place() {
  for (const TensorSpec& output : outputs_)
    if (const auto aliased = output.aliases_input)
      lane_.write(in_[*aliased], before_[*aliased].data(), inputs_[*aliased].bytes());
}

std::string OpData::changed_input() {
  std::vector<std::byte> now;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto aliases = [i](const TensorSpec& output) { return output.aliases_input == i; };
    if (std::ranges::any_of(outputs_, aliases)) continue;
    for (std::int64_t at = 0; at < inputs_[i].bytes(); at += kCompareBytes) {
      const std::int64_t bytes = std::min(kCompareBytes, inputs_[i].bytes() - at);
      now = read_all(lane_, {static_cast<std::byte*>(in_[i].data) + at, bytes}, bytes);
      if (std::memcmp(now.data(), before_[i].data() + at, now.size()) == 0) continue;
      const auto [differs, ignored] = std::mismatch(now.begin(), now.end(), before_[i].begin() + at);
      const std::int64_t element = (at + (differs - now.begin())) / bytes_of(inputs_[i].dtype);
      // Later kernels must find the inputs that the reference saw.
      lane_.write(in_[i], before_[i].data(), inputs_[i].bytes());
      return fmt::format("input {} was overwritten at element {}", inputs_[i].name, element);
    }
  }
  return "";
}

KernelCheck OpData::verify(Kernel& kernel) {
  if (!reference_) {
    std::vector<TensorView> views;
    for (std::size_t i = 0; i < inputs_.size(); ++i) views.push_back(view_of(inputs_[i], before_[i]));
    reference_.emplace(*op_, views, seed_);
  }
  reset();
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
  const std::string changed = changed_input();
  if (check.status == KernelCheck::Status::passed && !changed.empty()) {
    check.status = KernelCheck::Status::failed;
    check.reason = changed;
  }
  reset();  // an in-place op stands on its first inputs again
  return check;
}

}  // namespace assay
