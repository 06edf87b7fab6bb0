// SPDX-License-Identifier: Apache-2.0
#include "cli/write_reports.h"

#include "base/files.h"
#include "reports/report.h"

namespace assay {

std::vector<std::filesystem::path> write_reports(std::vector<Result> results,
                                                 const std::vector<std::string>& formats,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem) {
  const ReportInput input = report_input(std::move(results));
  std::vector<std::filesystem::path> written;
  for (const std::string& name : formats) {
    const ReportFormat& format = find_report(name);
    const Report report = format.render(input);
    for (const Attachment& attachment : report.attachments) {
      const std::filesystem::path path = folder / attachment.path;
      make_folder(path.parent_path());
      write_file_atomically(path, attachment.text);
    }
    written.push_back(folder / (stem + "." + std::string(format.extension)));
    write_file_atomically(written.back(), report.text);
  }
  return written;
}

}  // namespace assay
