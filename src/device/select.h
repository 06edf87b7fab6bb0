// SPDX-License-Identifier: Apache-2.0
// Which devices a list of selectors means, over any set of backends. Opens nothing.
#pragma once

#include <string>
#include <vector>

#include "device/backend.h"

namespace assay {

struct SelectedDevice {
  const Backend* backend = nullptr;
  int index = 0;   // into backend->find()
  std::string id;  // "cuda:0"
};

/// `auto` (also for no selectors at all): every device of the accelerators' backends, or the CPU's where
/// there is none. `all`: the CPU and every accelerator. A backend's name: all of its devices. `name:N`: one
/// of them. Each device once, in the order asked for. Error(bad_input) for an unknown selector,
/// Error(device_failed) for a device that is not there.
std::vector<SelectedDevice> select_devices(const Backends& backends,
                                           const std::vector<std::string>& selectors);

}  // namespace assay
