// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reports/report.h"

namespace assay {

/// Writes FOLDER/STEM.EXTENSION and the files that it refers to; returns its path.
std::filesystem::path write_report(const Report& report, const std::filesystem::path& folder,
                                   const std::string& stem, std::string_view extension);

/// Writes FOLDER/STEM.<extension> for each format, with the files they refer to. Returns the reports' paths.
std::vector<std::filesystem::path> write_reports(std::vector<Result> results,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem);

}  // namespace assay
