// SPDX-License-Identifier: Apache-2.0
// A 3x3 convolution of stride 1 as F(4x4, 3x3) walks it, the same for every vector extension: tiles of 4x4
// outputs, counted through all pictures, each made from 6x6 pixels of x. Winograd's minimal filtering after
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016, arXiv:1509.09308), 4.3.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/cpu/direct_cpu.h"
#include "kernels/elements_cpu.h"

namespace assay::cpu {

struct WinogradConv {
  static constexpr std::int64_t kOut = 4, kIn = 6;    // pixels a side of a tile
  static constexpr std::int64_t kPoints = kIn * kIn;  // products of a tile, a channel and a filter
  /// Of the direct way's multiplications. Transforms, and outputs of a tile beside y, are no work that
  /// counts.
  static constexpr double kShareOfProducts = 36.0 / 144;
  /// The points are 0, A, -A, B, -B and infinity. Of the roundings at the points an output has, in the worst
  /// of its 16 places, sqrt(sum over points of A^T^2 x |B^T row|^2 x |G row|^2 / 3) times what a direct sum
  /// has, a direction: squared, 7.5 here and 31 for the usual 1 and 2. All their powers are exact in f32.
  static constexpr float kA = 11.0f / 16, kB = 3.0f / 2;
  static constexpr std::int64_t kWidest = DirectConv::kWidest;  // filters of the widest pair of vectors
  /// Of a task, at most: enough that weights, which come from beyond L2 once a task, need not be waited for;
  /// few enough that what a task keeps of narrow layers stays there.
  static constexpr std::int64_t kTaskTiles = 36;

  static constexpr std::int64_t kPartChannels = 64;  // summed over all tiles before the next

  explicit WinogradConv(const Conv2d& op)
      : p(op.p),
        out_h(op.out_height()),
        out_w(op.out_width()),
        down((out_h + kOut - 1) / kOut),
        across((out_w + kOut - 1) / kOut),
        tiles(p.batch * down * across),
        channel_stride(round_up(p.channels, kWidest / 2)),
        parts((p.channels + kPartChannels - 1) / kPartChannels) {}

  /// A run of tiles and of filter blocks.
  struct Task {
    std::int64_t first_tile, end_tile, first_block, end_block;
  };
  struct Tile {
    std::int64_t picture, row, column;  // of its first output
  };

  Conv2d::Params p;
  std::int64_t out_h, out_w;
  std::int64_t down, across;    // tiles of a picture
  std::int64_t tiles;           // of all pictures
  std::int64_t channel_stride;  // floats from one tile's transformed pixels to the next's
  std::int64_t parts;           // of the channels

  Tile tile(std::int64_t index) const {
    return {index / across / down, index / across % down * kOut, index % across * kOut};
  }
  std::int64_t packed_floats() const { return kPoints * round_up(p.filters, kWidest) * p.channels; }
  /// Floats of a task of so many tiles (and blocks of filters): from a point to the next. A line more than
  /// they fill, since those of one place at all points are touched together, and would share a set of the
  /// cache.
  std::int64_t pixel_stride(std::int64_t tiles_of_task) const {
    return tiles_of_task * channel_stride + kLine;
  }
  static std::int64_t product_stride(std::int64_t tiles_of_task, std::int64_t filters) {
    return tiles_of_task * filters + kLine;
  }

 private:
  static constexpr std::int64_t kLine = Scratch::kLine / 4;
};

}  // namespace assay::cpu
