// SPDX-License-Identifier: Apache-2.0
#include "device/catalogue.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace assay::catalogue_tests {
namespace {

std::string refusal(std::string_view name) {
  try {
    return "found " + std::string(find_catalogue_device(name).name);
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint;
  }
}

TEST(Catalogue, FindsADeviceByItsNameOrByAPartThatOnlyItHas) {
  EXPECT_EQ(find_catalogue_device("H100-SXM").name, "H100-SXM");
  EXPECT_EQ(find_catalogue_device("h100-sxm").name, "H100-SXM");
  EXPECT_EQ(find_catalogue_device("4090").name, "RTX4090");
  EXPECT_EQ(find_catalogue_device("L4").name, "L4") << "a whole name is no part of another";
}

TEST(Catalogue, ListsTheKindsOfWhatSeveralAreCalled) {
  EXPECT_EQ(refusal("H100"),
            "--device: \"H100\" is several devices of the catalogue | one of H100-SXM, H100-PCIe, H100-NVL");
}

TEST(Catalogue, ListsAllWhereNoneIsCalledSo) {
  for (const char* name : {"", "RX 7900"}) {
    EXPECT_NE(refusal(name).find("is not in the catalogue | known devices: A10, "), std::string::npos)
        << refusal(name);
  }
}

}  // namespace
}  // namespace assay::catalogue_tests
