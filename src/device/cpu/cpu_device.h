// SPDX-License-Identifier: Apache-2.0
// The CPU of this machine as a device: all the cores that this process may use, through OpenMP. The thread
// that opens it is the first of the team that uses them all (its probes, and a lane that is alone), and is
// bound to its core until the device is gone.
#pragma once

#include <memory>

#include "device/cpu/probe.h"
#include "device/cpu/telemetry.h"
#include "device/cpu/threads.h"
#include "device/device.h"
#include "device/machine.h"

namespace assay {

/// The kernels of kernels/cpu_table.cpp.
KernelTable cpu_kernels();

/// Gathers what info() says. Changes nothing.
DeviceInfo describe_cpu();
/// Threads that measurements use: OMP_NUM_THREADS where it is set, else one a physical core that the affinity
/// mask and the control group's quota leave.
int choose_threads();

class CpuDevice final : public Device {
 public:
  CpuDevice();

  const DeviceInfo& info() const override { return info_; }
  std::int64_t free_bytes() override;
  std::unique_ptr<Memory> allocate(std::int64_t bytes) override;
  std::unique_ptr<Lane> lane(LaneShare share) override;
  Peaks measure_peaks(std::span<const DType> dtypes) override;
  std::unique_ptr<PeakProbe> peak_probe(std::span<const DType> dtypes) override;
  SpeedMeter* speed_meter() override { return &speed_; }
  std::optional<std::int64_t> used_bytes() override { return read_resident_bytes(); }
  void renew() override;
  void start_telemetry() override { telemetry_.start(); }
  void pause_telemetry() override { telemetry_.pause(); }
  void resume_telemetry() override { telemetry_.resume(); }
  std::optional<Telemetry> stop_telemetry() override { return telemetry_.stop(); }

 private:
  DeviceInfo info_;
  BoundCaller bound_;
  CpuTelemetry telemetry_;
  CpuSpeedMeter speed_;
};

}  // namespace assay
