// SPDX-License-Identifier: Apache-2.0
// The driver's management library, opened at run time: its absence costs figures, never a run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay {

/// Of the generation and the number of lanes that board and slot have in common.
struct PcieLink {
  int generation = 0, lanes = 0;
  /// Each way, after the line code; packets' headers still count. Nothing for a generation not known here.
  std::optional<double> bytes_per_s() const;
};

/// One GPU as NVML sees it. Every answer is empty where the library or the board does not give it.
class Nvml {
 public:
  /// `pci_bus_id` as CUDA prints it: NVML's own numbering ignores CUDA_VISIBLE_DEVICES.
  explicit Nvml(const std::string& pci_bus_id);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool present() const { return device_ != nullptr; }
  std::optional<std::string> driver_version() const;
  std::optional<double> power_w() const;
  std::optional<double> power_limit_w() const;
  std::optional<double> energy_j() const;  // since the driver was loaded
  std::optional<double> sm_clock_mhz() const;
  std::optional<double> temperature_c() const;
  std::optional<std::uint64_t> clock_limit_bits() const;  // what holds the clocks down now
  std::optional<PcieLink> pcie_link() const;
  /// Bytes of this GPU's memory that a process of compute work holds, CUDA's context included.
  std::optional<std::int64_t> process_bytes(unsigned process) const;

 private:
  struct Functions;
  std::unique_ptr<Functions> functions_;
  void* device_ = nullptr;
};

/// The names of the reasons in `bits`. Idleness is none.
std::vector<std::string> clock_limit_names(std::uint64_t bits);

}  // namespace assay
