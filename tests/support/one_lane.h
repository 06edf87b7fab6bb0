// SPDX-License-Identifier: Apache-2.0
// A lane that has a device to itself, and the sites of a device that feeds itself.
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

}  // namespace assay
