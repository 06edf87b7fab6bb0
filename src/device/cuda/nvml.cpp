// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/nvml.h"

#include <dlfcn.h>

#include <array>
#include <limits>
#include <string_view>

namespace assay {
namespace {

// The few declarations of nvml.h that are needed, so that neither building nor starting needs the library.
using Status = int;  // nvmlReturn_t; 0 is success
using DeviceHandle = void*;
constexpr unsigned kClockSm = 1;         // NVML_CLOCK_SM
constexpr unsigned kTemperatureGpu = 0;  // NVML_TEMPERATURE_GPU
constexpr unsigned kVersionLength = 80;  // NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE
struct ProcessInfo {                     // nvmlProcessInfo_v2_t
  unsigned process;
  unsigned long long bytes;  // all ones: not known
  unsigned gpu_instance, compute_instance;
};

struct Reason {
  std::uint64_t bit;  // nvmlClocksEventReason*
  std::string_view name;
};
constexpr std::array kReasons = {
    Reason{0x02, "application clocks setting"}, Reason{0x04, "software power cap"},
    Reason{0x08, "hardware slowdown"},          Reason{0x10, "sync boost"},
    Reason{0x20, "software thermal slowdown"},  Reason{0x40, "hardware thermal slowdown"},
    Reason{0x80, "hardware power brake"},       Reason{0x100, "display clock setting"},
};

}  // namespace

struct Nvml::Functions {
  Functions() : library(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    load(init, "nvmlInit_v2");
    load(shutdown, "nvmlShutdown");
    load(by_bus_id, "nvmlDeviceGetHandleByPciBusId_v2");
    load(driver_version, "nvmlSystemGetDriverVersion");
    load(power_mw, "nvmlDeviceGetPowerUsage");
    load(power_limit_mw, "nvmlDeviceGetEnforcedPowerLimit");
    load(energy_mj, "nvmlDeviceGetTotalEnergyConsumption");
    load(clock_mhz, "nvmlDeviceGetClockInfo");
    load(temperature, "nvmlDeviceGetTemperature");
    load(clock_limits, "nvmlDeviceGetCurrentClocksEventReasons");
    if (clock_limits == nullptr)
      load(clock_limits, "nvmlDeviceGetCurrentClocksThrottleReasons");  // before 535
    load(link_generation, "nvmlDeviceGetMaxPcieLinkGeneration");        // now it may be at rest, and slower
    load(link_lanes, "nvmlDeviceGetMaxPcieLinkWidth");
    load(processes, "nvmlDeviceGetComputeRunningProcesses_v3");
    ready = init != nullptr && shutdown != nullptr && by_bus_id != nullptr && init() == 0;
  }
  ~Functions() {
    if (ready) shutdown();
    if (library != nullptr) dlclose(library);
  }
  Functions(const Functions&) = delete;
  Functions& operator=(const Functions&) = delete;

  template <typename F>
  void load(F*& function, const char* symbol) {
    function = library == nullptr ? nullptr : reinterpret_cast<F*>(dlsym(library, symbol));
  }

