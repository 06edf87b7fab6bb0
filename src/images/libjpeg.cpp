// SPDX-License-Identifier: Apache-2.0
// The one file that knows libjpeg. It reports by jumping out of its own functions: between setjmp() and what
// may jump stands nothing that has a destructor, and what is thrown is thrown when libjpeg has been left.
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

// After <cstdio>: it uses FILE without including it.
#include <jpeglib.h>

#include "images/exif.h"
#include "images/jpeg_file.h"

namespace assay {
namespace {

struct Errors {
  jpeg_error_mgr base;  // the first: libjpeg passes on a pointer to it
  std::jmp_buf out;
};

[[noreturn]] void leave(j_common_ptr info) {
  std::longjmp(reinterpret_cast<Errors*>(info->err)->out, 1);
}

/// Below 0: data that are corrupt, which libjpeg would go on with.
void on_message(j_common_ptr info, int level) {
  if (level < 0) leave(info);
}

/// A file of a few bytes may claim any number of scans over all of its pixels; real ones have some ten.
void on_progress(j_common_ptr info) {
  constexpr int kMostScans = 500;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans) leave(info);
}

jpeg_error_mgr* errors_to(Errors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = leave;
  errors.base.emit_message = on_message;
  return &errors.base;
}

/// What one ink leaves of what black leaves, rounded.
std::uint8_t of_both(unsigned ink, unsigned black) {
  return static_cast<std::uint8_t>((ink * black + 127) / 255);
}

struct Target {
  std::uint8_t* pixels;
  std::uint8_t* row;
  PictureSize stored;
  ExifTurn turn;
  bool straight;  // rows are where they are shown, and RGB
};

void put_row(const Target& to, const jpeg_decompress_struct& info, std::int64_t y) {
  const bool inks = info.out_color_space == JCS_CMYK, inverted = inks && info.saw_Adobe_marker;
  const std::uint8_t* from = to.row;
  std::uint8_t* at = to.pixels + 3 * (to.turn.first + y * to.turn.row);
  for (std::int64_t x = 0; x < to.stored.width; ++x, at += 3 * to.turn.column) {
    if (inks) {
      const unsigned flip = inverted ? 0 : 255;
      for (int c = 0; c < 3; ++c) at[c] = of_both(from[c] ^ flip, from[3] ^ flip);
      from += 4;
    } else {
      for (int c = 0; c < 3; ++c) at[c] = from[c];
      from += 3;
    }
  }
}

/// False where libjpeg gave up.
bool decode(std::span<const std::uint8_t> file, Target& to) {
  jpeg_decompress_struct info = {};
  Errors errors;
  jpeg_progress_mgr progress = {};
  progress.progress_monitor = on_progress;
  info.err = errors_to(errors);
  if (setjmp(errors.out) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  info.progress = &progress;
  jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&info, TRUE);
  // It has read what look_at_jpeg() has: where they differ, one of them is wrong about how much room there
  // is.
  if (info.image_width != to.stored.width || info.image_height != to.stored.height)
    leave(reinterpret_cast<j_common_ptr>(&info));
  if (info.num_components == 4)
    info.out_color_space = JCS_CMYK;
  else
    info.out_color_space = JCS_RGB;
  to.straight = to.straight && info.out_color_space == JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  info.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    const std::int64_t y = info.output_scanline;
    JSAMPROW row = to.straight ? to.pixels + 3 * y * to.stored.width : to.row;
    jpeg_read_scanlines(&info, &row, 1);
    if (!to.straight) put_row(to, info, y);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

struct Written {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
};

void set_colour(jpeg_compress_struct& info, JpegOptions::Colour colour) {
  using Colour = JpegOptions::Colour;
  if (colour == Colour::grey) return jpeg_set_colorspace(&info, JCS_GRAYSCALE);
  jpeg_set_colorspace(&info, JCS_YCbCr);
  info.comp_info[0].h_samp_factor = colour == Colour::yuv_444 ? 1 : 2;
  info.comp_info[0].v_samp_factor = colour == Colour::yuv_420 ? 2 : 1;
}

bool encode(const Picture& picture, const JpegOptions& options, Written& to) {
  jpeg_compress_struct info = {};
  Errors errors;
  info.err = errors_to(errors);
  if (setjmp(errors.out) != 0) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &to.bytes, &to.size);
  info.image_width = static_cast<JDIMENSION>(picture.size.width);
  info.image_height = static_cast<JDIMENSION>(picture.size.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, options.quality, TRUE);
  set_colour(info, options.colour);
  info.restart_in_rows = options.restart_rows;
  if (options.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(picture.rgb.data() + 3 * picture.size.width * info.next_scanline);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

}  // namespace

DecodedJpeg decode_jpeg(std::span<const std::uint8_t> file, std::span<std::uint8_t> pixels,
                        std::span<std::uint8_t, kJpegRowBytes> row) {
  const JpegLook look = look_at_jpeg(file);
  if (look.status != JpegStatus::decoded) return {look.status, {}};
  if (look.stored.rgb_bytes() > static_cast<std::int64_t>(pixels.size())) return {JpegStatus::too_large, {}};
  Target to{.pixels = pixels.data(),
            .row = row.data(),
            .stored = look.stored,
            .turn = turn_of(look.orientation, look.stored.height, look.stored.width),
            .straight = look.orientation == 1};
  if (!decode(file, to)) return {JpegStatus::damaged, {}};
  return {JpegStatus::decoded, look.shown()};
}

std::vector<std::uint8_t> encode_jpeg(const Picture& picture, const JpegOptions& options) {
  if (picture.rgb.size() != static_cast<std::size_t>(picture.size.rgb_bytes()))
    throw std::logic_error("a picture of another size than its bytes");
  Written written;
  const bool done = encode(picture, options, written);
  std::vector<std::uint8_t> file;
  if (done) file.assign(written.bytes, written.bytes + written.size);
  std::free(written.bytes);
  if (!done)
    throw std::logic_error("no JPEG file holds " + std::to_string(picture.size.width) + "x" +
                           std::to_string(picture.size.height));
  return file;
}

}  // namespace assay
