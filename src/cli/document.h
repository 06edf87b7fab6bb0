// SPDX-License-Identifier: Apache-2.0
// `assay report --template NAME|FILE`: documents for customers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/output_folder.h"
#include "cli/context.h"
#include "reports/customer/customer.h"

namespace assay {

struct DocumentJob {
  std::string made_by;  // --template: a name of ours, a house style (.json), or a Mustache template
  std::filesystem::path about, prices;
  std::vector<std::string> overrides;  // of the former
  std::vector<std::string> formats;    // none: Markdown and HTML
};

/// The report with what --about and --set say of it, evaluated.
CustomerInput document_input(const DocumentJob& job, ReportInput report);

/// Error(bad_input) where the job can be seen to fail before results are read.
void check_document(const DocumentJob& job);

/// Writes OUT/NAME.<extension> for each format; returns their paths.
std::vector<std::filesystem::path> write_document(const DocumentJob& job, const CustomerInput& input,
                                                  const Inputs& inputs, const std::filesystem::path& out,
                                                  Context& context);

}  // namespace assay
