// SPDX-License-Identifier: Apache-2.0
// Coefficients to samples of the picture's own size.
#pragma once

#include "kernels/jpeg_decode/reference_frame.h"

namespace assay::jpeg_reference {

/// The inverse cosine transform of dequantised coefficients [v][u], level shift and clamp included (T.81,
/// A.3.3).
std::array<double, 64> samples_of(const Block& block, const std::array<int, 64>& steps);

struct Plane {
  std::int64_t height = 0, width = 0;
  std::vector<double> samples;
  double at(std::int64_t y, std::int64_t x) const { return samples[static_cast<std::size_t>(y * width + x)]; }
};
/// A component's samples that are meant.
Plane plane_of(Component& component);

/// Drawn out to the picture's size. A component of half the samples in a direction is taken to lie between
/// pairs of pixels, and each pixel is 3/4 of the nearer sample and 1/4 of the next one (the first and last
/// pixels: of theirs alone); this is libjpeg's "fancy upsampling" (libjpeg.txt, do_fancy_upsampling;
/// usage.txt, -nosmooth). Other ratios, and components of at most two columns, repeat samples.
Plane drawn_out(const Frame& frame, const Component& component, const Plane& plane);

}  // namespace assay::jpeg_reference