  void* library;
  bool ready = false;
  Status (*init)();
  Status (*shutdown)();
  Status (*by_bus_id)(const char*, DeviceHandle*);
  Status (*driver_version)(char*, unsigned);
  Status (*power_mw)(DeviceHandle, unsigned*);
  Status (*power_limit_mw)(DeviceHandle, unsigned*);
  Status (*energy_mj)(DeviceHandle, unsigned long long*);
  Status (*clock_mhz)(DeviceHandle, unsigned, unsigned*);
  Status (*temperature)(DeviceHandle, unsigned, unsigned*);
  Status (*clock_limits)(DeviceHandle, unsigned long long*);
  Status (*link_generation)(DeviceHandle, unsigned*);
  Status (*link_lanes)(DeviceHandle, unsigned*);
  Status (*processes)(DeviceHandle, unsigned*, ProcessInfo*);
};

Nvml::Nvml(const std::string& pci_bus_id) : functions_(std::make_unique<Functions>()) {
  if (functions_->ready && functions_->by_bus_id(pci_bus_id.c_str(), &device_) != 0) device_ = nullptr;
}
Nvml::~Nvml() = default;

std::optional<std::string> Nvml::driver_version() const {
  std::array<char, kVersionLength> text{};
  if (!functions_->ready || functions_->driver_version == nullptr) return std::nullopt;
  if (functions_->driver_version(text.data(), kVersionLength) != 0) return std::nullopt;
  return std::string(text.data());
}

std::optional<double> Nvml::power_w() const {
  unsigned milliwatts = 0;
  if (!present() || functions_->power_mw == nullptr) return std::nullopt;
  if (functions_->power_mw(device_, &milliwatts) != 0) return std::nullopt;
  return milliwatts * 1e-3;
}

std::optional<double> Nvml::power_limit_w() const {
  unsigned milliwatts = 0;
  if (!present() || functions_->power_limit_mw == nullptr) return std::nullopt;
  if (functions_->power_limit_mw(device_, &milliwatts) != 0) return std::nullopt;
  return milliwatts * 1e-3;
}

std::optional<double> Nvml::energy_j() const {
  unsigned long long millijoules = 0;
  if (!present() || functions_->energy_mj == nullptr) return std::nullopt;
  if (functions_->energy_mj(device_, &millijoules) != 0) return std::nullopt;
  return static_cast<double>(millijoules) * 1e-3;
}

std::optional<double> Nvml::sm_clock_mhz() const {
  unsigned megahertz = 0;
  if (!present() || functions_->clock_mhz == nullptr) return std::nullopt;
  if (functions_->clock_mhz(device_, kClockSm, &megahertz) != 0) return std::nullopt;
  return megahertz;
}

std::optional<double> Nvml::temperature_c() const {
  unsigned degrees = 0;
  if (!present() || functions_->temperature == nullptr) return std::nullopt;
  if (functions_->temperature(device_, kTemperatureGpu, &degrees) != 0) return std::nullopt;
  return degrees;
}

std::optional<std::uint64_t> Nvml::clock_limit_bits() const {
  unsigned long long bits = 0;
  if (!present() || functions_->clock_limits == nullptr) return std::nullopt;
  if (functions_->clock_limits(device_, &bits) != 0) return std::nullopt;
  return bits;
}

std::optional<PcieLink> Nvml::pcie_link() const {
  unsigned generation = 0, lanes = 0;
  if (!present() || functions_->link_generation == nullptr || functions_->link_lanes == nullptr)
    return std::nullopt;
  if (functions_->link_generation(device_, &generation) != 0) return std::nullopt;
  if (functions_->link_lanes(device_, &lanes) != 0) return std::nullopt;
  if (generation == 0 || lanes == 0) return std::nullopt;
  return PcieLink{.generation = static_cast<int>(generation), .lanes = static_cast<int>(lanes)};
}

// PCI Express Base Specification: a lane's transfers a second, each a bit, of which the line code leaves a
// share: 8 of 10 bits in the first two generations, 128 of 130 until the fifth, and of the sixth's 256-byte
// flits 236 bytes of packets.
std::optional<double> PcieLink::bytes_per_s() const {
  struct Generation {
    double transfers_per_s, of_code;
  };
  constexpr std::array kGenerations = {Generation{2.5e9, 8.0 / 10},   Generation{5e9, 8.0 / 10},
                                       Generation{8e9, 128.0 / 130},  Generation{16e9, 128.0 / 130},
                                       Generation{32e9, 128.0 / 130}, Generation{64e9, 236.0 / 256}};
  if (generation < 1 || generation > static_cast<int>(kGenerations.size())) return std::nullopt;
  const auto [transfers_per_s, of_code] = kGenerations[static_cast<std::size_t>(generation - 1)];
  return lanes * transfers_per_s * of_code / 8;
}

std::optional<std::int64_t> Nvml::process_bytes(unsigned process) const {
  std::array<ProcessInfo, 128> found{};
  auto count = static_cast<unsigned>(found.size());
  if (!present() || functions_->processes == nullptr) return std::nullopt;
  if (functions_->processes(device_, &count, found.data()) != 0) return std::nullopt;
  for (unsigned i = 0; i < count; ++i)
    if (found[i].process == process && found[i].bytes <= std::numeric_limits<std::int64_t>::max())
      return static_cast<std::int64_t>(found[i].bytes);
  return std::nullopt;
}

std::vector<std::string> clock_limit_names(std::uint64_t bits) {
  std::vector<std::string> names;
  for (const Reason& reason : kReasons)
    if ((bits & reason.bit) != 0) names.emplace_back(reason.name);
  return names;
}

}  // namespace assay
