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

/// Each way.
Ceiling host_link(const CatalogueDevice* board, const std::optional<PcieLink>& link) {
  if (board != nullptr && board->host_gb_per_s != 0)
    return ceiling_of(board->host_link_bytes_per_s(), board->source);
  if (!link) return {};
  return ceiling_of(link->bytes_per_s(), "PCI Express " + std::to_string(link->generation) + ".0 x" +
                                             std::to_string(link->lanes) + ", each way");
}

}  // namespace

Peaks datasheet_peaks(std::string_view name, int multiprocessors, const std::optional<PcieLink>& link) {
  constexpr std::string_view kPartition =
      " MIG ";  // "NVIDIA B200 MIG 1g.23gb" is a slice of what the sheet describes
  if (name.find(kPartition) != std::string_view::npos) return {};
  const CatalogueDevice* board = catalogue_device_of(name, multiprocessors);
  Peaks peaks;
  const Ceiling host = host_link(board, link);
  peaks.set_host_link(host, host);
  if (board == nullptr) return peaks;
  for (const DType dtype : all_dtypes())
    if (is_floating(dtype)) peaks.flops_per_s[dtype] = ceiling_of(board->flops_per_s(dtype), board->source);
  peaks.bytes_per_s[Path::memory] = ceiling_of(board->bytes_per_s(), board->source);
  return peaks;
}

}  // namespace assay
