// SPDX-License-Identifier: Apache-2.0
// The first CUDA device, for tests that only a real one can pass. Where there is none they are skipped, with
// what was looked for.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "device/backend.h"

namespace assay::test {

class Gpu : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      gpu_ = std::move(open_devices({"cuda:0"}).at(0));
      lane_ = gpu_.device->lane({});
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }
  Device& device() { return *gpu_.device; }
  Lane& lane() { return *lane_; }

  OpenDevice gpu_;
  std::unique_ptr<Lane> lane_;
};

}  // namespace assay::test
