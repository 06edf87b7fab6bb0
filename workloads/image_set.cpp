// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/files.h"
#include "base/random.h"
#include "images/jpeg_file.h"
#include "images/scene.h"
#include "workloads/vision.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDifferent = 4;  // pictures that are made; a batch repeats them
constexpr std::int64_t kMostFileBytes = 256 << 20;
constexpr std::size_t kNamed = 5;  // of what was left out

bool is_jpeg_name(const fs::path& path) {
  std::string end = path.extension().string();
  std::ranges::transform(end, end.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return end == ".jpg" || end == ".jpeg" || end == ".jpe" || end == ".jfif";
}

/// "" or why it is not decoded, which is tried: that a file is damaged shows at its end.
std::string objection_to(const std::vector<std::uint8_t>& file, const JpegLook& look) {
  if (look.status != JpegStatus::decoded) return std::string(name(look.status)) + ", " + look.why;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(look.shown().rgb_bytes()));
  std::vector<std::uint8_t> row(kJpegRowBytes);
  const JpegStatus status =
      decode_jpeg(file, pixels, std::span<std::uint8_t, kJpegRowBytes>(row.data(), row.size())).status;
  return status == JpegStatus::decoded ? "" : std::string(name(status));
}

/// By a whole factor, each pixel the mean of those that it stands for.
Picture made_small(const Picture& picture) {
  constexpr std::int64_t kWidth = 640;
  const std::int64_t factor = (picture.size.width + kWidth - 1) / kWidth;
  if (factor == 1 || picture.size.height < factor) return picture;
  Picture small{.size = {.height = picture.size.height / factor, .width = picture.size.width / factor},
                .rgb = {}};
  for (std::int64_t y = 0; y < small.size.height; ++y)
    for (std::int64_t x = 0; x < small.size.width; ++x)
      for (std::int64_t c = 0; c < 3; ++c) {
        std::int64_t sum = 0;
        for (std::int64_t i = 0; i < factor * factor; ++i)
          sum += picture.rgb[static_cast<std::size_t>(
              ((y * factor + i / factor) * picture.size.width + x * factor + i % factor) * 3 + c)];
        small.rgb.push_back(static_cast<std::uint8_t>(sum / (factor * factor)));
      }
  return small;
}

}  // namespace

ImageSet made_images(std::int64_t count, PictureSize size, std::uint64_t seed) {
  JpegFiles files;
  std::vector<std::vector<std::uint8_t>> made;
  std::vector<std::uint8_t> shown;
  for (std::int64_t i = 0; i < std::min(count, kDifferent); ++i) {
    const Picture scene = random_scene(random_key(seed, "image " + std::to_string(i)), size);
    if (i == 0) shown = encode_jpeg(made_small(scene));
    made.push_back(encode_jpeg(scene));
  }
  for (std::int64_t i = 0; i < count; ++i) files.add(made[static_cast<std::size_t>(i % kDifferent)]);
  return {.files = std::make_shared<const JpegFiles>(std::move(files)),
          .sizes = std::vector<PictureSize>(static_cast<std::size_t>(count), size),
          .notes = {},
          .what = std::to_string(size.width) + "x" + std::to_string(size.height),
          .shown = std::make_shared<const std::vector<std::uint8_t>>(std::move(shown))};
}

ImageSet sizes_alone(std::int64_t count, PictureSize size) {
  return {.files = nullptr,
          .sizes = std::vector<PictureSize>(static_cast<std::size_t>(count), size),
          .notes = {},
          .what = "",
          .shown = nullptr};
}

ImageSet images_of_folder(const std::string& folder, std::int64_t count) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->is_regular_file(error) && is_jpeg_name(entry->path())) paths.push_back(entry->path());
  if (error)
    throw Error(ExitCode::bad_input, folder + ": cannot be read as a folder (" + error.message() + ")",
                "/load/images names a folder of JPEG files");
  std::ranges::sort(paths);
  std::vector<std::vector<std::uint8_t>> kept;
  std::vector<PictureSize> sizes;
  std::string left_out;
  std::size_t refused = 0;
  for (const fs::path& path : paths) {
    if (std::ssize(kept) == count) break;
    std::vector<std::uint8_t> file;
    std::string why = "larger than 256 MiB, or not readable";
    JpegLook look;
    try {
      const std::string bytes = read_file(path, kMostFileBytes);
      file.assign(bytes.begin(), bytes.end());
      look = look_at_jpeg(file);
      why = objection_to(file, look);
    } catch (const Error&) {  // it is left out, and the others go on
    }
    if (why.empty()) {
      kept.push_back(std::move(file));
      sizes.push_back(look.shown());
    } else if (++refused <= kNamed) {
      left_out += std::string(refused > 1 ? "; " : "") + "\"" + path.filename().string() + "\": " + why;
    }
  }
  if (kept.empty())
    throw Error(
        ExitCode::bad_input,
        folder + ": holds no JPEG file that can be decoded" + (left_out.empty() ? "" : " (" + left_out + ")"),
        "files that end with .jpg or .jpeg are looked for");
  ImageSet set{
      .files = {}, .sizes = {}, .notes = {}, .what = fs::path(folder).filename().string(), .shown = {}};
  if (set.what.empty()) set.what = folder;
  JpegFiles files;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i) % kept.size();
    files.add(kept[at]);
    set.sizes.push_back(sizes[at]);
  }
  set.files = std::make_shared<const JpegFiles>(std::move(files));
  if (refused > 0)
    set.notes.push_back(std::to_string(refused) + " of " + std::to_string(refused + kept.size()) +
                        " files that were looked at in " + set.what + " are left out: " + left_out +
                        (refused > kNamed ? "; and more" : "") + ".");
  if (std::ssize(kept) < count)
    set.notes.push_back("The " + std::to_string(kept.size()) + " files of " + set.what +
                        " are fewer than a batch has images, and repeat.");
  return set;
}

}  // namespace assay
