// SPDX-License-Identifier: Apache-2.0
// From JPEG files to classes or boxes: decode on the host, upload, preprocess, network, postprocess.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json_fields.h"
#include "images/jpeg_files.h"
#include "images/picture.h"
#include "plan/plan.h"
#include "workloads/in_flight.h"
#include "workloads/vision_config.h"

namespace assay {

/// /load of a run config.
struct VisionLoad {
  std::int64_t batch = 1;
  std::string image = "500x375";
  std::string images;
  std::int64_t candidates = 200;
  std::int64_t in_flight = 1;
};

template <class Visitor>
void describe(Visitor& v, VisionLoad& l) {
  v.field("batch", l.batch, {.doc = "images processed together", .min = 1, .max = 65536, .sweep = true});
  v.field("image", l.image,
          {.doc = "width x height of the JPEG files that are made, in pixels: 500x375 is ImageNet's mean, "
                  "1920x1080 a camera's",
           .sweep = true});
  v.field(
      "images", l.images,
      {.doc = "a folder of JPEG files to take instead, in order of their names, from the current folder"});
  v.field("candidates", l.candidates,
          {.doc = "of a detector: boxes that a seeded network is made to be sure of, so that suppression has "
                  "work; 0: none, for real weights",
           .min = 0,
           .max = 100000,
           .sweep = true});
  describe_in_flight(v, l.in_flight);
}

/// The files of a batch.
struct ImageSet {
  std::shared_ptr<const JpegFiles> files;
  std::vector<PictureSize> sizes;  // as they are shown
  std::vector<std::string> notes;  // which files of a folder were left out, and why
  std::string what;                // "500x375", or the folder's name: what no figure may be shown without
  /// The first one, made small enough for a report; nothing for files of a folder, which are not ours to
  /// show.
  std::shared_ptr<const std::vector<std::uint8_t>> shown;
};
/// Seeded scenes of one size, a few different ones again and again.
ImageSet made_images(std::int64_t count, PictureSize size, std::uint64_t seed);
/// The same without files.
ImageSet sizes_alone(std::int64_t count, PictureSize size);
/// The decodable files of a folder, again from the first where they are fewer. Error(bad_input) where none
/// is.
ImageSet images_of_folder(const std::string& folder, std::int64_t count);

/// One case: a model, a number format, a load.
struct VisionCase {
  VisionModel model;
  DType dtype = DType::f32;
  VisionLoad load;
  ImageSet images;  // to size: the sizes alone; no file is made or decoded
  std::uint64_t seed = 1;
};

Plan vision_plan(const VisionCase& one, const std::string& name);  // vision_plan.cpp

}  // namespace assay
