// SPDX-License-Identifier: Apache-2.0
// GPUs as their makers describe them: what `assay inspect --device NAME` and the CUDA backend's datasheet
// ceilings come from. Dense rates only; a figure that could not be checked is left out, never guessed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>

#include "base/dtype.h"

namespace assay {

struct CatalogueDevice {
  std::string_view name;     // "H100-SXM"; what --device takes
  std::string_view pattern;  // found in the name the driver reports: "H100 80GB HBM3"
  int multiprocessors;       // tells boards of one name apart; 0: not known
  double memory_gb;          // decimal, as sold
  // Dense, in 1e12 FLOP/s; 0: the device has none, or the figure could not be checked.
  double f32, tf32, half, fp8;  // half: f16 and bf16 with f32 accumulation
  double gb_per_s;              // device memory
  std::string_view source;
  /// Each way between host and device where both are one module; 0: PCI Express, which is as wide as the
  /// slot; below 0: not PCI Express, and the figure could not be checked.
  double host_gb_per_s = 0;
  double int8 = 0;  // dense, in 1e12 operations/s; as above

  std::optional<double> flops_per_s(DType dtype) const;
  std::optional<double> bytes_per_s() const;
  std::optional<double> host_link_bytes_per_s() const;
  std::int64_t memory_bytes() const { return static_cast<std::int64_t>(memory_gb * 1e9); }
};

std::span<const CatalogueDevice> catalogue();

/// By catalogue name, any case; Error(bad_input) lists the known ones.
const CatalogueDevice& find_catalogue_device(std::string_view name);

/// By what the driver calls the board; null where it is not in the catalogue.
const CatalogueDevice* catalogue_device_of(std::string_view driver_name, int multiprocessors);

}  // namespace assay
