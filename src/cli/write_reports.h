// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/output_folder.h"
#include "reports/report.h"

namespace assay {

struct Context;

/// Writes FOLDER/STEM.EXTENSION and the files that it refers to; returns its path.
std::filesystem::path write_report(const Report& report, const std::filesystem::path& folder,
                                   const std::string& stem, std::string_view extension);

/// What --format names; where it names none, Markdown and HTML.
std::vector<std::string> reports_of(const std::vector<std::string>& formats);

/// A result file, or the folder of a run: the files in it that are read.
void add_result(Inputs& inputs, const std::filesystem::path& result);

/// Error(bad_input) where a report would be written over an input, or needs a program that is not here.
void check_reports(const Inputs& inputs, const std::vector<std::string>& formats,
                   const std::filesystem::path& folder, const std::string& stem, const std::string& hint);

/// What a report says of the file that holds a result: a result file, or the folder of a run that has one.
DataFile data_file(const Result& result, const std::filesystem::path& path);

/// Writes FOLDER/STEM.<extension> for each format, with the files they refer to, but for what print_reports()
/// prints. Returns the reports' paths.
std::vector<std::filesystem::path> write_reports(const ReportInput& input,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem);

/// What a program prints of them, and may fail to: comes when all else is written and said. Where it fails
/// that is said, and is the exit code where all else was fine. Returns the paths.
std::vector<std::filesystem::path> print_reports(const ReportInput& input,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder, const std::string& stem,
                                                 Context& context);
/// The same of one report. Empty where it failed.
std::optional<std::filesystem::path> print_report(const Report& html, const std::filesystem::path& folder,
                                                  const std::string& stem, std::string_view extension,
                                                  Context& context);

}  // namespace assay
