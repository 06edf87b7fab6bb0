// SPDX-License-Identifier: Apache-2.0
// cmake/AssayDependency.cmake beside an installed package of our own, which says of itself what fmt does:
// that it serves requests of its own major version alone.
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "support/program.h"

namespace {

using namespace assay::test;

/// What configuring says where libthing 2 to below 4 is asked for, and this version is installed.
Said configure(const std::string& installed) {
  const TemporaryFolder folder;
  folder.write("libthing-config.cmake", "");
  folder.write("libthing-config-version.cmake",
               "set(PACKAGE_VERSION " + installed +
                   ")\n"
                   "string(REGEX MATCH \"^[0-9]+\" major ${PACKAGE_VERSION})\n"
                   "if(major EQUAL PACKAGE_FIND_VERSION_MAJOR)\n"
                   "  set(PACKAGE_VERSION_COMPATIBLE TRUE)\n"
                   "endif()\n");
  folder.write("CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.25)\n"
               "project(asks NONE)\n"
               "include(FetchContent)\n"
               "include(${SOURCE}/cmake/AssayDependency.cmake)\n"
               "assay_dependency(libthing 2 4 nobody/libthing v3.1)\n");
  const std::string here = folder.path().string();
  Said said = run_program("GIT_ALLOW_PROTOCOL=none cmake -G Ninja -S " + here + " -B " + here +
                          "/build -DSOURCE=" ASSAY_SOURCE_DIR " -Dlibthing_DIR=" + here);
  said.err = std::regex_replace(said.err, std::regex("\\s+"), " ");  // CMake breaks lines anywhere
  return said;
}

TEST(Dependency, TakesEachMajorVersionWithinItsBounds) {
  for (const char* version : {"2.0", "2.9.1", "3.7.2"}) {
    const Said said = configure(version);
    EXPECT_EQ(said.exit_code, 0) << version << said.err;
  }
}

TEST(Dependency, RefusesWhatIsTooOldOrTooNewAndSaysWhatWouldBeRight) {
  for (const char* version : {"1.9", "4.0"}) {
    const Said said = configure(version);
    EXPECT_NE(said.exit_code, 0) << version;
    for (const char* word :
         {version, "at least 2", "below 4", "v3.1", "-DCMAKE_DISABLE_FIND_PACKAGE_libthing=ON"})
      EXPECT_NE(said.err.find(word), std::string::npos) << word << " in " << said.err;
  }
}

}  // namespace
