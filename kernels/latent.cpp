// SPDX-License-Identifier: Apache-2.0
#include "kernels/latent.h"

namespace assay {

std::string text_of(const LatentHeads& h) {
  return std::to_string(h.heads) + "x(" + std::to_string(h.plain) + "+" + std::to_string(h.rotary) + ")/" +
         std::to_string(h.value) + " of " + std::to_string(h.rank);
}

}  // namespace assay
