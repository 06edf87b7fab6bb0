// SPDX-License-Identifier: Apache-2.0
#include "workloads/vision.h"

#include <charconv>
#include <optional>

#include "workloads/hf_fields.h"
#include "workloads/vision_entry.h"

namespace assay {
namespace {

constexpr double kMaxBytes = 1e15;  // a petabyte: more is a typing error, and sizes must not overflow
constexpr double kMostFileBytes = 1u << 31;  // offsets of a batch's files have 32 bits

/// "1920x1080"
std::optional<PictureSize> size_from(const std::string& text) {
  PictureSize size;
  const char *begin = text.data(), *end = begin + text.size();
  const auto width = std::from_chars(begin, end, size.width);
  if (width.ec != std::errc() || width.ptr == end || *width.ptr != 'x') return std::nullopt;
  const auto height = std::from_chars(width.ptr + 1, end, size.height);
  if (height.ec != std::errc() || height.ptr != end) return std::nullopt;
  if (size.width < 1 || size.height < 1 || size.width > kMostJpegSide || size.height > kMostJpegSide)
    return std::nullopt;
  return size;
}

/// A bound from above of what activations take: each network's widest layer is far below 64 channels of the
/// full image at every scale, or hidden x 8 of a token.
void check_sizes(const JsonReader& config, const VisionCase& one, PictureSize size) {
  const double batch = static_cast<double>(one.load.batch), side = static_cast<double>(one.model.image);
  const double network = side * side * 64 * std::max(1.0, one.model.yolox.width) * 8;
  if (batch * (network + static_cast<double>(size.rgb_bytes())) > kMaxBytes)
    config.fail_at("load", "needs over a petabyte of images and activations", "use a smaller batch");
  if (batch * static_cast<double>(size.pixels()) / 2 > kMostFileBytes)
    config.fail_at("load", "makes a batch of more than 2 GiB of JPEG files",
                   "use a smaller batch or smaller images");
}

class VisionParsed final : public ParsedModel {
 public:
  explicit VisionParsed(VisionModel model) : model_(std::move(model)) {}
  Plan plan(JsonReader& config) const override { return plan_with(config, made_or_read); }
  Plan plan_to_size(JsonReader& config) const override { return plan_with(config, of_sizes); }

 private:
  using Images = ImageSet (*)(const VisionCase&, PictureSize);
  static ImageSet made_or_read(const VisionCase& one, PictureSize size);
  static ImageSet of_sizes(const VisionCase& one, PictureSize size);
  Plan plan_with(JsonReader& config, Images images) const;

  const VisionModel model_;
};

ImageSet VisionParsed::made_or_read(const VisionCase& one, PictureSize size) {
  return one.load.images.empty() ? made_images(one.load.batch, size, one.seed)
                                 : images_of_folder(one.load.images, one.load.batch);
}

/// All pictures as large as the largest, which there is room for anyway.
ImageSet VisionParsed::of_sizes(const VisionCase& one, PictureSize size) {
  constexpr std::int64_t kLookedAt = 16;  // files of a folder: each is decoded
  if (!one.load.images.empty())
    size = std::ranges::max(images_of_folder(one.load.images, std::min(one.load.batch, kLookedAt)).sizes, {},
                            &PictureSize::pixels);
  return sizes_alone(one.load.batch, size);
}

Plan VisionParsed::plan_with(JsonReader& config, Images images) const {
  VisionCase one;
  one.model = model_;
  config.field("dtype", one.dtype);
  if (one.dtype != DType::f32 && one.dtype != DType::f16 && one.dtype != DType::bf16)
    config.fail_at("dtype", "is \"" + std::string(name(one.dtype)) + "\"",
                   "networks run in f32, f16 or bf16");
  config.field("load", one.load);
  config.field("seed", one.seed, {.min = 0});
  std::string name = one.model.architecture;
  config.field("model_name", name);
  const std::optional<PictureSize> size = size_from(one.load.image);
  if (!size)
    config.fail_at("load", "has the image \"" + one.load.image.substr(0, 60) + "\"",
                   "width x height in pixels, up to 65500 each: \"1920x1080\"");
  check_sizes(config, one, *size);
  one.images = images(one, *size);
  Plan plan = vision_plan(one, name);
  if (const std::string note = hf::dtype_note(one.model.published_dtype, one.dtype, one.dtype); !note.empty())
    plan.notes.push_back(note);
  return plan;
}

void add_schema(SchemaWriter& schema) {
  const Json model = {
      {"anyOf", Json::array({Json{{"type", "string"}, {"description", "its path, from this file"}},
                             Json{{"type", "object"}, {"description", "its contents"}}})}};
  schema.add(
      "model", model,
      {.doc = "a Hugging Face config.json of a ResNet or a ViT, or a YOLOX of ours", .required = true});
  schema.add("load", schema.schema_of<VisionLoad>(), {.doc = "what is looked at; a list is a sweep axis"});
}

Json default_load() {
  return JsonWriter::write(VisionLoad{});
}

std::shared_ptr<const ParsedModel> read_model(JsonReader& model) {
  return std::make_shared<const VisionParsed>(read_vision_model(model));
}

}  // namespace

WorkloadEntry vision_entry() {
  return {.name = "vision",
          .summary = "from JPEG files to classes (ResNet, ViT) or boxes (YOLOX)",
          .read_model = read_model,
          .schema = add_schema,
          .default_load = default_load,
          .takes_model = is_vision_model,
          .grows = {.batch = "batch"}};
}

}  // namespace assay
