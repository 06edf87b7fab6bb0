// SPDX-License-Identifier: Apache-2.0
#include "cli/write_reports.h"

#include <algorithm>
#include <limits>

#include "base/files.h"
#include "base/sha256.h"
#include "cli/context.h"
#include "cli/print_pdf.h"
#include "result/case_log.h"

namespace assay {

std::filesystem::path write_report(const Report& report, const std::filesystem::path& folder,
                                   const std::string& stem, std::string_view extension) {
  for (const Attachment& attachment : report.attachments) {
    const std::filesystem::path path = folder / attachment.path;
    make_folder(path.parent_path());
    write_file_atomically(path, attachment.text);
  }
  std::filesystem::path path = folder / (stem + "." + std::string(extension));
  write_file_atomically(path, report.text);
  return path;
}

std::vector<std::string> reports_of(const std::vector<std::string>& formats) {
  return formats.empty() ? std::vector<std::string>{"markdown", "html"} : formats;
}

void add_result(Inputs& inputs, const std::filesystem::path& result) {
  inputs.add(result);
  for (const std::filesystem::path& file : result_files(result)) inputs.add(file);
}

void check_reports(const Inputs& inputs, const std::vector<std::string>& formats,
                   const std::filesystem::path& folder, const std::string& stem, const std::string& hint) {
  for (const std::string& name : formats) {
    const ReportFormat& format = find_report(name);
    inputs.check(folder / (stem + "." + std::string(format.extension)), hint);
    if (format.printed) find_chromium();
  }
}

DataFile data_file(const Result& result, const std::filesystem::path& path) {
  const std::filesystem::path file = std::filesystem::is_directory(path) ? path / "result.json" : path;
  const std::string name = shown_name(result);
  DataFile data{.label = name.empty() ? file.filename().string() : name, .sha256 = {}};
  if (std::filesystem::is_regular_file(file))  // what came through a pipe cannot be read again
    data.sha256 = sha256_hex(read_file(file, std::numeric_limits<std::int64_t>::max()));
  return data;
}

std::vector<std::filesystem::path> write_reports(const ReportInput& input,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem) {
  std::vector<std::filesystem::path> written;
  for (const std::string& name : formats) {
    const ReportFormat& format = find_report(name);
    if (!format.printed)
      written.push_back(write_report(format.render(input), folder, stem, format.extension));
  }
  return written;
}

std::vector<std::filesystem::path> print_reports(const ReportInput& input,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder, const std::string& stem,
                                                 Context& context) {
  std::vector<std::filesystem::path> printed;
  if (std::ranges::none_of(formats, [](const auto& name) { return find_report(name).printed; }))
    return printed;
  for (const std::string& name : formats) {
    const ReportFormat& format = find_report(name);
    if (!format.printed) continue;
    const auto path = print_report(format.render(input), folder, stem, format.extension, context);
    if (path) printed.push_back(*path);
  }
  return printed;
}

std::optional<std::filesystem::path> print_report(const Report& html, const std::filesystem::path& folder,
                                                  const std::string& stem, std::string_view extension,
                                                  Context& context) {
  std::filesystem::path path = folder / (stem + "." + std::string(extension));
  if (interrupted()) {
    context.note(path.string() + " is not printed: interrupted");
    return std::nullopt;
  }
  catch_interrupts();
  try {
    print_pdf(html.text, path);
    return path;
  } catch (const Error& error) {
    context.error(error);
    if (context.exit_code == ExitCode::ok) context.exit_code = error.code;
    return std::nullopt;
  }
}

}  // namespace assay
