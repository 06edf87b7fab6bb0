// SPDX-License-Identifier: Apache-2.0
// The ways to write a customer's document.
#pragma once

#include "reports/customer/customer.h"

namespace assay {

/// A document, with what it was made of.
struct MadeDocument {
  const CustomerInput& input;
  Document document;
};

using DocumentFormat = Format<MadeDocument>;
std::span<const DocumentFormat> document_formats();
const DocumentFormat& find_document_format(std::string_view name);  // Error(bad_input) lists the known ones

}  // namespace assay
