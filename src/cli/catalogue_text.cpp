// SPDX-License-Identifier: Apache-2.0
#include "cli/catalogue_text.h"

#include "base/units.h"
#include "cli/columns.h"
#include "device/catalogue.h"

namespace assay {

std::string catalogue_text() {
  Columns table;
  table.add("device", Columns::Side::left);
  for (const char* heading : {"memory", "f32", "tf32", "f16, bf16", "fp8", "int8", "bandwidth", "host link"})
    table.add(heading);
  table.add("source", Columns::Side::left);
  for (const CatalogueDevice& device : catalogue()) {
    const auto rate = [&](DType dtype) { return quantity_text(device.flops_per_s(dtype), "FLOP/s"); };
    table.row({std::string(device.name), si_text(static_cast<double>(device.memory_bytes()), "B"),
               rate(DType::f32), rate(DType::tf32), rate(DType::bf16), rate(DType::f8e4m3), rate(DType::i8),
               quantity_text(device.bytes_per_s(), "B/s"),
               quantity_text(device.host_link_bytes_per_s(), "B/s"), std::string(device.source)});
  }
  return table.text();
}

Json catalogue_json() {
  Json all = Json::array();
  for (const CatalogueDevice& device : catalogue()) {
    const auto rate = [&](DType dtype) { return JsonWriter::write(device.flops_per_s(dtype)); };
    all.push_back({{"device", std::string(device.name)},
                   {"memory_bytes", device.memory_bytes()},
                   {"f32_flops_per_s", rate(DType::f32)},
                   {"tf32_flops_per_s", rate(DType::tf32)},
                   {"bf16_flops_per_s", rate(DType::bf16)},
                   {"fp8_flops_per_s", rate(DType::f8e4m3)},
                   {"int8_ops_per_s", rate(DType::i8)},
                   {"bytes_per_s", JsonWriter::write(device.bytes_per_s())},
                   {"host_link_bytes_per_s", JsonWriter::write(device.host_link_bytes_per_s())},
                   {"source", std::string(device.source)}});
  }
  return all;
}

}  // namespace assay
