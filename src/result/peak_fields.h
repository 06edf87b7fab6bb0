// SPDX-License-Identifier: Apache-2.0
// The keys of a device's peaks in a result file.
#pragma once

#include <map>
#include <type_traits>

#include "base/json_fields.h"
#include "result/device_info.h"

namespace assay {

/// Visitors that change what they are shown: of a value that describe() only makes for them, it has to be
/// kept.
template <class Visitor>
inline constexpr bool kChangesFields = std::is_same_v<Visitor, JsonReader> || requires {
  requires Visitor::kChanges;
};

template <class Visitor>
void describe(Visitor& v, Ceiling& c) {
  v.field("datasheet", c.datasheet, {.doc = "as sold; dense"});
  v.field("measured", c.measured, {.doc = "reached by a probe on this machine"});
  v.field("source", c.source, {.doc = "of the datasheet figure"});
}

template <class Visitor>
void describe(Visitor& v, Peaks& p) {
  v.field("flops_per_s", p.flops_per_s, {.doc = "by dtype"});
  Ceiling memory = p.of(Path::memory);
  std::map<Path, Ceiling> others = p.bytes_per_s;
  others.erase(Path::memory);
  v.field("bytes_per_s", memory, {.doc = "of device memory"});
  v.field("path_bytes_per_s", others, {.doc = "of other paths; host_link: the faster of both ways"});
  if constexpr (kChangesFields<Visitor>) {
    p.bytes_per_s = others;
    if (memory.datasheet || memory.measured || !memory.source.empty()) p.bytes_per_s[Path::memory] = memory;
  }
  v.field("to_device_bytes_per_s", p.to_device_bytes_per_s, {.doc = "from the host's memory"});
  v.field("from_device_bytes_per_s", p.from_device_bytes_per_s, {.doc = "to the host's memory"});
  v.field("random_read_bytes_per_s", p.random_read_bytes_per_s,
          {.doc = "by the bytes of a row, read at random places of far more memory than the caches hold"});
  v.field("launch_s", p.launch_s, {.doc = "the shortest useful launch"});
}

}  // namespace assay
