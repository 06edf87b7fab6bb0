// SPDX-License-Identifier: Apache-2.0
// A backend is one value: its name, the devices it finds here, and its table of kernels. The CPU's is linked
// in; CUDA's is a shared library opened on demand, whose one exported function returns it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "device/device.h"
#include "plan/kernel.h"

namespace assay {

struct LibraryInUse {
  std::string name;           // "cuBLASLt"
  std::string version, path;  // empty where unknown
  std::string reason;         // why it cannot be used; empty where it can
};

struct Backend {
  std::string_view name;              // "cpu", "cuda"
  std::string (*version)();           // "CUDA 13.0, sm_80 sm_90 sm_120"
  std::vector<DeviceInfo> (*find)();  // devices present; Error(device_failed) says what was looked for
  std::unique_ptr<Device> (*open)(int index);  // index into find()
  KernelTable kernels;
  std::vector<LibraryInUse> (*libraries)();  // of others, that its kernels call
};

const Backend& cpu_backend();  // src/device/cpu

/// The backends of this process, and why others are not there.
struct Backends {
  std::vector<const Backend*> present;
  struct Missing {
    std::string name, reason;  // "cuda", "libassay_cuda.so: cannot open shared object file"
  };
  std::vector<Missing> missing;
};
/// Opens the CUDA library beside the program (or in ../lib) unless ASSAY_BACKENDS=cpu. Never throws.
const Backends& backends();

/// A lane to make kernels on, and the kernels there are for it.
struct Site {
  Lane* lane = nullptr;
  KernelTable kernels;
};

/// The two places of a plan: a lane of the device under test, and one of the CPU that feeds it, both of one
/// thread. On the CPU device they are the same.
struct Sites {
  Site device, host;

  bool same() const { return device.lane == host.lane; }
  const Site& at(Place place) const { return place == Place::host ? host : device; }
  /// Where work of that place is done: the device where it feeds itself.
  Place place(Place place) const { return same() ? Place::device : place; }
};

/// A device by its id, opened, with its backend's kernels.
struct OpenDevice {
  std::unique_ptr<Device> device;
  KernelTable kernels;
};
/// `selector`: auto, cpu, cuda, cuda:N, all. `auto` is every CUDA device, or the CPU where there is none.
/// Error(device_failed) where one is asked for that is not there, naming what was looked for.
std::vector<OpenDevice> open_devices(const std::vector<std::string>& selectors);

}  // namespace assay
