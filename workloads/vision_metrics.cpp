// SPDX-License-Identifier: Apache-2.0
#include "workloads/vision_metrics.h"

#include <cmath>

#include "workloads/product_flops.h"

namespace assay {
namespace {

void add_window_metrics(Plan& plan, double images) {
  plan.metrics.push_back(
      {.name = "sustained_images_per_s",
       .of = std::string(kWindowSeries),
       .unit = "images/s",
       .definition =
           "Images of all batches in flight, from files in the host's memory to answers, divided by the "
           "time in which as many batches end as are in flight: decoding one batch while another is on "
           "the device.",
       .amount = static_cast<double>(plan.in_flight) * images});
}

}  // namespace

void add_vision_metrics(Plan& plan, const VisionCase& one) {
  const auto images = static_cast<double>(one.load.batch);
  const std::string pass(kPassSeries), network = stage_series("network"), decode = stage_series("decode");
  const std::string way =
      "From JPEG files in the host's memory to classes or boxes of a batch: decode, upload, "
      "preprocessing, network, postprocessing, one after the other. No reading of files and no "
      "queueing. ";
  plan.metrics = {{.name = "batch_latency_s", .of = pass, .unit = "s", .definition = way + "The median."},
                  {.name = "batch_latency_p90_s",
                   .of = pass,
                   .unit = "s",
                   .definition = way + "The 90th percentile.",
                   .stat = Stat::p90},
                  {.name = "batch_latency_p99_s",
                   .of = pass,
                   .unit = "s",
                   .definition = way + "The 99th percentile.",
                   .stat = Stat::p99},
                  {.name = "network_latency_s",
                   .of = network,
                   .unit = "s",
                   .definition = "The network alone, on a batch that is preprocessed and in device memory."}};
  if (plan.in_flight > 1) return add_window_metrics(plan, images);
  const Stage& stage = *plan.stages().at(*plan.find_stage("network"));
  const double network_bytes = stage.cost().memory().both();
  plan.metrics.insert(
      plan.metrics.end(),
      {{.name = "images_per_s",
        .of = pass,
        .unit = "images/s",
        .definition =
            "Images of a batch divided by its time from files to answers, one batch after the other.",
        .amount = images},
       {.name = "network_images_per_s",
        .of = network,
        .unit = "images/s",
        .definition = "Images of a batch divided by the time of the network alone: what published figures of "
                      "networks are.",
        .amount = images},
       {.name = "decoded_images_per_s",
        .of = decode,
        .unit = "images/s",
        .definition = "Images of a batch divided by the time in which the host's cores decode their files.",
        .amount = images},
       {.name = "network_flop_utilisation",
        .of = network,
        .unit = "1",
        .definition =
            "FLOPs of the network's convolutions, matrix products and attention (a multiply-add is 2; taps "
            "on padding, which published counts have, are no work, nor is what Winograd's algorithm saves), "
            "divided by its time and by the device's peak for this number format, probed beside it.",
        .amount = product_flops(stage),
        .share = one.dtype},
       {.name = "network_bandwidth_utilisation",
        .of = network,
        .unit = "1",
        .definition =
            "Bytes that the network must move in device memory (weights once, activations out and in), "
            "divided by its time and by the device's peak memory bandwidth, probed beside it.",
        .amount = network_bytes,
        .share = Path::memory}});
}

void add_vision_facts(Plan& plan, const VisionCase& one, const NetworkEmitter& network) {
  const double images = static_cast<double>(one.load.batch);
  const auto bytes = static_cast<double>(one.images.files->bytes.size());
  double pixels = 0;
  for (const PictureSize& size : one.images.sizes) pixels += static_cast<double>(size.pixels());
  plan.facts.insert(
      plan.facts.begin(),
      {{"architecture", one.model.architecture, "", "The model's class."},
       {"parameters", network.parameters(), "1",
        "Elements of all weights, with gain and shift of each batch normalisation, which are folded into the "
        "convolution before it."},
       {"active_parameters", network.parameters(), "1", "Parameters that one image uses: all of them."},
       {"multiply_adds_per_image", static_cast<std::int64_t>(std::llround(network.multiply_adds() / images)),
        "1",
        "Of convolutions, matrix products and attention; every tap of a convolution counts, those on padding "
        "too."},
       {"network_input", one.model.image, "pixels", "Side of the square that the network sees."},
       {"image", one.images.what, "",
        "The JPEG files: width x height of those that are made, or their folder."},
       {"file_bytes_per_image", bytes / images, "B", "Mean size of a JPEG file."},
       {"bits_per_pixel", 8 * bytes / pixels, "1",
        "Of the files: photographs of quality 85 have 1.5 to 2.5."},
       {"pixels_per_image", pixels / images, "1", "Mean pixels of an image as decoded."}});
  plan.conditions = {"image"};
  plan.notes.insert(plan.notes.end(), one.images.notes.begin(), one.images.notes.end());
}

}  // namespace assay
