// SPDX-License-Identifier: Apache-2.0
#include "base/library_search.h"
#include "device/backend.h"
#include "device/cpu/cpu_device.h"
#include "device/cpu/isa.h"
#include "device/cpu/onednn.h"

namespace assay {

const Backend& cpu_backend() {
  static const Backend backend{
      .name = "cpu",
      .version = [] { return "oneDNN " + onednn_version() + ", " + text_of(detect_isa()); },
      .find = [] { return std::vector<DeviceInfo>{describe_cpu()}; },
      .open = [](int) -> std::unique_ptr<Device> { return std::make_unique<CpuDevice>(); },
      .kernels = cpu_kernels(),
      .libraries =
          [] {
            return std::vector<LibraryInUse>{
                {.name = "oneDNN",
                 .version = onednn_version(),
                 .path = library_of(reinterpret_cast<const void*>(&dnnl_version)),
                 .reason = ""}};
          }};
  return backend;
}

}  // namespace assay
