// SPDX-License-Identifier: Apache-2.0
// A gate's verdict and a calibration for people and for CI systems: pure functions, no arithmetic.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gate/calibration.h"
#include "gate/gate.h"
#include "reports/document.h"

namespace assay {

/// `most_rows`: of the table of what passed, which is folded beyond it; what failed is always there.
Document verdict_document(const GateVerdict& verdict, std::size_t most_rows = 200);

/// For a pull request: the document in Markdown, at most GitHub's 65,536 characters of a comment.
std::string pull_request_markdown(const GateVerdict& verdict);

/// JUnit's XML, as Jenkins and GitLab read it: a test case an entry; what cannot be told is an error, so that
/// no reader takes it for a pass.
std::string junit_xml(const GateVerdict& verdict);

/// GitHub's workflow commands, a line each: ::error, ::warning, ::notice.
std::string github_annotations(const GateVerdict& verdict);

/// For a terminal: a line a limit that does not hold, and the sum.
std::string verdict_text(const GateVerdict& verdict);

Document calibration_document(const Calibration& calibration);
Document plan_document(std::span<const Planned> plans, double loss);

}  // namespace assay
