// SPDX-License-Identifier: Apache-2.0
// JPEG files to pixels, on the host that feeds a device. What is decoded and what is refused, and by which
// name, stands in images/jpeg_file.h (JpegStatus): a file that cannot be decoded is counted as what it is,
// and the others of its batch go on.
#pragma once

#include "images/jpeg_file.h"
#include "images/jpeg_files.h"
#include "plan/op.h"

namespace assay {

/// pixels[i] = rows of RGB of file i as it is shown (EXIF's orientation applied), tight, from the first byte
/// of its room on; sizes[i] = (height, width, status), 0 x 0 unless the status is JpegStatus::decoded; and
/// bytes[i] = 3 * height * width, how many of its pixels' bytes are meant.
///
/// Right is what a float64 decoder has (reference_decode.h), within what rounding samples, chrominance and
/// colours to bytes can add up to: `most_steps()`.
struct JpegDecode final : Op {
  struct Params {
    /// The op has its files, as a table has its rows: what they are tells how much work they are.
    std::shared_ptr<const JpegFiles> files;
    std::int64_t capacity;  // bytes of pixels there is room for, for each file; a larger picture is refused
  };
  /// std::logic_error for parameters that make no sense.
  explicit JpegDecode(const Params& params);
  const Params p;

  std::int64_t images() const { return p.files->count(); }
  /// What may be wrong with a byte of pixels of this file, in steps of 1/255: named factors.
  static Tolerance most_steps(const JpegLook& look);

  std::string_view kind() const override { return "jpeg_decode"; }
  std::string shape() const override { return shape_; }
  DType dtype() const override { return DType::u8; }
  std::vector<TensorSpec> inputs() const override;  // jpeg u8 [all bytes], offsets i32 [images + 1]
  std::vector<TensorSpec> outputs()
      const override;  // pixels u8 [images, capacity], sizes i32 [images, 3], bytes i32 [images]
  /// Bytes of the files and of the pixels that their headers promise. No FLOPs: an inverse transform of
  /// integers has no peak to stand beside.
  Cost cost() const override;
  std::optional<Place> runs_at() const override { return Place::host; }
  /// Offsets that begin elsewhere than at 0, fall, or end beyond the bytes. A kernel takes such a file for
  /// none.
  std::string check_inputs(std::span<const TensorView> in) const override;
  std::int64_t units() const override { return images(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
  std::string objection(std::span<const TensorView> in, std::span<const TensorView> out,
                        std::int64_t unit) const override;
  bool judged_by_objection() const override { return true; }

  static constexpr std::size_t kBytes = 0, kOffsets = 1;             // inputs
  static constexpr std::size_t kPixels = 0, kSizes = 1, kMeant = 2;  // outputs

 private:
  std::vector<JpegLook> looks_;
  std::int64_t promised_bytes_ = 0;  // of pixels
  std::string shape_;
};

/// Room for the largest picture among these files that can be decoded, by their headers: the capacity of a
/// plan that has no better reason for another one. At least 3.
std::int64_t capacity_for(const JpegFiles& files);

std::vector<std::shared_ptr<const Op>> jpeg_decode_examples();

}  // namespace assay
