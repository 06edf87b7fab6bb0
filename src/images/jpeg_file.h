// SPDX-License-Identifier: Apache-2.0
// JPEG files (ITU-T T.81) in memory: what one is, from it to pixels, and back. It opens no file, and keeps
// libjpeg-turbo to itself: nothing of it is seen here, and no exception crosses it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "images/picture.h"

namespace assay {

/// What became of a file. The numbers stand in outputs of kernels.
enum class JpegStatus : std::int32_t {
  decoded = 0,
  /// It does not begin as a JPEG file does.
  not_jpeg = 1,
  /// A JPEG file of a kind that is not decoded: of 12 bits, lossless, hierarchical, arithmetically coded, of
  /// another number of components than 1, 3 or 4, with the number of its lines behind its first scan, or
  /// without code tables of its own (a frame of Motion JPEG).
  unsupported = 2,
  /// More pixels than the caller has room for, or a side beyond kMostJpegSide. Nothing was allocated for it.
  too_large = 3,
  /// Truncated or corrupt: whatever libjpeg cannot go on with, and whatever it only warns of and would paint
  /// over (bytes between markers, codes that no table has, an end before the end).
  damaged = 4,
};
std::string_view name(JpegStatus status);

/// What the markers before the first scan say.
struct JpegLook {
  JpegStatus status = JpegStatus::decoded;  // decoded: nothing speaks against it so far
  std::string why = {};                     // of another status
  PictureSize stored = {};                  // as it is coded
  int components = 0, precision = 0;
  bool progressive = false;
  int orientation = 1;  // of EXIF, 1 to 8: how what is stored has to be turned to be shown
  /// As it is shown: from the fifth orientation on rows are columns.
  PictureSize shown() const {
    return orientation < 5 ? stored : PictureSize{.height = stored.width, .width = stored.height};
  }
};
JpegLook look_at_jpeg(std::span<const std::uint8_t> file);

/// Room for a row as libjpeg gives it, which decode_jpeg() needs besides the pixels: 4 components.
inline constexpr std::int64_t kJpegRowBytes = 4 * kMostJpegSide;

struct DecodedJpeg {
  JpegStatus status = JpegStatus::decoded;
  PictureSize size = {};  // as shown; 0x0 unless it was decoded
};
/// Rows of RGB, tight, from the first byte of `pixels` on, turned as EXIF says. Grey becomes three equal
/// channels; CMYK and YCCK become RGB by what each ink leaves of black's rest, with Adobe's inverted inks
/// where its marker is. By libjpeg's slow integer inverse DCT and triangle ("fancy") upsampling. Where it
/// does not decode, what it has written of `pixels` is nobody's.
DecodedJpeg decode_jpeg(std::span<const std::uint8_t> file, std::span<std::uint8_t> pixels,
                        std::span<std::uint8_t, kJpegRowBytes> row);

struct JpegOptions {
  enum class Colour : std::uint8_t { yuv_444, yuv_422, yuv_420, grey };
  int quality = 85;
  Colour colour = Colour::yuv_420;
  bool progressive = false;
  int restart_rows = 0;  // rows of blocks between restart markers; 0: none
};
/// std::logic_error for a picture that no file can hold.
std::vector<std::uint8_t> encode_jpeg(const Picture& picture, const JpegOptions& options = {});

}  // namespace assay
