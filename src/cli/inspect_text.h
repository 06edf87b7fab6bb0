// SPDX-License-Identifier: Apache-2.0
// What `assay inspect` prints, of plain data.
#pragma once

#include <span>
#include <string>

#include "inspect/inspect.h"

namespace assay {

/// The models with what all their cases share, then the cases on the devices: memory, and speed at best.
std::string answers_text(std::span<const Answer> answers);

/// The operations of every stage of a case.
std::string operations_text(const Inspection& found);

}  // namespace assay
