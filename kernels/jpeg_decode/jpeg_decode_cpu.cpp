// SPDX-License-Identifier: Apache-2.0
// libjpeg-turbo, a file a thread: whoever is done takes the next, since files of one batch may be a hundred
// times as large as others. libjpeg takes some memory for every file (its rows, and all coefficients of a
// progressive one); that is in proportion to the room there is, and not to what a file claims.
#include <omp.h>

#include <algorithm>
#include <vector>

#include "kernels/jpeg_decode/jpeg_decode.h"
#include "plan/kernel.h"

namespace assay {
namespace {

class JpegDecodeCpu final : public Kernel {
 public:
  explicit JpegDecodeCpu(const JpegDecode& op)
      : images_(op.images()),
        capacity_(op.p.capacity),
        rows_(static_cast<std::size_t>(omp_get_max_threads() * kJpegRowBytes)) {}

  void launch(Stream&, Buffers in, Buffers out) override {
    const auto bytes = in[JpegDecode::kBytes].as<const std::uint8_t>();
    const auto offsets = in[JpegDecode::kOffsets].as<const std::int32_t>();
#pragma omp parallel for schedule(dynamic) if (images_ > 1)
    for (std::int64_t i = 0; i < images_; ++i) {
      const auto begin = static_cast<std::size_t>(offsets[static_cast<std::size_t>(i)]),
                 end = static_cast<std::size_t>(offsets[static_cast<std::size_t>(i) + 1]);
      const bool there = begin <= end && end <= bytes.size();  // negative ones are larger than all
      decode(there ? bytes.subspan(begin, end - begin) : bytes.first(0), i, out);
    }
  }
  std::int64_t workspace_bytes() const override {
    return static_cast<std::int64_t>(rows_.size());
  }

 private:
  void decode(std::span<const std::uint8_t> file, std::int64_t i, Buffers out) {
    const auto room = static_cast<std::size_t>(capacity_), at = static_cast<std::size_t>(i);
    const std::span row(rows_.data() + omp_get_thread_num() * kJpegRowBytes, kJpegRowBytes);
    const DecodedJpeg decoded =
        decode_jpeg(file, out[JpegDecode::kPixels].as<std::uint8_t>().subspan(at * room, room),
                    std::span<std::uint8_t, kJpegRowBytes>(row));
    std::int32_t* size = out[JpegDecode::kSizes].as<std::int32_t>().data() + 3 * i;
    size[0] = static_cast<std::int32_t>(decoded.size.height);
    size[1] = static_cast<std::int32_t>(decoded.size.width);
    size[2] = static_cast<std::int32_t>(decoded.status);
    out[JpegDecode::kMeant].as<std::int32_t>()[at] = static_cast<std::int32_t>(decoded.size.rgb_bytes());
  }

  const std::int64_t images_, capacity_;
  std::vector<std::uint8_t> rows_;  // a thread
};

}  // namespace

std::unique_ptr<Kernel> make_jpeg_decode_cpu(const Op& op, Lane&) {
  return std::make_unique<JpegDecodeCpu>(op_cast<JpegDecode>(op));
}

}  // namespace assay
