// SPDX-License-Identifier: Apache-2.0
#include "kernels/jpeg_decode/jpeg_decode.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "base/checksum.h"
#include "kernels/contract.h"
#include "kernels/jpeg_decode/reference_decode.h"

namespace assay {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error("jpeg_decode: " + what);
}

std::int64_t shown_bytes(const JpegLook& look, std::int64_t capacity) {
  const std::int64_t bytes = look.stored.rgb_bytes();
  return look.status == JpegStatus::decoded && bytes <= capacity ? bytes : 0;
}

/// "8 files of 1234567 B, room for 562500 B each #0123abcd": two batches of other files are other ops.
std::string shape_of(const JpegDecode::Params& p) {
  char sum[24];
  std::snprintf(sum, sizeof sum, " #%08x",
                static_cast<unsigned>(checksum(std::as_bytes(std::span(p.files->bytes))) >> 32 ^
                                      checksum(std::as_bytes(std::span(p.files->offsets)))));
  return std::to_string(p.files->count()) + " files of " + std::to_string(p.files->bytes.size()) +
         " B, room for " + std::to_string(p.capacity) + " B each" + sum;
}

/// The bytes of one file; evaluated inputs have no data.
std::vector<std::uint8_t> file_of(std::span<const TensorView> in, std::int64_t unit) {
  const std::int64_t begin = in[JpegDecode::kOffsets].integer(unit),
                     end = in[JpegDecode::kOffsets].integer(unit + 1);
  std::vector<std::uint8_t> file;
  file.reserve(static_cast<std::size_t>(end - begin));
  for (std::int64_t i = begin; i < end; ++i)
    file.push_back(static_cast<std::uint8_t>(in[JpegDecode::kBytes].integer(i)));
  return file;
}

}  // namespace

JpegDecode::JpegDecode(const Params& params) : p(params) {
  require(p.files != nullptr && p.files->count() >= 1, "no files");
  require(p.capacity >= 3 && p.capacity < std::int64_t{1} << 31,
          "room for " + std::to_string(p.capacity) + " bytes");
  require(!p.files->bytes.empty(), "files of no bytes");
  for (std::int64_t i = 0; i < images(); ++i) {
    looks_.push_back(look_at_jpeg(p.files->file(i)));
    promised_bytes_ += shown_bytes(looks_.back(), p.capacity);
  }
  shape_ = shape_of(p);
}

std::vector<TensorSpec> JpegDecode::inputs() const {
  return {{"jpeg",
           {static_cast<std::int64_t>(p.files->bytes.size())},
           DType::u8,
           Fill::bytes(std::shared_ptr<const std::vector<std::uint8_t>>(p.files, &p.files->bytes))},
          {"offsets", {images() + 1}, DType::i32, Fill::integers(p.files->offsets)}};
}

std::vector<TensorSpec> JpegDecode::outputs() const {
  return {{.name = "pixels", .shape = {images(), p.capacity}, .dtype = DType::u8, .rows_valid = kMeant},
          {"sizes", {images(), 3}, DType::i32},
          {"bytes", {images()}, DType::i32}};
}

Cost JpegDecode::cost() const {
  const double answers = 4 * 4 * static_cast<double>(images());
  return {.flops = 0,
          .bytes = in_memory(
              {.read = bytes_of(inputs()), .written = static_cast<double>(promised_bytes_) + answers})};
}

std::string JpegDecode::check_inputs(std::span<const TensorView> in) const {
  std::int64_t begin = in[kOffsets].integer(0);
  if (begin != 0) return "file 0 begins at byte " + std::to_string(begin) + " and not at 0";
  for (std::int64_t i = 0; i < images(); ++i) {
    const std::int64_t end = in[kOffsets].integer(i + 1);
    if (end < begin || end > in[kBytes].size)
      return "file " + std::to_string(i) + ": bytes " + std::to_string(begin) + " to " + std::to_string(end) +
             " of " + std::to_string(in[kBytes].size);
    begin = end;
  }
  return "";
}

void JpegDecode::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const ReferencePicture picture = reference_decode(file_of(in, unit), p.capacity);
  out.set(kSizes, 3 * unit, static_cast<double>(picture.size.height));
  out.set(kSizes, 3 * unit + 1, static_cast<double>(picture.size.width));
  out.set(kSizes, 3 * unit + 2, static_cast<double>(picture.status));
  out.set(kMeant, unit, static_cast<double>(picture.size.rgb_bytes()));
}

/// Where a decoder that works in bytes rounds: each sample once it is transformed (by half a step, and by
/// what a transform of integers may err before that, 0.1), chrominance that is drawn out again,
/// its share of a colour (at most 1.772 of it, JFIF's of blue), and of inks the products.
Tolerance JpegDecode::most_steps(const JpegLook& look) {
  constexpr double kSample = 0.5 + 0.1, kDrawnOut = 0.5, kShare = 0.5, kBlue = 1.772, kProduct = 0.5;
  std::string text = "sample " + text_of(static_cast<float>(kSample));
  double steps = kSample;
  if (look.components >= 3) {
    text += " + 1.772 (chrominance's sample 0.6 + drawn out 0.5) + its share 0.5";
    steps += kBlue * (kSample + kDrawnOut) + kShare;
  }
  if (look.components == 4) {
    text += " + black 0.6 + drawn out 0.5 + product 0.5";
    steps += kSample + kDrawnOut + kProduct;
  }
  return {{{"1/255", 1.0 / 255}, {"(" + text + ")", steps}}};
}

Tolerance JpegDecode::tolerance() const {
  const auto widest = std::ranges::max_element(looks_, {}, &JpegLook::components);
  return most_steps(*widest);
}

std::string JpegDecode::objection(std::span<const TensorView> in, std::span<const TensorView> out,
                                  std::int64_t unit) const {
  const std::vector<std::uint8_t> file = file_of(in, unit);
  const ReferencePicture picture = reference_decode(file, p.capacity);
  const double most = 255 * most_steps(look_at_jpeg(file)).value();
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    const double got = out[kPixels][unit * p.capacity + static_cast<std::int64_t>(i)];
    if (std::abs(got - picture.rgb[i]) <= most) continue;
    char text[160];
    std::snprintf(text, sizeof text, "file %lld, byte %zu of its pixels: expected %.2f within %.2f, got %.0f",
                  static_cast<long long>(unit), i, picture.rgb[i], most, got);
    return text;
  }
  return "";
}

std::int64_t capacity_for(const JpegFiles& files) {
  std::int64_t bytes = 3;
  for (std::int64_t i = 0; i < files.count(); ++i)
    bytes = std::max(bytes, shown_bytes(look_at_jpeg(files.file(i)), (std::int64_t{1} << 31) - 1));
  return bytes;
}

}  // namespace assay
