// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "result/result.h"

namespace assay {

/// Removes what identifies a machine or a customer: host name and user wherever they stand, every path
/// (config, command lines, messages), serial numbers and bus addresses of devices. Figures and names of
/// devices and cases stay.
void redact(Result& result);

}  // namespace assay
