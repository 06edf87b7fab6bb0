// SPDX-License-Identifier: Apache-2.0
// Files that are broken in a few places, by a seed that is kept: each is decoded or refused, by libjpeg and
// by the reference, without a byte read or written that is not theirs (AddressSanitizer watches, and so does
// the end of exactly as much room as there is), and in a time that is in proportion to that room.
#include <gtest/gtest.h>

#include <map>

#include "images/scene.h"
#include "kernels/jpeg_decode/reference_decode.h"
#include "support/jpeg_bytes.h"
#include "support/jpeg_writer.h"

namespace assay::jpeg_decode_fuzz_tests {
namespace {

using test::JpegBytes;
using Colour = JpegOptions::Colour;

constexpr std::int64_t kRoom = 3 * 24 * 40;
constexpr std::uint64_t kSeed = 20261126;
constexpr int kMutations = 1000;  // of each file

std::vector<JpegBytes> valid_files() {
  const Picture picture = random_scene(1, {.height = 24, .width = 40});
  std::vector<JpegBytes> files;
  for (const bool progressive : {false, true})
    for (const Colour colour : {Colour::yuv_444, Colour::yuv_420, Colour::grey})
      files.push_back(encode_jpeg(
          picture, {.colour = colour, .progressive = progressive, .restart_rows = progressive ? 0 : 1}));
  files.push_back(test::with_orientation(files[1], 6, true));
  files.push_back(test::with_orientation(files[4], 3, false));
  auto inks = test::random_coefficients(3, {.height = 24, .width = 40}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}});
  inks.adobe_transform = 2;
  files.push_back(test::JpegWriter::file_of(inks));
  files.push_back(test::JpegWriter::file_of(
      test::random_coefficients(4, {.height = 24, .width = 40}, {{4, 1}, {1, 1}, {2, 1}})));
  return files;
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t key) : key_(key) {}
  JpegBytes of(JpegBytes file) {
    for (int edits = 1 + draw(4); edits > 0; --edits) edit(file);
    return file;
  }

 private:
  int draw(std::int64_t limit) { return index_element(key_, next_++, limit); }
  void edit(JpegBytes& file) {
    if (file.size() < 4) return;
    // Half of the edits hit the headers, which say how much there is of everything.
    const auto size = static_cast<std::int64_t>(file.size());
    const auto at = static_cast<std::size_t>(draw(draw(2) == 0 ? std::min<std::int64_t>(size, 650) : size));
    const auto here = file.begin() + static_cast<std::ptrdiff_t>(at);
    switch (draw(6)) {
      case 0: file[at] ^= static_cast<std::uint8_t>(1 << draw(8)); break;
      case 1: file[at] = static_cast<std::uint8_t>(draw(256)); break;
      case 2: file[at] = draw(2) == 0 ? 0xff : 0; break;
      case 3: file.erase(here, here + std::min<std::ptrdiff_t>(1 + draw(8), file.end() - here)); break;
      case 4: {
        const JpegBytes copy(here, here + std::min<std::ptrdiff_t>(1 + draw(64), file.end() - here));
        file.insert(file.begin() + draw(size), copy.begin(), copy.end());
        break;
      }
      default: file.resize(draw(8) == 0 ? at : file.size()); break;
    }
  }

  std::uint64_t key_, next_ = 0;
};

TEST(JpegFuzz, NoMutationGetsOutOfItsBoundsOrItsStatus) {
  const std::vector<JpegBytes> files = valid_files();
  JpegBytes row(static_cast<std::size_t>(kJpegRowBytes));
  std::map<JpegStatus, int> seen;
  for (std::size_t f = 0; f < files.size(); ++f)
    for (int m = 0; m < kMutations; ++m) {
      const JpegBytes file =
          Mutator(random_key(kSeed, std::to_string(f) + "/" + std::to_string(m))).of(files[f]);
      JpegBytes pixels(static_cast<std::size_t>(kRoom));
      const DecodedJpeg result = decode_jpeg(file, pixels, std::span<std::uint8_t, kJpegRowBytes>(row));
      ++seen[result.status];
      EXPECT_EQ(result.status == JpegStatus::decoded, result.size != PictureSize{}) << f << "/" << m;
      EXPECT_LE(result.size.rgb_bytes(), kRoom) << f << "/" << m;
      const ReferencePicture reference = reference_decode(file, kRoom);
      EXPECT_EQ(reference.rgb.size(), static_cast<std::size_t>(reference.size.rgb_bytes())) << f << "/" << m;
    }
  for (const JpegStatus status : {JpegStatus::decoded, JpegStatus::not_jpeg, JpegStatus::unsupported,
                                  JpegStatus::too_large, JpegStatus::damaged})
    EXPECT_GT(seen[status], 10) << name(status) << " was hardly tried";
}

TEST(JpegFuzz, EveryBeginningOfAFileIsRefused) {
  for (const JpegBytes& file : valid_files())
    for (std::size_t size = 0; size < file.size(); size += size < 700 ? 3 : 17) {
      const JpegBytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_NE(test::decoded(cut, kRoom).first.status, JpegStatus::decoded) << size << " of " << file.size();
      ASSERT_NE(reference_decode(cut, kRoom).status, JpegStatus::decoded) << size << " of " << file.size();
    }
}

// 12 bytes that mean every pixel once more, again and again: T.81 allows it.
TEST(JpegFuzz, ScansWithoutEndAreRefused) {
  const auto with_scans = [](int scans) {
    JpegBytes file = {0xff, 0xd8, 0xff, 0xdb, 0, 67, 0};
    file.insert(file.end(), 64, 1);
    const JpegBytes frame = {0xff, 0xc2, 0, 11, 8, 0, 24, 0, 40, 1, 1, 0x11, 0},
                    codes = {0xff, 0xc4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                    scan = {0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0, 0x01};  // 15 differences of size 0
    file.insert(file.end(), frame.begin(), frame.end());
    file.insert(file.end(), codes.begin(), codes.end());
    for (int i = 0; i < scans; ++i) file.insert(file.end(), scan.begin(), scan.end());
    file.insert(file.end(), {0xff, 0xd9});
    return file;
  };
  EXPECT_EQ(test::decoded(with_scans(3), kRoom).first.status, JpegStatus::decoded);
  EXPECT_EQ(test::decoded(with_scans(3000), kRoom).first.status, JpegStatus::damaged);
}

}  // namespace
}  // namespace assay::jpeg_decode_fuzz_tests
