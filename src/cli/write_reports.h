// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/output_folder.h"
#include "reports/report.h"

namespace assay {

/// Writes FOLDER/STEM.EXTENSION and the files that it refers to; returns its path.
std::filesystem::path write_report(const Report& report, const std::filesystem::path& folder,
                                   const std::string& stem, std::string_view extension);

/// What --format names; where it names none, Markdown and HTML.
std::vector<std::string> reports_of(const std::vector<std::string>& formats);

/// A result file, or the folder of a run: the files in it that are read.
void add_result(Inputs& inputs, const std::filesystem::path& result);

/// Error(bad_input) where write_reports() would write over an input.
void check_reports(const Inputs& inputs, const std::vector<std::string>& formats,
                   const std::filesystem::path& folder, const std::string& stem, const std::string& hint);

/// What a report says of the file that holds a result: a result file, or the folder of a run that has one.
DataFile data_file(const Result& result, const std::filesystem::path& path);

/// Writes FOLDER/STEM.<extension> for each format, with the files they refer to. Returns the reports' paths.
std::vector<std::filesystem::path> write_reports(const ReportInput& input,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem);

}  // namespace assay
