// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace assay::test {

/// Calls `act`, which must throw an Error(bad_input) with a hint, and returns its message.
template <typename Act>
std::string bad_input(Act&& act) {
  try {
    act();
  } catch (const Error& e) {
    EXPECT_EQ(e.code, ExitCode::bad_input);
    EXPECT_FALSE(e.hint.empty()) << "no hint: " << e.what();
    // Messages are one line, and never the words of a library's exception.
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << e.what();
    EXPECT_EQ(std::string(e.what()).find("json.exception"), std::string::npos) << e.what();
    return std::string(e.what()) + " | " + e.hint;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

#define ASSAY_EXPECT_HAS(text, part) \
  EXPECT_NE((text).find(part), std::string::npos) << "\"" << (part) << "\" is not in: " << (text)

}  // namespace assay::test
