// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/datasheet.h"

#include <string>

#include "device/catalogue.h"

namespace assay {
namespace {

Ceiling ceiling_of(std::optional<double> value, std::string_view source) {
  if (!value) return {};
  return {.datasheet = value, .measured = {}, .source = std::string(source)};
}

}  // namespace

Peaks datasheet_peaks(std::string_view name, int multiprocessors) {
  constexpr std::string_view kPartition =
      " MIG ";  // "NVIDIA B200 MIG 1g.23gb" is a slice of what the sheet describes
  if (name.find(kPartition) != std::string_view::npos) return {};
  const CatalogueDevice* board = catalogue_device_of(name, multiprocessors);
  if (board == nullptr) return {};
  Peaks peaks;
  for (const DType dtype : all_dtypes())
    if (is_floating(dtype)) peaks.flops_per_s[dtype] = ceiling_of(board->flops_per_s(dtype), board->source);
  peaks.bytes_per_s = ceiling_of(board->bytes_per_s(), board->source);
  return peaks;
}

}  // namespace assay
