// SPDX-License-Identifier: Apache-2.0
// HTML as a PDF: a Chromium that is here prints it, as it would for a person, without anything from the
// network.
#pragma once

#include <filesystem>
#include <string>

namespace assay {

/// The program that ASSAY_CHROMIUM names, else the first in PATH of the names that a Chromium goes by.
/// Error(bad_input) where there is none.
std::filesystem::path find_chromium();

/// Prints to `pdf`, which is replaced only by a whole one. Error(device_failed) where Chromium fails, says
/// nothing for ASSAY_CHROMIUM_SECONDS (default 300), or leaves something else; Error(interrupted). Needs
/// catch_interrupts().
void print_pdf(const std::string& html, const std::filesystem::path& pdf);

}  // namespace assay
