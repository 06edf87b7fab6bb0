// SPDX-License-Identifier: Apache-2.0
#include "device/catalogue.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::string_view kHopper = "NVIDIA H100 / H200 datasheets, dense";
constexpr std::string_view kAmpere = "NVIDIA A100 datasheet, dense";
constexpr std::string_view kAda = "NVIDIA L4 / L40S datasheets, dense";
constexpr std::string_view kBlackwell = "NVIDIA Blackwell datasheets, dense";

// GB/s each way: half of the 900 that the GH200 datasheet gives for both ways of NVLink-C2C together. Those
// of Blackwell give a figure for a module of two GPUs, which does not say what one may use.
constexpr double kGraceHopperLink = 450;

// Each half rate is multiprocessors x FLOP per clock x boost clock, within 0.2 %. Zeros: not in the datasheet
// read.
// clang-format off: columns are read downwards
constexpr std::array kDevices = {
    //               name            pattern             SMs   GB    f32   tf32   half    fp8    GB/s
    CatalogueDevice{"A10", "A10", 72, 24, 31.2, 0.0, 125.0, 0.0, 600, "NVIDIA A10 datasheet, dense", 0, 250},
    CatalogueDevice{"A100-40-SXM", "A100-SXM4-40GB", 108, 40, 19.5, 156.0, 312.0, 0.0, 1555, kAmpere, 0, 624},
    CatalogueDevice{"A100-40-PCIe", "A100-PCIE-40GB", 108, 40, 19.5, 156.0, 312.0, 0.0, 1555, kAmpere, 0,
                    624},
    CatalogueDevice{"A100-80-SXM", "A100-SXM4-80GB", 108, 80, 19.5, 156.0, 312.0, 0.0, 2039, kAmpere, 0, 624},
    CatalogueDevice{"A100-80-PCIe", "A100 80GB PCIe", 108, 80, 19.5, 156.0, 312.0, 0.0, 1935, kAmpere, 0,
                    624},
    CatalogueDevice{"L4", "NVIDIA L4", 0, 24, 0.0, 0.0, 121.0, 242.0, 300, kAda, 0, 242},
    CatalogueDevice{"L40S", "L40S", 0, 48, 91.6, 183.0, 362.0, 733.0, 864, kAda, 0, 733},
    CatalogueDevice{"H100-SXM", "H100 80GB HBM3", 132, 80, 67.0, 494.7, 989.4, 1978.9, 3352, kHopper, 0,
                    1978.9},
    CatalogueDevice{"H100-PCIe", "H100 PCIe", 114, 80, 51.0, 378.0, 756.0, 1513.0, 2000, kHopper, 0, 1513},
    CatalogueDevice{"H200-SXM", "NVIDIA H200", 132, 141, 67.0, 494.7, 989.4, 1978.9, 4800, kHopper, 0,
                    1978.9},
    CatalogueDevice{"GH200-96", "GH200 480GB", 132, 96, 67.0, 494.7, 989.4, 1978.9, 4000, kHopper,
                    kGraceHopperLink, 1978.9},
    CatalogueDevice{"H100-NVL", "NVIDIA H100 NVL", 0, 94, 0.0, 0.0, 0.0, 0.0, 3938, kHopper},
    CatalogueDevice{"H200-NVL", "NVIDIA H200 NVL", 132, 141, 0.0, 0.0, 0.0, 0.0, 4800, kHopper},
    CatalogueDevice{"B200-SXM", "NVIDIA B200", 0, 180, 0.0, 1125.0, 2250.0, 4500.0, 8000, kBlackwell, 0,
                    4500},
    CatalogueDevice{"GB200", "GB200", 0, 186, 0.0, 1250.0, 2500.0, 5000.0, 8000, kBlackwell, -1, 5000},
    CatalogueDevice{"GB300", "GB300", 0, 288, 80.0, 1250.0, 2500.0, 5000.0, 8000, kBlackwell, -1},
    CatalogueDevice{"RTX-PRO-6000", "RTX PRO 6000 Blackwell Server Edition", 188, 96, 0.0, 0.0, 467.8, 935.6,
                    0, kBlackwell},
    CatalogueDevice{"RTX4090", "GeForce RTX 4090", 128, 24, 0.0, 0.0, 0.0, 0.0, 1008,
                    "NVIDIA RTX 4090 specification"},
    CatalogueDevice{"RTX5090", "GeForce RTX 5090", 170, 32, 0.0, 0.0, 0.0, 0.0, 1792,
                    "NVIDIA RTX 5090 specification"},
};
// clang-format on

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::optional<double> scaled(double value, double unit) {
  return value > 0 ? std::optional(value * unit) : std::nullopt;
}

}  // namespace

std::optional<double> CatalogueDevice::flops_per_s(DType dtype) const {
  switch (dtype) {
    case DType::f32: return scaled(f32, 1e12);
    case DType::tf32: return scaled(tf32, 1e12);
    case DType::f16:
    case DType::bf16: return scaled(half, 1e12);
    case DType::f8e4m3: return scaled(fp8, 1e12);
    case DType::i8: return scaled(int8, 1e12);
    case DType::i32:
    case DType::u8: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> CatalogueDevice::bytes_per_s() const {
  return scaled(gb_per_s, 1e9);
}

std::optional<double> CatalogueDevice::host_link_bytes_per_s() const {
  return scaled(host_gb_per_s, 1e9);
}

std::span<const CatalogueDevice> catalogue() {
  return kDevices;
}

const CatalogueDevice& find_catalogue_device(std::string_view name) {
  std::vector<std::string> known, alike;
  const CatalogueDevice* one = nullptr;
  for (const CatalogueDevice& device : kDevices) {
    if (lower(device.name) == lower(name)) return device;
    known.emplace_back(device.name);
    if (name.empty() || lower(device.name).find(lower(name)) == std::string::npos) continue;
    alike.emplace_back(device.name);
    one = &device;
  }
  if (alike.size() == 1) return *one;
  throw Error(ExitCode::bad_input,
              "--device: \"" + std::string(name) + "\" is " +
                  (alike.empty() ? "not in the catalogue" : "several devices of the catalogue"),
              alike.empty() ? "known devices: " + join(known, ", ") : "one of " + join(alike, ", "));
}

const CatalogueDevice* catalogue_device_of(std::string_view driver_name, int multiprocessors) {
  const CatalogueDevice* best =
      nullptr;  // the longest pattern: "A100" would match what "A100-SXM4-80GB" means
  for (const CatalogueDevice& device : kDevices) {
    const std::size_t at = driver_name.find(device.pattern);
    if (at == std::string_view::npos) continue;
    const std::size_t end = at + device.pattern.size();
    if (end < driver_name.size() && std::isalnum(static_cast<unsigned char>(driver_name[end])))
      continue;  // A10 in A100
    if (device.multiprocessors != 0 && device.multiprocessors != multiprocessors) continue;
    if (best == nullptr || device.pattern.size() > best->pattern.size()) best = &device;
  }
  return best;
}

}  // namespace assay
