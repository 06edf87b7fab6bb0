// SPDX-License-Identifier: Apache-2.0
#include "images/exif.h"
#include "images/jpeg_file.h"
#include "images/jpeg_markers.h"

namespace assay {
namespace {

/// Components of a frame, a byte that says how many and three bytes each, behind precision, height and width.
constexpr std::size_t kFrameHead = 6, kFrameComponent = 3;

JpegLook& say(JpegLook& look, JpegStatus status, std::string why) {
  look.status = status;
  look.why = std::move(why);
  return look;
}

std::string kind_of_frame(int marker) {
  if (marker == 0xc3) return "lossless";
  if (marker >= 0xc9) return "arithmetically coded";
  return "hierarchical";
}

JpegLook& read_frame(JpegLook& look, const jpeg::Segment& frame) {
  if (look.components != 0) return say(look, JpegStatus::damaged, "two frames");
  if (frame.body.size() < kFrameHead) return say(look, JpegStatus::damaged, "a frame that is cut short");
  look.precision = frame.body[0];
  look.stored = {.height = jpeg::word_at(frame.body, 1), .width = jpeg::word_at(frame.body, 3)};
  look.components = frame.body[5];
  look.progressive = frame.marker == 0xc2;
  if (frame.marker > 0xc2) return say(look, JpegStatus::unsupported, "it is " + kind_of_frame(frame.marker));
  if (look.precision != 8)
    return say(look, JpegStatus::unsupported, "it has " + std::to_string(look.precision) + " bits a channel");
  if (look.components != 1 && look.components != 3 && look.components != 4)
    return say(look, JpegStatus::unsupported, "it has " + std::to_string(look.components) + " components");
  if (frame.body.size() != kFrameHead + kFrameComponent * static_cast<std::size_t>(look.components))
    return say(look, JpegStatus::damaged, "a frame of another length than its components need");
  if (look.stored.width == 0) return say(look, JpegStatus::damaged, "it has no columns");
  if (look.stored.height == 0)
    return say(look, JpegStatus::unsupported, "the number of its lines stands behind its first scan");
  if (look.stored.height > kMostJpegSide || look.stored.width > kMostJpegSide)
    return say(look, JpegStatus::too_large, "a side of more than " + std::to_string(kMostJpegSide));
  return look;
}

}  // namespace

std::string_view name(JpegStatus status) {
  switch (status) {
    case JpegStatus::decoded: return "decoded";
    case JpegStatus::not_jpeg: return "not a JPEG file";
    case JpegStatus::unsupported: return "unsupported";
    case JpegStatus::too_large: return "too large";
    case JpegStatus::damaged: return "damaged";
  }
  return "";
}

JpegLook look_at_jpeg(std::span<const std::uint8_t> file) {
  JpegLook look;
  if (file.size() < 3 || file[0] != 0xff || file[1] != jpeg::kSoi || file[2] != 0xff)
    return say(look, JpegStatus::not_jpeg, "it does not begin as a JPEG file does");
  bool exif = false, codes = false;
  jpeg::Segments segments(file);
  while (const auto segment = segments.next()) {
    if (segment->marker == jpeg::kSos) {
      if (look.components == 0) return say(look, JpegStatus::damaged, "a scan before the frame");
      if (!codes) return say(look, JpegStatus::unsupported, "it has no code tables of its own");
      return look;
    }
    if (segment->marker == jpeg::kSoi || segment->marker == jpeg::kEoi) break;
    if (segment->marker == jpeg::kApp1 && !exif && segment->body.size() >= 4 && segment->body[0] == 'E') {
      exif = true;
      look.orientation = exif_orientation(segment->body);
    }
    codes = codes || segment->marker == jpeg::kDht;
    if (jpeg::is_frame(segment->marker) && read_frame(look, *segment).status != JpegStatus::decoded)
      return look;
  }
  return say(look, JpegStatus::damaged, "no scan, but byte " + std::to_string(segments.at()));
}

}  // namespace assay
