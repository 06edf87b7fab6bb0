// SPDX-License-Identifier: Apache-2.0
#include "kernels/jpeg_decode/reference_decode.h"

#include <algorithm>

#include "images/exif.h"
#include "kernels/jpeg_decode/reference_samples.h"

namespace assay {
namespace {

using jpeg_reference::Frame;
using jpeg_reference::Plane;

/// What three or four components are. JFIF's are luminance and chrominance; Adobe's marker says which; where
/// there is neither, the letters R, G and B as identifiers mean themselves (libjpeg.txt, "Special color
/// spaces").
bool has_chrominance(const Frame& frame) {
  const auto& c = frame.components;
  if (c.size() == 4) return frame.adobe_transform == 2;
  if (frame.jfif) return true;
  if (frame.adobe_transform) return *frame.adobe_transform != 0;
  return !(c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B');
}

double within(double value) {
  return std::clamp(value, 0.0, 255.0);
}

/// JFIF 1.02, "Conversion to and from RGB".
std::array<double, 3> rgb_of(double y, double cb, double cr) {
  cb -= 128;
  cr -= 128;
  return {within(y + 1.402 * cr), within(y - 0.344136286 * cb - 0.714136286 * cr), within(y + 1.772 * cb)};
}

std::array<double, 3> pixel_of(const Frame& frame, const std::vector<Plane>& planes, std::int64_t y,
                               std::int64_t x) {
  const double first = planes[0].at(y, x);
  if (planes.size() == 1) return {first, first, first};
  std::array<double, 3> pixel = {first, planes[1].at(y, x), planes[2].at(y, x)};
  const bool chrominance = has_chrominance(frame);
  if (chrominance) pixel = rgb_of(pixel[0], pixel[1], pixel[2]);
  if (planes.size() == 3) return pixel;
  double black = planes[3].at(y, x);
  if (chrominance)
    for (double& ink : pixel) ink = 255 - ink;  // YCCK: what is converted is what the inks leave
  if (!frame.adobe_transform) {
    for (double& ink : pixel) ink = 255 - ink;
    black = 255 - black;
  }
  for (double& ink : pixel) ink = ink * black / 255;
  return pixel;
}

}  // namespace

ReferencePicture reference_decode(std::span<const std::uint8_t> file, std::int64_t capacity) {
  const JpegLook look = look_at_jpeg(file);
  if (look.status != JpegStatus::decoded) return {look.status, {}, {}};
  if (look.stored.rgb_bytes() > capacity) return {JpegStatus::too_large, {}, {}};
  try {
    Frame frame = jpeg_reference::read_frame(file);
    std::vector<Plane> planes;
    for (auto& component : frame.components)
      planes.push_back(drawn_out(frame, component, plane_of(component)));
    ReferencePicture picture{JpegStatus::decoded, look.shown(),
                             std::vector<double>(static_cast<std::size_t>(look.stored.rgb_bytes()))};
    const ExifTurn turn = turn_of(look.orientation, look.stored.height, look.stored.width);
    for (std::int64_t y = 0; y < frame.height; ++y)
      for (std::int64_t x = 0; x < frame.width; ++x) {
        const auto pixel = pixel_of(frame, planes, y, x);
        std::ranges::copy(pixel, picture.rgb.begin() + 3 * (turn.first + y * turn.row + x * turn.column));
      }
    return picture;
  } catch (const jpeg_reference::Damaged&) {
    return {JpegStatus::damaged, {}, {}};
  }
}

}  // namespace assay
