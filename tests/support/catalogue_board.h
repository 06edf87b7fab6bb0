// SPDX-License-Identifier: Apache-2.0
// A board of the catalogue that there is not, with numbers that can be reckoned with.
#pragma once

#include "device/catalogue.h"

namespace assay {

/// Rates in TFLOP/s, and 1 GB/s, so that every test op is bound by its bytes.
constexpr CatalogueDevice board_of(double memory_gb, double f32) {
  return {.name = "Board",
          .pattern = "Board",
          .multiprocessors = 0,
          .memory_gb = memory_gb,
          .f32 = f32,
          .tf32 = 0,
          .half = 0,
          .fp8 = 0,
          .gb_per_s = 1,
          .source = "made up"};
}

}  // namespace assay
