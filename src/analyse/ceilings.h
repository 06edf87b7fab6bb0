// SPDX-License-Identifier: Apache-2.0
// What the ops of a case are set beside: the peaks of its device as sold, and as measured.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/roofline.h"
#include "result/result.h"

namespace assay {

struct CaseCeiling {
  std::string peak;                           // a path's name, or a dtype's
  std::optional<double> datasheet, measured;  // bytes/s or FLOP/s
  bool beside = false;  // measured beside the blocks of the case; else before and after all cases
  std::string why;      // not empty: it moved too far to be a yardstick, so that shares of it are withheld

  std::string unit() const { return std::string(peak_unit(peak)); }
};

/// The probes beside the case's blocks where there were some. Else the better of those before and after all
/// cases: a machine that slowed down meanwhile does not flatter its ops.
CaseCeiling ceiling_of(const CaseResult& one, const DeviceResult& device, std::string_view peak);
/// Of memory, of other paths that its ops' bytes take, and of the dtypes of its ops.
std::vector<CaseCeiling> ceilings_of(const CaseResult& one, const DeviceResult& device);

/// One call of an op under the ceilings of its case.
struct Roof {
  Roof(const OpResult& op, const CaseResult& one, const DeviceResult& device);

  std::map<Bound, CaseCeiling> ceilings;  // compute, and the paths that its bytes take
  LeastTime measured, sold;

  /// Whether the peak that binds moved too far to be a yardstick.
  bool moved() const;
};

/// Bytes of an op or a stage in the device's memory.
double memory_bytes(const BytesByPath& bytes);

}  // namespace assay
