// SPDX-License-Identifier: Apache-2.0
#include <dnnl.h>

#include "device/backend.h"
#include "device/cpu/cpu_device.h"
#include "device/cpu/isa.h"

namespace assay {

const Backend& cpu_backend() {
  static const Backend backend{
      .name = "cpu",
      .version =
          [] {
            const dnnl_version_t* const dnnl = dnnl_version();
            return "oneDNN " + std::to_string(dnnl->major) + "." + std::to_string(dnnl->minor) + "." +
                   std::to_string(dnnl->patch) + ", " + text_of(detect_isa());
          },
      .find = [] { return std::vector<DeviceInfo>{describe_cpu()}; },
      .open = [](int) -> std::unique_ptr<Device> { return std::make_unique<CpuDevice>(); },
      .kernels = cpu_kernels()};
  return backend;
}

}  // namespace assay
