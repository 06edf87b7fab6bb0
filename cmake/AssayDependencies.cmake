# SPDX-License-Identifier: Apache-2.0
# System packages first; where one is missing, its source at a pinned tag. scripts/setup installs the packages on
# Debian and Ubuntu, so that a build there needs no network.
include(FetchContent)

find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)

set(HWY_ENABLE_TESTS OFF)
set(HWY_ENABLE_EXAMPLES OFF)
set(DNNL_BUILD_TESTS OFF)
set(DNNL_BUILD_EXAMPLES OFF)
set(BENCHMARK_ENABLE_TESTING OFF)
set(INSTALL_GTEST OFF)

macro(assay_dependency name repository tag)
  FetchContent_Declare(${name} GIT_REPOSITORY https://github.com/${repository}.git GIT_TAG ${tag}
    GIT_SHALLOW ON FIND_PACKAGE_ARGS ${ARGN})
  FetchContent_MakeAvailable(${name})
endmacro()

assay_dependency(fmt fmtlib/fmt 9.1.0 9)
assay_dependency(nlohmann_json nlohmann/json v3.11.2 3.10)
assay_dependency(CLI11 CLIUtils/CLI11 v2.1.2 2.1)
assay_dependency(hwy google/highway 1.0.3 1.0.3)
assay_dependency(dnnl oneapi-src/oneDNN v2.6.3 2.6)  # 2.x: the 3.x interface differs
assay_dependency(benchmark google/benchmark v1.7.1 1.7)
if(ASSAY_TESTS)
  assay_dependency(GTest google/googletest release-1.12.1 1.12)
endif()

# Debian's highway exports no usable target; the library and header are enough.
if(NOT TARGET hwy)
  find_library(HWY_LIBRARY hwy REQUIRED)
  add_library(hwy INTERFACE)
  target_link_libraries(hwy INTERFACE ${HWY_LIBRARY})
endif()
find_path(MUSTACHE_INCLUDE kainjow/mustache.hpp)
if(NOT MUSTACHE_INCLUDE)
  FetchContent_Declare(mustache GIT_REPOSITORY https://github.com/kainjow/Mustache.git GIT_TAG v4.1 GIT_SHALLOW ON)
  FetchContent_MakeAvailable(mustache)
  file(COPY ${mustache_SOURCE_DIR}/mustache.hpp DESTINATION ${PROJECT_BINARY_DIR}/_mustache/kainjow)
  set(MUSTACHE_INCLUDE ${PROJECT_BINARY_DIR}/_mustache CACHE PATH "" FORCE)
endif()
