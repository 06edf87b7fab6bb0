// SPDX-License-Identifier: Apache-2.0
// A lane that has a device to itself, and the sites of a device that feeds itself, or that the CPU feeds.
#pragma once

#include <memory>
#include <utility>

#include "device/backend.h"

namespace assay {

struct OneLaneOf {
  explicit OneLaneOf(const OpenDevice& open)
      : lane(open.device->lane({})), sites{{lane.get(), open.kernels}, {lane.get(), open.kernels}} {}
  std::unique_ptr<Lane> lane;
  Sites sites;
};

/// The host is a CPU, with its kernels; where the device is one, it is the same.
struct FedLaneOf {
  explicit FedLaneOf(const OpenDevice& open)
      : lane(open.device->lane({})), sites{{lane.get(), open.kernels}, {lane.get(), open.kernels}} {
    if (open.device->info().kind == "cpu") return;
    cpu = cpu_backend().open(0);
    host = cpu->lane({});
    sites.host = {host.get(), cpu_backend().kernels};
  }
  std::unique_ptr<Lane> lane;
  std::unique_ptr<Device> cpu;
  std::unique_ptr<Lane> host;  // before its device
  Sites sites;
};

}  // namespace assay
