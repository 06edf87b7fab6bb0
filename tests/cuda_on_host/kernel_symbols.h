// SPDX-License-Identifier: Apache-2.0
// What this program's own symbol table says about a kernel: its name, and its __shared__ variables, which are
// static variables here. Kernels are local symbols as a rule, so dladdr() does not know them.
#pragma once

#include <string>
#include <vector>

#include "block.h"

namespace assay::host {

struct KernelSymbols {
  std::string name;  // "assay::(anonymous namespace)::argmax_rows<float>(...)"
  std::vector<Grid::Variable> shared;
};
const KernelSymbols& symbols_of(const void* function);

}  // namespace assay::host
