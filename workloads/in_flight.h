// SPDX-License-Identifier: Apache-2.0
// A field that every /load has.
#pragma once

#include <cstdint>

#include "base/json_fields.h"

namespace assay {

template <class Visitor>
void describe_in_flight(Visitor& v, std::int64_t& in_flight) {
  v.field("in_flight", in_flight,
          {.doc = "batches processed at once, each on a lane of its own: a GPU stream, or a share of the "
                  "CPU's cores",
           .min = 1,
           .max = 64,
           .sweep = true});
}

}  // namespace assay
