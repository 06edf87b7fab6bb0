# SPDX-License-Identifier: Apache-2.0
# System packages first; where one is missing, its source at a pinned tag (the versions of Debian 13, which are tested
# together). scripts/setup installs the packages on Debian and Ubuntu, so that a build there fetches no source.
include(FetchContent)
include(AssayDependency)

find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)

# In the cache, since projects that ask for an old CMake do not heed plain variables.
foreach(part HWY_ENABLE_TESTS HWY_ENABLE_EXAMPLES DNNL_BUILD_TESTS DNNL_BUILD_EXAMPLES ONEDNN_BUILD_GRAPH
    BENCHMARK_ENABLE_TESTING INSTALL_GTEST)
  set(${part} OFF CACHE INTERNAL "")
endforeach()

assay_dependency(fmt 9 99 fmtlib/fmt 10.1.1)
assay_dependency(nlohmann_json 3.10 4 nlohmann/json v3.11.3)
assay_dependency(CLI11 2.1 3 CLIUtils/CLI11 v2.4.1)
assay_dependency(hwy 1.0.3 2 google/highway 1.2.0)
assay_dependency(dnnl 2.6 4 oneapi-src/oneDNN v3.7.2)  # what differs from 2.x to 3.x: src/device/cpu/onednn.h
if(NOT TARGET DNNL::dnnl)  # in its own build the target has no namespace
  add_library(DNNL::dnnl ALIAS dnnl)
endif()
include(AssayJpeg)  # libjpeg-turbo 2.1 to below 4: JPEG::JPEG
include(AssayLibmd)  # libmd 1.0 to below 2: libmd::libmd
assay_dependency(benchmark 1.7 2 google/benchmark v1.9.1)
if(ASSAY_TESTS)
  assay_dependency(GTest 1.12 2 google/googletest v1.16.0)
endif()

# Debian 12's highway exports no usable target; the library and header are enough.
if(NOT TARGET hwy)
  find_library(HWY_LIBRARY hwy REQUIRED)
  add_library(hwy INTERFACE)
  target_link_libraries(hwy INTERFACE ${HWY_LIBRARY})
endif()
find_path(MUSTACHE_INCLUDE kainjow/mustache.hpp)
if(NOT MUSTACHE_INCLUDE)
  # One header: its own CMakeLists.txt, which there is none of in that folder, asks for a CMake that is gone.
  FetchContent_Declare(mustache GIT_REPOSITORY https://github.com/kainjow/Mustache.git GIT_TAG v4.1 GIT_SHALLOW ON
    SOURCE_SUBDIR none)
  FetchContent_MakeAvailable(mustache)
  file(COPY ${mustache_SOURCE_DIR}/mustache.hpp DESTINATION ${PROJECT_BINARY_DIR}/_mustache/kainjow)
  set(MUSTACHE_INCLUDE ${PROJECT_BINARY_DIR}/_mustache CACHE PATH "" FORCE)
endif()
