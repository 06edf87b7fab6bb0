// SPDX-License-Identifier: Apache-2.0
// What a report is worth, and what it is of: the line that stands first in each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyse/summary.h"

namespace assay {

/// draft: not yet what it is to be; whoever knows why may read it.
enum class Standing : std::uint8_t { valid, draft, invalid };
std::span<const std::string_view> enum_names(Standing);

/// A result file, by what it holds: whoever has the file can tell whether a report is of it.
struct DataFile {
  std::string label;   // of its result, in words
  std::string sha256;  // of its bytes, 64 digits; empty: not known
};

struct Status {
  Standing standing = Standing::invalid;
  std::vector<std::string> why;       // parts of a sentence, gravest first; empty where it is valid
  std::vector<std::string> machines;  // each once: "AMD EPYC 9354 with 2 NVIDIA L4"
  std::string first_day, last_day;    // "2026-01-01"; empty: not known
  std::vector<std::string> versions;  // of the program, each once: "0.1.0 (8af964427cf6)"
  std::vector<DataFile> data;
};

/// `data` is told by who has the files.
Status status_of(const Summary& summary, std::span<const Result> results, std::span<const DataFile> data);
Json to_json(const Status& status);

}  // namespace assay
