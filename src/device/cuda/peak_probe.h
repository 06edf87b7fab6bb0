// SPDX-License-Identifier: Apache-2.0
// Probes of what the GPU reaches now: memory, by reading far more than the cache holds; arithmetic, by a
// large matmul on random data. Each is of one size a device, so that all its figures may be compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "device/device.h"

namespace assay {

class CudaDevice;

/// What a device's probes are made of; the matmuls are found when first asked for.
struct ProbeSizes {
  // With random eviction and c caches' bytes read in turns, a share h = exp(-c (1 - h)) of reads still hits:
  // 0.03 % at 8.
  std::int64_t read_caches = 8;
  std::int64_t read_at_least = std::int64_t{256} << 20;  // bytes
  // Of what is read at random the cache holds its own share: a thirty-second.
  std::int64_t random_caches = 32;
  std::int64_t random_at_least = std::int64_t{1} << 30;  // bytes
  std::int64_t link_bytes = std::int64_t{64} << 20;      // copied between host and device
  std::vector<std::int64_t> edges = {8192, 4096, 2048};  // of square matmuls; f32 takes half

  struct Product {
    std::int64_t edge = 0;  // 0: the device has none of this type, or had no room
    std::size_t algorithm = 0;
  };
  std::map<DType, Product> products = {};  // the fastest of them
};

/// Without what the device has no room for.
std::unique_ptr<PeakProbe> make_cuda_peak_probe(CudaDevice& device, std::span<const DType> dtypes);

}  // namespace assay
